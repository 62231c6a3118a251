'use strict';

const path = require('node:path');

const ts = require('typescript');

/** What a careful project sets. JavaScript is checked as TypeScript is. */
const STRICT = {
  strict: true,
  noImplicitReturns: true,
  allowJs: true,
  checkJs: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ['node'],
};

/**
 * Compiles files of a folder under strict settings, and returns the messages of the compiler, each with its file and line.
 * @param {string} folder
 * @param {string[]} names
 */
function typeErrors(folder, names, options = {}) {
  const program = ts.createProgram(names.map((name) => path.join(folder, name)), { ...STRICT, typeRoots: [path.join(folder, 'node_modules', '@types')], ...options });
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, '\n');
    if (!file) return text;
    return `${path.relative(folder, file.fileName)}:${file.getLineAndCharacterOfPosition(start).line + 1}: ${text}`;
  });
}

module.exports.typeErrors = typeErrors;
