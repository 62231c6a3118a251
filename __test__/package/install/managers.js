'use strict';

// The package managers that the install tests try, each in a folder, with a home and a cache of its own.
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
 * `files`: its configuration; `install` and `locked`: what installs, and what installs just what the lock file says;
 * `without`: leaves optional dependencies out, where that can be asked for; `pretend`: installs for another platform, where
 * that can be; `node`: starts Node in its project; `fetchesAll`: and chooses afterwards.
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
    // A program of its own, which cannot be told that it runs elsewhere.
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

/** A project that wants the package, to be installed by one of them. */
class Project {
  constructor(name, url, version) {
    this.manager = MANAGERS[name];
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-native-install-'));
    fs.mkdirSync(path.join(this.folder, 'home'));
    const files = { ...this.manager.files(url), 'package.json': JSON.stringify({ private: true, dependencies: { 'openrouter-native': version } }) };
    for (const [file, text] of Object.entries(files)) fs.writeFileSync(path.join(this.folder, file), text);
  }

  install(...flags) {
    return this.run([...this.manager.command, ...this.manager.install, ...flags]);
  }

  installLocked(...flags) {
    return this.run([...this.manager.command, ...this.manager.locked, ...flags]);
  }

  /** Installs as it would on another platform, then leaves of it only the lock file, as a repository does. */
  async lockElsewhere(platform, cpu) {
    const flags = this.manager.pretend?.(platform, cpu) ?? [];
    const env = flags.length > 0 ? {} : { NODE_OPTIONS: `--require ${PRETEND}`, PRETEND: `${platform}-${cpu}` };
    await this.run([...this.manager.command, ...this.manager.install, ...flags], env);
    this.empty();
  }

  /** Takes out what was installed. */
  empty() {
    for (const name of ['node_modules', '.pnp.cjs', '.yarn']) fs.rmSync(path.join(this.folder, name), { recursive: true, force: true });
  }

  /** Runs a script in this project's Node. */
  node(...args) {
    return this.run([...(this.manager.node ?? [process.execPath]), ...args]);
  }

  /** Gives what a command says; one that fails throws, and tells why. */
  async run([command, ...args], env = {}) {
    const home = path.join(this.folder, 'home');
    // What another package manager says to its children is not for these.
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
