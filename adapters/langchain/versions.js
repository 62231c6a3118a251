'use strict';

/** What the class uses of `@langchain/openai`. The converters of streams are there from version 1.5. */
const NEEDED = ['ChatOpenAI', 'convertCompletionsMessageToBaseMessage', 'convertCompletionsDeltaToBaseMessageChunk', 'convertOpenAICompletionsStream'];
/** The versions that it works with, in the error and in the documentation. */
const USABLE = '@langchain/openai 1.5 or later and @langchain/core 1';
const PACKAGES = ['@langchain/openai', '@langchain/core'];

/**
 * Returns the exports of `@langchain/openai`, if the class can be built on them. The other entries of this package do not need
 * LangChain, so no version of it is asked for when the package is installed: that would keep it out of programs with an older
 * one.
 * @param {(name: string) => object} load returns the exports of a package, or throws
 */
function usableOpenAI(load) {
  let cause;
  try {
    const openai = load('@langchain/openai');
    if (NEEDED.every((name) => typeof openai[name] === 'function')) return openai;
  } catch (error) {
    cause = error;
  }
  const found = PACKAGES.map((name) => `${name} ${versionOf(name, load)}`).join(' and ');
  const text = `openrouter-native/langchain needs ${USABLE}, and found ${found}: npm install @langchain/openai@1 @langchain/core@1`;
  throw Object.assign(new Error(`${text} (the other entries, and createFetch under a ChatOpenAI of any version, need neither)`, { cause }), { code: 'ERR_OPENROUTER_LANGCHAIN' });
}

function versionOf(name, load) {
  try {
    return load(`${name}/package.json`).version;
  } catch {
    return 'none';
  }
}

module.exports = { USABLE, usableOpenAI };
