'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { ROOT } = require('./process.js');

const BLOCK = /^```(\w*)\n([^]*?)^```$/gm;

const textOf = (name) => fs.readFileSync(path.join(ROOT, name), 'utf8');

/**
 * Returns the code blocks of a Markdown file, in order.
 * @param {string} name its path in the checkout
 * @returns {{ language: string, code: string, heading: string, section: string, isCommonJs: boolean }[]} `heading`: the nearest
 *   heading above; `section`: the nearest one of the second level
 */
function blocksOf(name) {
  const text = textOf(name);
  return [...text.matchAll(BLOCK)].map(({ 1: language, 2: code, index }) => {
    const above = text.slice(0, index).replace(BLOCK, '');
    const nearest = (pattern) => [...above.matchAll(pattern)].at(-1)?.[1] ?? '';
    return { language, code, heading: nearest(/^#+ (.*)$/gm), section: nearest(/^## (.*)$/gm), isCommonJs: /\brequire\('/.test(code) };
  });
}

/**
 * Returns the programs of a Markdown file: the blocks of one section and one module system, one after the other, are one
 * program, as a reader puts them together.
 * @returns {{ page: string, section: string, ending: 'mjs' | 'cjs' | 'mts', code: string }[]}
 */
function programsOf(page) {
  const programs = new Map();
  for (const { language, code, section, isCommonJs } of blocksOf(page)) {
    if (language !== 'js' && language !== 'ts') continue;
    const ending = isCommonJs ? 'cjs' : language === 'ts' ? 'mts' : 'mjs';
    const key = `${section}\n${ending}`;
    const program = programs.get(key) ?? { page, section, ending, code: '' };
    program.code += `${program.code === '' ? '' : '\n'}${code}`;
    programs.set(key, program);
  }
  return [...programs.values()];
}

/**
 * Returns the links and images of a Markdown file that stay in the repository.
 * @returns {{ file: string, anchor?: string }[]} `file`: a path in the checkout
 */
function linksOf(name) {
  const links = textOf(name).replace(BLOCK, '').matchAll(/\]\((?!https?:|mailto:)([^)#]*)(?:#([^)]*))?\)/g);
  return [...links].map(([, link, anchor]) => ({ file: link === '' ? name : path.posix.join(path.posix.dirname(name), link), anchor }));
}

/** Returns the anchors of the headings of a Markdown file, as GitHub and npm make them. */
function anchorsOf(name) {
  return [...textOf(name).replace(BLOCK, '').matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-'));
}

module.exports.anchorsOf = anchorsOf;
module.exports.blocksOf = blocksOf;
module.exports.linksOf = linksOf;
module.exports.programsOf = programsOf;
module.exports.textOf = textOf;
