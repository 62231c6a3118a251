'use strict';

// Stands in for LangChain's packages in installs: their names, versions and peers, which decide whether a package manager
// accepts them beside this package, and the exports by which this package tells the versions apart.
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

/** The versions of `@langchain/openai` and of `@langchain/core` that belong together, as they are published. */
const VERSIONS = {
  '0.2': { core: '0.2.36', openai: '0.2.11', needs: { dependencies: { '@langchain/core': '>=0.2.26 <0.3.0' } } },
  '0.3': { core: '0.3.80', openai: '0.6.17', needs: { peerDependencies: { '@langchain/core': '>=0.3.68 <0.4.0' } } },
  1: { core: '1.4.0', openai: '1.6.0', needs: { peerDependencies: { '@langchain/core': '^1.4.0' } } },
};
const CONVERTERS = 'convertCompletionsMessageToBaseMessage, convertCompletionsDeltaToBaseMessageChunk, convertOpenAICompletionsStream';

/** Makes the tarballs of a version. Returns them with a function that removes them. */
function packLangChain(name) {
  const { core, openai, needs } = VERSIONS[name];
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-native-langchain-'));
  const converters = name === '1' ? `function convertCompletionsMessageToBaseMessage() {} function convertCompletionsDeltaToBaseMessageChunk() {} function convertOpenAICompletionsStream() {}\nmodule.exports = { ChatOpenAI, ${CONVERTERS} };` : 'module.exports = { ChatOpenAI };';
  const tarballs = [
    pack(folder, { name: '@langchain/core', version: core }, {
      'messages.js': 'exports.AIMessageChunk = class {};', 'outputs.js': 'exports.ChatGenerationChunk = class {};', 'utils/async_caller.js': 'exports.AsyncCaller = class {};',
    }),
    pack(folder, { name: '@langchain/openai', version: openai, main: 'index.js', ...needs }, { 'index.js': `class ChatOpenAI {}\n${converters}` }),
  ];
  return { tarballs, remove: () => fs.rmSync(folder, { recursive: true, force: true }) };
}

function pack(folder, manifest, files) {
  const name = manifest.name.replace(/[@/]/g, '-').slice(1);
  const root = path.join(folder, name, 'package');
  for (const [file, text] of Object.entries({ ...files, 'package.json': JSON.stringify(manifest) })) {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), text);
  }
  const tarball = path.join(folder, `${name}-${manifest.version}.tgz`);
  execFileSync('tar', ['-czf', tarball, '-C', path.join(folder, name), 'package']);
  return tarball;
}

module.exports.VERSIONS = VERSIONS;
module.exports.packLangChain = packLangChain;
