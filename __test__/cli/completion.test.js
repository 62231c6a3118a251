'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { makeProgram } = require('../../cli/program.js');
const { startEmulator } = require('../../emulator');
const { follow, hasTerminal, run, startTerminal } = require('../support/command.js');
const { environmentWith } = require('../support/environment.js');

const NAME = 'openrouter-native';
const isThere = (name) => ['/usr/bin', '/bin', '/usr/local/bin'].some((folder) => fs.existsSync(path.join(folder, name)));
/** Shells that are not installed are skipped: `npm test` installs zsh and fish where it may. */
const on = (shell) => (isThere(shell) ? describe : describe.skip);

let folder;
const scripts = {};
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-completion-'));
  fs.mkdirSync(path.join(folder, NAME));
  fs.writeFileSync(path.join(folder, NAME, 'models'), 'openai/gpt-5-mini\nopenai/gpt-oss-20b:free\nx-ai/grok-4\n');
  fs.mkdirSync(path.join(folder, 'pictures'));
  fs.writeFileSync(path.join(folder, 'notes.txt'), '');
  for (const shell of ['bash', 'zsh', 'fish']) {
    scripts[shell] = path.join(folder, `script.${shell}`);
    const { stdout, stderr, code } = await run(['completion', shell]);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    fs.writeFileSync(scripts[shell], stdout);
  }
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** Runs a program in the folder; resolves to what it printed. Any message of a shell is a failure. */
async function outputOf(program, args) {
  const env = environmentWith({ XDG_CACHE_HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder, HOME: folder, LANG: 'C.UTF-8' });
  const { stdout, stderr } = await follow(spawn(program, args, { cwd: folder, env })).ended;
  expect(stderr).toBe('');
  return stdout;
}

/** Each shell's candidates for typed lines, as `{ [line]: candidates }`. */
const CANDIDATES = {
  async bash(lines) {
    const body = `source "$0"; COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'
      for COMP_LINE in "$@"; do COMPREPLY=(); COMP_POINT=\${#COMP_LINE}; _openrouter_native; (IFS=$'\\t'; printf '%s\\n' "\${COMPREPLY[*]}"); done`;
    return byLine(lines, await outputOf('bash', ['--norc', '-c', body, scripts.bash, ...lines]));
  },
  async zsh(lines) {
    // The functions of the completion system print what they are given.
    const body = `compdef() {}; found=()
      _describe() { local name=$argv[-1]; found+=("\${(@)\${(P)name}%%:*}"); }
      compadd() { while [[ $1 != -- ]]; do shift; done; shift; found+=("$@"); }
      compset() { PREFIX=\${PREFIX#\${~2}}; }
      _files() { found+=("files$1"); }
      source "$1"; shift
      for line in "$@"; do words=("\${(@s: :)line}"); CURRENT=$#words; PREFIX=$words[-1]; found=(); ${`_${NAME}`}; print -r -- "\${(@pj:\\t:)\${(@M)found:#(files*|$PREFIX*)}}"; done`;
    return byLine(lines, await outputOf('zsh', ['-f', '-c', body, 'zsh', scripts.zsh, ...lines]));
  },
  async fish(lines) {
    const body = `source $argv[1]; for line in $argv[2..-1]; echo (complete -C $line | string replace -r '\\t.*' '' | string join \\t); end`;
    return byLine(lines, await outputOf('fish', ['--no-config', '-c', body, scripts.fish, ...lines]));
  },
};

function byLine(lines, output) {
  const all = output.slice(0, -1).split('\n');
  expect(all).toHaveLength(lines.length);
  return Object.fromEntries(lines.map((line, at) => [line, all[at].split('\t').filter(Boolean).sort()]));
}

/** The subcommands, options and choices of each command, read from the command itself. */
function expected() {
  const wanted = {};
  const visit = (command, line) => {
    const help = command.createHelp();
    const subcommands = help.visibleCommands(command);
    const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
    if (command.name() !== 'help') wanted[`${line} `] = [...subcommands.map((one) => one.name()), ...choices].sort();
    const options = help.visibleOptions(command);
    wanted[`${line} --`] = options.map(({ long }) => long).sort();
    for (const { long, argChoices } of options) if (argChoices) wanted[`${line} ${long} `] = [...argChoices].sort();
    for (const one of subcommands) visit(one, `${line} ${one.name()}`);
  };
  visit(makeProgram({}), NAME);
  return wanted;
}

