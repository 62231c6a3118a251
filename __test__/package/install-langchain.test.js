'use strict';

// The package installs beside every version of LangChain, by every package manager, because its peers exclude none.
const { version, peerDependencies, peerDependenciesMeta } = require('../../package.json');
const { VERSIONS, packLangChain } = require('./install/langchain.js');
const { MANAGERS, Project } = require('./install/managers.js');
const { startRegistry } = require('./install/registry.js');
const { makeRelease } = require('./install/release.js');

let release;
beforeAll(() => { release = makeRelease(); }, 180_000);
afterAll(() => release?.remove());

test('no peer is required, and none excludes a version', () => {
  expect([...new Set(Object.values(peerDependencies))]).toEqual(['*']);
  expect(peerDependenciesMeta).toEqual(Object.fromEntries(Object.keys(peerDependencies).map((name) => [name, { optional: true }])));
});

/** Loads the entry that needs LangChain, and prints what it says, or the class. */
const LOAD = "try { console.log(require('openrouter-native/langchain').ChatOpenRouter.name) } catch (error) { console.log(error.message) }";

describe.each(Object.entries(VERSIONS))('beside @langchain/core %s', (name, { core, openai }) => {
  let registry;
  let langchain;
  beforeAll(async () => {
    langchain = packLangChain(name);
    registry = await startRegistry([...release.tarballs, ...langchain.tarballs]);
  });
  afterAll(() => {
    registry?.close();
    langchain?.remove();
  });

  test.each(Object.keys(MANAGERS))('%s installs it, and the entry for LangChain says which versions it needs, or works', async (manager) => {
    const project = new Project(manager, registry.url, version, { '@langchain/core': core, '@langchain/openai': openai });
    try {
      await project.install();
      expect((await project.node('-e', "console.log(typeof require('openrouter-native/librechat').configureAgents)")).trim()).toBe('function');
      const said = (await project.node('-e', LOAD)).trim();
      if (name === '1') expect(said).toBe('ChatOpenRouter');
      else expect(said).toContain(`openrouter-native/langchain needs @langchain/openai 1.5 or later and @langchain/core 1, and found @langchain/openai ${openai} and @langchain/core ${core}: npm install @langchain/openai@1 @langchain/core@1`);
    } finally {
      project.remove();
    }
  });
});

test('without LangChain its entry says what it needs', async () => {
  const registry = await startRegistry(release.tarballs);
  const project = new Project('npm', registry.url, version);
  try {
    await project.install();
    expect(await project.node('-e', LOAD)).toContain('needs @langchain/openai 1.5 or later and @langchain/core 1, and found @langchain/openai none and @langchain/core none');
  } finally {
    project.remove();
    registry.close();
  }
});
