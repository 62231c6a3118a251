'use strict';

const Module = require('node:module');

const { forNodeFetch, forUndici } = require('./makes.js');
const { taking } = require('./taking.js');

/**
 * Takes the `fetch` of packages that programs bring with them, as soon as they are loaded, by `require` or `import`: undici,
 * and node-fetch 2, which `openai` 4 uses. They are recognised by what they export, because a package manager may have put
 * them under another name.
 * @param {import('./engine.js').Engine} engine
 */
function watchModules(engine) {
  const { _compile: compile } = Module.prototype;
  // Bun has its own modules: there only the global function is taken.
  if (typeof compile !== 'function') return;
  Module.prototype._compile = function _compile(content, filename, ...rest) {
    const result = Reflect.apply(compile, this, [content, filename, ...rest]);
    if (typeof filename === 'string' && filename.endsWith('index.js')) take(this, engine);
    return result;
  };
}

function take(module, engine) {
  const { exports } = module;
  if (has(exports, 'fetch', 'setGlobalDispatcher', 'Request')) {
    exports.fetch = taking(exports.fetch, engine, forUndici(exports));
  } else if (typeof exports === 'function' && has(exports, 'Request', 'Response', 'FetchError', 'isRedirect')) {
    module.exports = copyOf(exports, taking(exports, engine, forNodeFetch(exports)));
  }
}

/** Whether an object has these functions. Getters are not called, because they may load something. */
function has(exports, ...names) {
  if ((typeof exports !== 'object' || exports === null) && typeof exports !== 'function') return false;
  return names.every((name) => typeof Object.getOwnPropertyDescriptor(exports, name)?.value === 'function');
}

/** Gives a function the properties of the one that it replaces, whose `default` is the function itself. */
function copyOf(original, replacement) {
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(original))) {
    if (['length', 'name', 'prototype', 'arguments', 'caller'].includes(name)) continue;
    Object.defineProperty(replacement, name, property.value === original ? { ...property, value: replacement } : property);
  }
  return replacement;
}

module.exports = { watchModules };