describe.each(['bash', 'zsh', 'fish'])('%s', (shell) => {
  on(shell)('completes', () => {
    test('every subcommand, option and choice of every command', async () => {
      const wanted = expected();
      expect(Object.keys(wanted).length).toBeGreaterThan(35);
      expect(await CANDIDATES[shell](Object.keys(wanted))).toEqual(wanted);
    });

    test('what follows an option, where its value could be a command, and after words that are none', async () => {
      const wanted = {
        [`${NAME} chat -m keys --zd`]: ['--zdr'],
        [`${NAME} chat hello models --zd`]: ['--zdr'],
        [`${NAME} keys cre`]: ['create'],
        [`${NAME} help key`]: ['keys'],
        [`${NAME} chat --system `]: [],
        [`${NAME} nothing `]: [...expected()[`${NAME} `]],
      };
      expect(await CANDIDATES[shell](Object.keys(wanted))).toEqual(wanted);
    });

    test('files and folders, where an option names one', async () => {
      const found = Object.values(await CANDIDATES[shell]([`${NAME} chat --file no`, `${NAME} chat --schema=no`, `${NAME} chat --save pict`]));
      // The completion system of zsh finds files itself: `_files -/` finds folders.
      const wanted = shell === 'zsh' ? [['files'], ['files'], ['files-']] : [['notes.txt'], ['notes.txt'], ['pictures']];
      expect(found.map((words) => words.map((word) => word.replace('--schema=', '').replace(/\/$/, '')))).toEqual(wanted);
    });

    test('models from the list that was printed last, also after a comma', async () => {
      const found = await CANDIDATES[shell]([`${NAME} chat -m openai/`, `${NAME} chat --models openai/gpt-5-mini,x`, `${NAME} chat --model=x`]);
      const [one, list, equals] = Object.values(found);
      expect(one).toEqual(['openai/gpt-5-mini', 'openai/gpt-oss-20b:free']);
      // zsh and bash replace only the last part of the word.
      expect(list.map((word) => word.split(',').at(-1))).toEqual(['x-ai/grok-4']);
      expect(equals.map((word) => word.split('=').at(-1))).toEqual(['x-ai/grok-4']);
    });
  });
});

(hasTerminal ? describe : describe.skip)('the key Tab', () => {
  const SHELLS = {
    bash: { start: 'bash --norc --noprofile -i', prepare: () => `source '${scripts.bash}'` },
    zsh: { start: 'zsh -f -i', prepare: () => `autoload -Uz compinit; compinit -u -D; source '${scripts.zsh}'` },
  };
  const cases = Object.keys(SHELLS).filter(isThere).flatMap((shell) => [
    [shell, `${NAME} mod`, 'models '],
    [shell, `${NAME} models --sort=pr`, 'price '],
    // bash breaks words at colons, and would repeat what stands before one.
    [shell, `${NAME} chat -m openai/gpt-oss-20b:f`, '/gpt-oss-20b:free '],
  ]);

  test.each(cases)('of %s after "%s" writes "%s"', async (shell, typed, wanted) => {
    const shown = startTerminal(SHELLS[shell].start, { env: { XDG_CACHE_HOME: folder, HOME: folder, PS1: '> ' } });
    const keys = (text) => shown.child.stdin.write(text);
    // The echo of the command has a quote between the letters; only its output has not.
    keys(`${SHELLS[shell].prepare()}; echo rea""dy\n`);
    await shown.says(/ready\r?\n/);
    keys(`${typed}\t`);
    const last = wanted.trim();
    await shown.says(new RegExp(`${last.replace(/[/]/g, '\\/')}(\\u001b\\[\\d*m)* `));
    keys('\u0015exit\n');
    await shown.ended;
    expect(shown.stdout).toContain(last);
  });
});

describe('the list of models', () => {
  test('is kept when the models are listed, and not those of the built-in emulator', async () => {
    const cache = path.join(folder, 'cache');
    const emulator = await startEmulator();
    const file = path.join(cache, NAME, 'models');
    expect(await run(['models', '--emulator'], { env: { XDG_CACHE_HOME: cache } })).toMatchObject({ code: 0 });
    expect(fs.existsSync(file)).toBe(false);
    expect(await run(['models', '--free'], { env: { XDG_CACHE_HOME: cache, OPENROUTER_BASE_URL: emulator.baseURL } })).toMatchObject({ code: 0, stderr: '' });
    const ids = fs.readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(ids).toContain('openai/gpt-5-mini');
    expect(fs.readdirSync(path.dirname(file))).toEqual(['models']);
    await emulator.close();
  });
});

test('a shell that is unknown is a wrong call', async () => {
  expect(await run(['completion', 'tcsh'])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/Allowed choices are bash, zsh, fish/) });
});
