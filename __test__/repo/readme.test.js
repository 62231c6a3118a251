'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const ts = require('typescript');
const { parse: parseYaml } = require('yaml');

const { startEmulator } = require('../../emulator');
const { COMMAND } = require('../support/command.js');
const { anchorsOf, blocksOf, linksOf, textOf } = require('../support/markdown.js');
const { ROOT, runNode } = require('../support/process.js');

const KEY = 'sk-or-v1-limit-readme';

let emulator;
let env;
beforeAll(async () => {
  emulator = await startEmulator();
  env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: emulator.baseURL };
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

describe('README.md', () => {
  const blocks = blocksOf('README.md');

  /** The lines of shell that this file does not run, and the test that runs what they do. */
  const ELSEWHERE = {
    'npm install openrouter-native': 'first-program.test.js',
    'OPENROUTER_API_KEY=sk-or-… node chat.mjs': 'first-program.test.js',
    'NODE_OPTIONS="--require openrouter-native/register" OPENROUTER_ZDR=true node app.js': 'register/takes-hold.test.js',
    'npm run demo': 'demo.test.js',
    'npm test': 'the run that this test belongs to',
  };
  const lines = blocks.filter(({ language }) => language === 'sh').flatMap(({ code }) => code.trim().split('\n'));
  const bare = (line) => line.replace(/\s+#.*$/, '');

  test('has no line of shell that nothing runs', () => {
    const unknown = lines.map(bare).filter((line) => !line.startsWith('npx openrouter-native ') && !ELSEWHERE[line]);
    expect(unknown).toEqual([]);
  });

  describe('the command', () => {
    let folder;
    /** What `npx` finds in an installed package: a link by the command's name, as npm makes it. */
    beforeAll(() => {
      folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-readme-'));
      fs.symlinkSync(COMMAND, path.join(folder, 'openrouter-native'));
      fs.writeFileSync(path.join(folder, 'npx'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
    });
    afterAll(() => fs.rmSync(folder, { recursive: true }));

    const commands = lines.filter((line) => line.startsWith('npx '));
    (process.platform === 'win32' ? test.skip : test).each(commands)('%s', async (line) => {
      const nodes = path.dirname(process.execPath);
      const own = { ...env, PATH: [folder, nodes, process.env.PATH].join(path.delimiter) };
      const { code, stdout, stderr } = await runNode(['-e', `
        const { status, stdout, stderr } = require('node:child_process').spawnSync('sh', ['-c', ${JSON.stringify(line)}], { encoding: 'utf8' });
        process.stdout.write(stdout); process.stderr.write(stderr); process.exitCode = status;`], { env: own });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/\w{2}/);
    });
  });

  test('has blocks of no other language, but for the drawing', () => {
    expect(blocks.filter(({ language }) => !['js', 'sh'].includes(language)).map(({ heading }) => heading)).toEqual(['How it is built']);
  });
});

/** Pages that are read beside the README; `docs/api` is generated. */
const PAGES = ['CONTRIBUTING.md', 'SECURITY.md', 'emulator/README.md', 'examples/README.md',
  ...fs.readdirSync(path.join(ROOT, 'docs')).filter((name) => name.endsWith('.md')).sort().map((name) => `docs/${name}`)];

/** What makes a parser of each language complain. */
const PARSE = {
  js: (code) => syntaxErrors(code),
  ts: (code) => syntaxErrors(code),
  sh: (code) => { execFileSync('sh', ['-n'], { input: code, stdio: ['pipe', 'pipe', 'pipe'] }); },
  yaml: (code) => parseYaml(code),
  // __test__/ui/docs.test.js opens these in a browser.
  html: (code) => { if (!/^<[\w-]+[^]*>\n$/.test(code)) throw new SyntaxError(code); },
  dockerfile: (code) => { for (const line of code.trim().split('\n')) if (!/^(FROM|WORKDIR|RUN|COPY|ENV) \S/.test(line)) throw new SyntaxError(line); },
};

function syntaxErrors(code) {
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ESNext };
  const { diagnostics } = ts.transpileModule(code, { reportDiagnostics: true, compilerOptions: options });
  if (diagnostics.length > 0) throw new SyntaxError(diagnostics[0].messageText);
}

test('the parsers above do complain', () => {
  expect(() => PARSE.js('const = 1;')).toThrow(SyntaxError);
  expect(() => PARSE.sh('if true; do')).toThrow();
  expect(() => PARSE.yaml('a: b: c')).toThrow();
  expect(() => PARSE.dockerfile('RUNX y')).toThrow(SyntaxError);
});

test.each(PAGES.flatMap((name) => blocksOf(name).map((block, index) => [name, index, block])))('%s: block %d is what its language says', (_name, _index, { language, code }) => {
  expect(Object.keys(PARSE)).toContain(language);
  expect(() => PARSE[language](code)).not.toThrow();
});

test('docs/README.md lists each page of docs/', () => {
  const listed = linksOf('docs/README.md').map(({ file }) => file);
  expect(PAGES.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md' && !listed.includes(page))).toEqual([]);
});

test.each(['README.md', ...PAGES, 'docs/api/README.md'])('%s: every link inside the repository leads somewhere', (name) => {
  const leads = ({ file, anchor }) => fs.existsSync(path.join(ROOT, file)) && (anchor === undefined || anchorsOf(file).includes(anchor));
  const broken = linksOf(name).filter((link) => !leads(link));
  expect(broken).toEqual([]);
});

describe('the table of options', () => {
  const source = fs.readFileSync(path.join(ROOT, 'src', 'config', 'options.rs'), 'utf8');
  /** The options of the client that the addon reads, with their defaults; `''` where there is none or the environment has it. */
  const ADDON = [...source.matchAll(/^ {4}\("(\w+)", (?!Fetch)\w+, "([^"]*)", /gm)].map(([, name, standard]) => [name, standard]);
  /** The options that JavaScript passes separately. */
  const SEPARATE = [['apiKey', ''], ['openRouterApiKey', ''], ['logger', '']];
  const [, section] = /^## Options$([^]*?)^## /m.exec(textOf('README.md'));
  const rows = section.split('\n').filter((line) => line.startsWith('| `')).map((line) => line.split(' | '));
  /** Each option of the table with its default. A row may have several options, whose defaults are in the same order. */
  const listed = rows.flatMap(([names, standards]) => {
    const all = [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name);
    const plain = standards.replaceAll('`', '').replace(/^env .*, else /, '').replace(/^env .*/, '').trim().replace(/^\|.*/, '');
    return all.map((name, at) => [name, all.length > 1 && plain !== '' ? plain.split(', ')[at] : plain]);
  });

  test('has each option once, with its default, and nothing else', () => {
    expect(ADDON.length).toBeGreaterThan(15);
    expect(listed.toSorted()).toEqual([...ADDON, ...SEPARATE].toSorted());
  });

  test('names the variables that stand for an option, and only those that the package reads', () => {
    const { environment } = require('../../lib/options.js');
    const read = Object.keys(JSON.parse(environment(new Proxy({}, { get: (_, name) => name }))));
    const named = [...section.matchAll(/`((?:OPENROUTER|SSL|NODE)_\w+|[A-Z]*_?PROXY)`/g)].map(([, name]) => name);
    const known = new Set([...read, 'DOMAIN_CLIENT']);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
    expect(read.filter((name) => /^OPENROUTER_|^[A-Z_]+$/.test(name) && !section.includes(name) && !name.endsWith('_TTL_MODELS'))).toEqual([]);
  });
});
