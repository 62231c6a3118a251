'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const ts = require('typescript');

const { startEmulator } = require('../../emulator');
const { ROOT, runNode } = require('../support/process.js');
const { COMMAND } = require('../support/command.js');

const KEY = 'sk-or-v1-limit-readme';
const BLOCK = /^```(\w*)\n([^]*?)^```$/gm;

/** The code blocks of a Markdown file: their language, their text, and the heading they are under. */
function blocksOf(name) {
  const text = fs.readFileSync(path.join(ROOT, name), 'utf8');
  return [...text.matchAll(BLOCK)].map((match) => {
    const [, heading] = [...text.slice(0, match.index).matchAll(/^#+ (.*)$/gm)].at(-1);
    return { language: match[1], code: match[2], heading };
  });
}

let emulator;
let env;
beforeAll(async () => {
  emulator = await startEmulator();
  env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: emulator.baseURL };
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const CLIENT = "const { OpenRouterClient } = require('openrouter-native'); const client = new OpenRouterClient();";
const MESSAGES = "const messages = [{ role: 'user', content: 'Hi' }];";

/**
 * The code around each js block, in the order of the blocks: `before` makes what the block uses, `after` prints what the block
 * has made, and the output of all three must match `shows`.
 */
const JS = [
  { heading: 'Quick start', shows: /^\S.{20,}\n$/s },
  { heading: 'Quick start', before: CLIENT + MESSAGES, shows: /^\S[^]+\w+\/\S+ \{[^]+prompt_tokens[^]+\} 0\.0\d+ \d+(\.\d+)?\n$/ },
  {
    heading: 'Under another SDK',
    before: "const { OpenAI } = require('openai'); const apiKey = process.env.OPENROUTER_API_KEY;",
    after: `
      openai.baseURL = process.env.OPENROUTER_BASE_URL;
      const { choices } = await openai.chat.completions.create({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }] });
      console.log(choices[0].message.content);`,
    shows: /^0\.0\d+\n\S[^]+\n$/,
  },
  {
    heading: 'In LibreChat',
    before: `
      const llmConfig = {};
      const configOptions = { baseURL: process.env.OPENROUTER_BASE_URL };
      class BaseClient {}`,
    after: `
      const client = new module.exports(process.env.OPENROUTER_API_KEY, { modelOptions: { model: 'openai/gpt-5-mini' } });
      console.log(typeof configOptions.fetch, client instanceof BaseClient, (await client.getModels()).length);`,
    shows: /^function true \d+\n$/,
  },
  {
    heading: 'With Express and LangChain',
    before: `${CLIENT}
      const app = require('express')();
      const requireJwtAuth = (req, res, next) => next();`,
    after: `
      const server = app.listen(0, '127.0.0.1');
      await require('node:events').once(server, 'listening');
      const { data } = await (await fetch('http://127.0.0.1:' + server.address().port + '/api/endpoints/openrouter/models')).json();
      const { content } = await model.invoke('Hi');
      console.log(data.length, content);
      server.close();
      server.closeAllConnections();`,
    shows: /^\d+ \S.{20,}\n$/s,
  },
  {
    heading: 'Credits and models',
    before: CLIENT,
    after: 'console.log(credits, creditLevel(credits.balance), Object.isFrozen(models[0]), modelInfo(models[0]));',
    shows: /^\{[^]*balance: \d+[^]*currency: 'USD'[^]*usage: 0[^]*total: 10[^]*\} green true \{[^]*contextLength: \d+[^]*maxOutput[^]*promptPrice[^]*completionPrice[^]*free[^]*capabilities[^]*\}\n$/,
  },
  {
    heading: 'The emulator',
    before: `${CLIENT}${MESSAGES}`,
    // The block is a call that returns a stream. Reading the stream fails.
    wrap: (code) => `const stream = ${code} await stream.finalCompletion().catch((error) => console.log(error.code, error.partial.choices.length));`,
    shows: /^provider_error 1\n$/,
  },
];

describe('README.md', () => {
  const blocks = blocksOf('README.md');
  const js = blocks.filter(({ language }) => language === 'js');

  test('has no js block that is not run below', () => {
    expect(js.map(({ heading }) => heading)).toEqual(JS.map(({ heading }) => heading));
  });

  test.each(JS.map((around, index) => [around.heading, index]))('%s: js block %d does what it says', async (_heading, index) => {
    const { before = '', after = '', wrap = (code) => code, shows } = JS[index];
    const script = `(async () => {\n${before}\n${wrap(js[index].code)}\n${after}\n})();`;
    const { code, stdout, stderr } = await runNode(['-e', script], { env: { ...env, NO_COLOR: '1' } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(shows);
  });

  /** The lines of shell that this file does not run, and the test that runs what they do. */
  const ELSEWHERE = {
    'npm install openrouter-native': 'install.test.js installs the tarballs',
    'npm run demo': 'demo.test.js',
    'npm test': 'the run that this test belongs to',
    'OPENROUTER_API_KEY=sk-or-… npm run demo': 'demo.test.js',
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

/** Pages that are read beside the README. */
const PAGES = ['CONTRIBUTING.md', 'SECURITY.md', 'docs/depth.md', 'docs/install.md', 'docs/librechat.md', 'docs/observability.md', 'docs/pains.md', 'docs/targets.md', 'emulator/README.md', 'examples/README.md'];

/** What makes a parser of each language complain. */
const PARSE = {
  js: (code) => syntaxErrors(code),
  ts: (code) => syntaxErrors(code),
  sh: (code) => { execFileSync('sh', ['-n'], { input: code, stdio: ['pipe', 'pipe', 'pipe'] }); },
  dockerfile: (code) => { for (const line of code.trim().split('\n')) if (!/^(FROM|WORKDIR|RUN|COPY) \S/.test(line)) throw new SyntaxError(line); },
};

function syntaxErrors(code) {
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ESNext };
  const { diagnostics } = ts.transpileModule(code, { reportDiagnostics: true, compilerOptions: options });
  if (diagnostics.length > 0) throw new SyntaxError(diagnostics[0].messageText);
}

test('the parsers above do complain', () => {
  expect(() => PARSE.js('const = 1;')).toThrow(SyntaxError);
  expect(() => PARSE.sh('if true; do')).toThrow();
  expect(() => PARSE.dockerfile('RUNX y')).toThrow(SyntaxError);
});

test.each(PAGES.flatMap((name) => blocksOf(name).map((block, index) => [name, index, block])))('%s: block %d is what its language says', (_name, _index, { language, code }) => {
  expect(Object.keys(PARSE)).toContain(language);
  expect(() => PARSE[language](code)).not.toThrow();
});

test.each(['README.md', ...PAGES, 'docs/api/README.md'])('%s: every link inside the repository leads somewhere', (name) => {
  const text = fs.readFileSync(path.join(ROOT, name), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, link]) => path.posix.join(path.posix.dirname(name), link));
  const broken = links.filter((link) => !fs.existsSync(path.join(ROOT, link)));
  expect(broken).toEqual([]);
});

describe('the table of options', () => {
  const source = fs.readFileSync(path.join(ROOT, 'src', 'config', 'options.rs'), 'utf8');
  /** The options that the addon reads, with their defaults; `''` where there is none or the environment has it. */
  const ADDON = [...source.matchAll(/^ {4}\("(\w+)", \w+, "([^"]*)", /gm)].map(([, name, standard]) => [name, standard]);
  /** The options that JavaScript passes separately. */
  const SEPARATE = [['apiKey', ''], ['openRouterApiKey', ''], ['logger', '']];
  const [, section] = /^## Options$([^]*?)^## /m.exec(fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8'));
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
