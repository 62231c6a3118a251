'use strict';

// TypeScript's compiler and language service on programs that are only texts. They stand in the folder of the type tests, and
// import the package by its name.
const path = require('node:path');

const ts = require('typescript');

const { ROOT } = require('./process.js');

const FOLDER = path.join(ROOT, '__test__', 'package', 'types');
/** A project with `strict` and nothing more, as `tsc --init` makes it. */
const OPTIONS = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2022.d.ts'],
  types: ['node'],
  typeRoots: [path.join(ROOT, 'node_modules', '@types')],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
};

/**
 * Compiles programs, each as a module of its own. They may await at the top level.
 * @param {Record<string, string>} programs the texts by name
 * @returns {Record<string, string[]>} the messages of the compiler by name
 */
function compile(programs) {
  const files = new Map(Object.entries(programs).map(([name, text], index) => [path.join(FOLDER, `program-${index}.mts`), { name, text }]));
  const host = ts.createCompilerHost(OPTIONS);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => files.has(path.normalize(name)) || fileExists(name);
  host.readFile = (name) => files.get(path.normalize(name))?.text ?? readFile(name);
  host.getSourceFile = (name, version, ...rest) => {
    const file = files.get(path.normalize(name));
    return file ? ts.createSourceFile(name, `${file.text}\nexport {};\n`, version) : getSourceFile.call(host, name, version, ...rest);
  };
  const program = ts.createProgram([...files.keys()], OPTIONS, host);
  const messagesOf = (name) => {
    const source = program.getSourceFile(name);
    const syntax = program.getSyntacticDiagnostics(source);
    if (syntax.length > 0) throw new Error(`${files.get(name).name} is no program: ${ts.flattenDiagnosticMessageText(syntax[0].messageText, '\n')}`);
    return program.getSemanticDiagnostics(source).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  };
  return Object.fromEntries([...files].map(([name, file]) => [file.name, messagesOf(name)]));
}

/**
 * Returns a function that returns the names which an editor proposes in a program at its marker `|`. The strings among them
 * are without their quotes.
 */
function editor() {
  const name = path.join(FOLDER, 'edited.mts');
  let text = '';
  let version = 0;
  const service = ts.createLanguageService({
    getScriptFileNames: () => [name],
    getScriptVersion: (file) => (file === name ? String(version) : '0'),
    getScriptSnapshot: (file) => {
      const content = file === name ? text : ts.sys.readFile(file);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => FOLDER,
    getCompilationSettings: () => OPTIONS,
    getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
    fileExists: (file) => file === name || ts.sys.fileExists(file),
    readFile: ts.sys.readFile,
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  });
  return (program) => {
    const position = program.indexOf('|');
    text = program.slice(0, position) + program.slice(position + 1);
    version += 1;
    const entries = service.getCompletionsAtPosition(name, position, {})?.entries ?? [];
    // Keywords and globals, which an editor proposes everywhere, are no answer to what is asked.
    return entries.filter(({ kind, sortText }) => kind !== 'keyword' && sortText !== '15').map((entry) => entry.name.replace(/^['"]|['"]$/g, ''));
  };
}

module.exports = { compile, editor };
