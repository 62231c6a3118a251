'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { pinning } = require('./cores.js');

const ROOT = path.join(__dirname, '..');
const PACKAGES = ['node-fetch', 'openai', 'ai', '@openrouter/ai-sdk-provider', '@openrouter/sdk', 'eventsource-parser', 'undici', 'impit', 'langchain', '@langchain/openai', '@langchain/core'];

/** Describes the machine, the commit and the versions with which the figures are measured. */
function machine() {
  const [{ model }] = os.cpus();
  const { version } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: `${os.availableParallelism()} x ${model}`,
    memory: `${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    system: `${os.type()} ${os.release()}`,
    cores: pinning(),
    commit: said('git', ['rev-parse', '--short', 'HEAD']),
    addonMB: addonBytes() / 1e6,
    versions: {
      node: process.versions.node,
      rust: said('rustc', ['--version']).split(' ')[1] ?? '',
      'openrouter-native': version,
      ...Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
    },
  };
}

function said(command, args) {
  return (spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' }).stdout ?? '').trim();
}

/** Returns the size of the addon in bytes. */
function addonBytes() {
  const folder = path.join(ROOT, 'native');
  const name = fs.readdirSync(folder).find((one) => one.endsWith('.node'));
  return fs.statSync(path.join(folder, name)).size;
}

function versionOf(name) {
  const places = [__dirname, ROOT].map((folder) => path.join(folder, 'node_modules', name, 'package.json'));
  const file = places.find((place) => fs.existsSync(place));
  return file ? JSON.parse(fs.readFileSync(file, 'utf8')).version : null;
}

module.exports = { machine };
