'use strict';

// The package managers of the install tests. Each works in a project with its own home folder and cache.
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');

const { npm } = require('../../../scripts/tools.js');

const MODULES = path.join(__dirname, 'node_modules');
const PRETEND = path.join(__dirname, 'pretend.js');
const call = promisify(execFile);
const script = (...parts) => [process.execPath, path.join(MODULES, ...parts)];
const BUN = path.join(MODULES, '@oven', `bun-${process.platform}-${process.arch === 'arm64' ? 'aarch64' : process.arch}`, 'bin', 'bun');

/**
 * `files`: the configuration; `install` and `locked`: the arguments that install, without and with a frozen lock file;
 * `without`: the flag that leaves out optional dependencies, if there is one; `noScripts`: the flag that runs no scripts;
 * `pretend`: the flags that install for another platform, if there are any; `node`: the command that runs Node in a project;
 * `fetchesAll`: fetches the packages of all platforms, and chooses afterwards.
 */
const MANAGERS = {
  npm: {
    command: [npm],
    files: (url) => ({ '.npmrc': `registry=${url}\nupdate-notifier=false\naudit=false\nfund=false\n` }),
    install: ['install'],
    locked: ['ci'],
    without: '--omit=optional',
    noScripts: '--ignore-scripts',
  },
  pnpm: {
    command: script('pnpm', 'bin', 'pnpm.mjs'),
    files: (url) => ({ '.npmrc': `registry=${url}\n` }),
    install: ['install', '--no-frozen-lockfile', '--store-dir', 'home/store'],
    locked: ['install', '--frozen-lockfile', '--store-dir', 'home/store'],
    without: '--no-optional',
    noScripts: '--ignore-scripts',
    // pnpm runs as a native executable, into which `pretend.js` cannot be loaded.
    pretend: (platform, cpu) => [`--os=${platform}`, `--cpu=${cpu}`],
  },
  'yarn 1': {
    command: script('yarn', 'bin', 'yarn.js'),
    files: (url) => ({ '.yarnrc': `registry "${url}"\n` }),
    install: ['install', '--no-progress'],
    locked: ['install', '--no-progress', '--frozen-lockfile'],
    without: '--ignore-optional',
    noScripts: '--ignore-scripts',
    fetchesAll: true,
  },
  'yarn 4': {
    command: script('@yarnpkg', 'cli-dist', 'bin', 'yarn.js'),
    files: (url) => ({
      'yarn.lock': '',
      '.yarnrc.yml': `npmRegistryServer: "${url}"\nunsafeHttpWhitelist: ["127.0.0.1"]\nenableTelemetry: false\nenableGlobalCache: false\n`,
    }),
    install: ['install', '--no-immutable'],
    locked: ['install', '--immutable'],
    noScripts: '--mode=skip-build',
    node: [...script('@yarnpkg', 'cli-dist', 'bin', 'yarn.js'), 'node'],
  },
  bun: {
    command: [BUN],
    files: (url) => ({ 'bunfig.toml': `[install]\nregistry = "${url}"\n` }),
    install: ['install'],
    locked: ['install', '--frozen-lockfile'],
    without: '--omit=optional',
    noScripts: '--ignore-scripts',
    pretend: (platform, cpu) => [`--os=${platform}`, `--cpu=${cpu}`],
  },
};

/** A project that depends on the package and is installed by one of these managers. */
class Project {
  /** @param {Record<string, string>} [others] further dependencies */
  constructor(name, url, version, others = {}) {
    this.manager = MANAGERS[name];
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-native-install-'));
    fs.mkdirSync(path.join(this.folder, 'home'));
    const files = { ...this.manager.files(url), 'package.json': JSON.stringify({ private: true, dependencies: { 'openrouter-native': version, ...others } }) };
    for (const [file, text] of Object.entries(files)) fs.writeFileSync(path.join(this.folder, file), text);
  }

  install(...flags) {
    return this.run([...this.manager.command, ...this.manager.install, ...flags]);
  }

  installLocked(...flags) {
    return this.run([...this.manager.command, ...this.manager.locked, ...flags]);
  }

  /** Installs as if on another platform, and then keeps only the lock file, as a repository does. */
  async lockElsewhere(platform, cpu) {
    const flags = this.manager.pretend?.(platform, cpu) ?? [];
    const env = flags.length > 0 ? {} : { NODE_OPTIONS: `--require ${PRETEND}`, PRETEND: `${platform}-${cpu}` };
    await this.run([...this.manager.command, ...this.manager.install, ...flags], env);
    this.empty();
  }

  /** Removes the installed files. */
  empty() {
    for (const name of ['node_modules', '.pnp.cjs', '.yarn']) fs.rmSync(path.join(this.folder, name), { recursive: true, force: true });
  }

  /** Runs Node in this project. */
  node(...args) {
    return this.run([...(this.manager.node ?? [process.execPath]), ...args]);
  }

  /** Runs a command and returns its output; throws with its output if it fails. */
  async run([command, ...args], env = {}) {
    const home = path.join(this.folder, 'home');
    // Drop the variables that the package manager which runs the tests sets for its children.
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|yarn_|pnpm_|bun_|NODE_OPTIONS$|CI$|OPENROUTER_)/i.test(name)));
    const own = { HOME: home, USERPROFILE: home, XDG_CACHE_HOME: home, XDG_DATA_HOME: home, npm_config_cache: path.join(home, 'npm'), YARN_CACHE_FOLDER: path.join(home, 'yarn') };
    try {
      const { stdout, stderr } = await call(command, args, { cwd: this.folder, env: { ...inherited, ...own, ...env }, maxBuffer: 2 ** 26 });
      return stdout + stderr;
    } catch (error) {
      throw new Error(`${command} ${args.join(' ')} failed: ${error.stdout}${error.stderr}`, { cause: error });
    }
  }

  remove() {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

module.exports.MANAGERS = MANAGERS;
module.exports.Project = Project;
