'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { contentOf } = require('../chat/attachments.js');
const { matches } = require('../model-list.js');
const { describeBalance } = require('../output/balance.js');
const { counted, dollars } = require('../output/figures.js');
const { tableOf } = require('../output/model-table.js');
const { oneLine } = require('../output/plain.js');
const { Signs } = require('../output/signs.js');
const { layOut } = require('../output/table.js');
const { cut } = require('../output/width.js');
const { loadChat, saveChat, textOf } = require('./transcript.js');

/** How many models /models shows at most: what a screen can show. */
const SHOWN_MODELS = 20;
/** How many columns of a question /undo shows. */
const SHOWN_QUESTION = 60;
const OFF = 'off';

/**
 * What can be typed in place of a question: how it is used, what it does, and what Tab makes of the word after it. `run` takes
 * the chat (see `chat.js`) and the text after the command.
 */
const COMMANDS = {
  model: { usage: '[ID]', about: 'show or change the model', run: changeModel, complete: (chat) => chat.modelIds() },
  models: { usage: 'WORDS', about: 'search the models', run: showModels },
  system: { usage: '[TEXT|off]', about: 'show, change or remove the system message', run: changeSystem },
  cost: { usage: '', about: 'what this chat has cost, and what is left', run: showCost },
  file: { usage: '[PATH|off]', about: 'attach a file to the next question', run: attach('file'), complete: filesFor },
  image: { usage: '[PATH|off]', about: 'attach an image to the next question', run: attach('image'), complete: filesFor },
  retry: { usage: '', about: 'ask the last question again', run: retry },
  undo: { usage: '', about: 'take back the last question and its answer', run: undo },
  reset: { usage: '', about: 'begin a new chat', run: reset },
  save: { usage: 'FILE', about: 'save the chat as Markdown (.md) or JSON (.json)', run: save, complete: filesFor },
  load: { usage: 'FILE', about: 'go on with a chat that was saved as JSON', run: load, complete: filesFor },
  help: { usage: '', about: 'show this list', run: help },
  exit: { usage: '', about: 'leave; so do Ctrl-D, and Ctrl-C on an empty line', run: (chat) => { chat.isOver = true; } },
};

/**
 * Reads a line that begins with a slash and a word of letters. Returns the name of its command and the text after it, or null
 * for a question. Two slashes begin a question that begins with one.
 */
function commandIn(line) {
  const [, name, text] = /^\/([a-z]+)(?:\s+(.*))?$/is.exec(line.trim()) ?? [];
  return name === undefined ? null : { name: name.toLowerCase(), text: text?.trim() ?? '' };
}

/** Returns what Tab may make of a line, and the end of the line that it takes the place of. */
async function completionsOf(chat, line) {
  const [, name, word] = /^\/([a-z]*)(?:\s+(.*))?$/is.exec(line) ?? [];
  if (name === undefined) return [[], line];
  if (word === undefined && !line.endsWith(' ')) return [startingWith(line, Object.keys(COMMANDS).map((one) => `/${one} `)), line];
  const { complete } = COMMANDS[name] ?? {};
  return complete ? [startingWith(word ?? '', await complete(chat, word ?? '')), word ?? ''] : [[], line];
}

const startingWith = (start, list) => list.filter((one) => one.startsWith(start));

async function changeModel(chat, id) {
  const { conversation, terminal } = chat;
  if (id === '') {
    terminal.say(conversation.model);
    return;
  }
  const ids = await chat.modelIds();
  // `:nitro` and its like follow the id of any model, and a preset is in no list.
  const isKnown = ids.includes(id) || ids.includes(id.replace(/:[a-z]+$/, '')) || id.startsWith('@preset/');
  if (!isKnown && ids.length > 0) throw new Error(`There is no model ${id}. /models finds models by words.`);
  if (!isKnown) terminal.warn('The list of models cannot be read, so the id is not checked.');
  conversation.model = id;
  terminal.tell(`The next answer is from ${id}.`);
}

async function showModels({ terminal, models }, words) {
  const all = await models();
  const chosen = all.filter((model) => matches(model, words));
  if (chosen.length === 0) throw new Error(`None of the ${counted(all.length, 'model')} matches.`);
  for (const line of tableOf(terminal, chosen.slice(0, SHOWN_MODELS))) terminal.say(line);
  const rest = chosen.length - SHOWN_MODELS;
  if (rest > 0) terminal.tell(`${rest} more match: add words to find fewer.`);
}

function changeSystem({ conversation, terminal }, text) {
  if (text === '') {
    terminal.say(conversation.system ?? 'There is no system message. /system TEXT sets one.');
    return;
  }
  conversation.system = text === OFF ? undefined : text;
  terminal.tell(text === OFF ? 'The system message is removed.' : 'The system message is changed.');
}

async function showCost({ client, conversation, keyboard, terminal }) {
  const signs = new Signs(terminal);
  const credits = await keyboard.during(async (signal) => {
    try {
      // The API tells the cost of a stopped answer some seconds later.
      for (const id of conversation.unknown) {
        signs.show('Waiting for the cost of a stopped answer');
        const found = await client.getGeneration(id, { signal }).catch(() => null);
        if (typeof found?.total_cost !== 'number') continue;
        conversation.cost += found.total_cost;
        conversation.unknown.delete(id);
      }
      signs.show('Waiting for the credits');
      return await client.getCredits({ force: true, signal });
    } finally {
      signs.stop();
    }
  });
  const { answers, cost, tokens, unknown } = conversation;
  const open = unknown.size === 0 ? '' : `, and ${counted(unknown.size, 'answer')} whose cost is not known yet`;
  terminal.say(`${dollars(cost)} for ${counted(answers, 'answer')}, ${counted(tokens, 'token')}${open}`);
  terminal.say(describeBalance(credits, terminal.paint));
}

/** Returns what `/file` and `/image` do. The file is read at once, so that a mistake shows before the question. */
function attach(kind) {
  return async ({ conversation: { attachments }, terminal }, name) => {
    if (name === OFF) attachments[kind] = [];
    else if (name !== '') attachments[kind].push(await checked(kind, placeOf(name)));
    terminal.tell(attachments[kind].length === 0 ? 'Nothing is attached.' : `The next question has ${attachments[kind].join(', ')}.`);
  };
}

async function checked(kind, file) {
  // `-` would be the keyboard.
  const name = file === '-' ? './-' : file;
  await contentOf('', { [kind]: [name] });
  return name;
}

async function retry(chat) {
  const { conversation } = chat;
  const { lastQuestion, hasFailed } = conversation;
  if (lastQuestion === null) throw new Error('There is no question to ask again.');
  const replaced = hasFailed ? undefined : conversation.takeBack();
  try {
    await chat.ask(lastQuestion);
  } finally {
    // An answer is given up only for another one.
    if (replaced !== undefined && conversation.hasFailed) conversation.exchanges.push(replaced);
  }
}

function undo({ conversation, terminal }) {
  const taken = conversation.takeBack();
  if (taken === undefined) throw new Error('There is nothing to take back.');
  terminal.tell(`Taken back: ${cut(oneLine(textOf(taken.question)), SHOWN_QUESTION)}`);
}

function reset({ conversation, terminal }) {
  conversation.reset();
  terminal.tell('This is a new chat.');
}

async function save({ conversation, keyboard, terminal }, name) {
  if (name === '') throw new Error('Name a file that ends with .md or .json.');
  const file = placeOf(name);
  try {
    saveChat(file, conversation, { mayReplace: false });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    const answer = await keyboard.line(`${file} exists. Replace it? [y/N] `);
    if (!/^y(es)?$/i.test(answer?.trim() ?? '')) {
      terminal.tell('Nothing is saved.');
      return;
    }
    saveChat(file, conversation, { mayReplace: true });
  }
  terminal.tell(`The chat is saved in ${file}.`);
}

async function load({ conversation, terminal }, name) {
  if (name === '') throw new Error('Name a file that /save has written.');
  const { model, system, exchanges } = loadChat(placeOf(name));
  conversation.replace(exchanges);
  conversation.system = system;
  if (model !== undefined) conversation.model = model;
  terminal.tell(`The chat has ${counted(exchanges.length, 'question')}. The next answer is from ${conversation.model}.`);
}

function help({ terminal }) {
  const rows = Object.entries(COMMANDS).map(([name, { usage, about }]) => [`/${name} ${usage}`, about]);
  for (const line of layOut([{ title: '' }, { title: '' }], rows, terminal.columns).slice(1)) terminal.say(line);
  terminal.say('A backslash at the end of a line, or a paste, makes a question of several lines.');
  terminal.say('Ctrl-C stops an answer and keeps what had come. // begins a question that begins with /.');
}

/** Returns the path that a user means: `~` is the home folder. */
function placeOf(name) {
  return name === '~' || name.startsWith('~/') ? path.join(os.homedir(), name.slice(1)) : name;
}

/** Returns the files and folders whose paths begin with a word, as they are typed. */
async function filesFor(_chat, word) {
  const folder = word.slice(0, word.lastIndexOf('/') + 1);
  const entries = await fs.promises.readdir(placeOf(folder || '.'), { withFileTypes: true });
  return entries.map((entry) => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`);
}

module.exports = { COMMANDS, commandIn, completionsOf };
