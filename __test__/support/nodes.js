'use strict';

const { plainNodes } = require('../../scripts/linux/nodes.js');

const isPlainLinux = process.platform === 'linux' && process.arch === 'x64' && Boolean(process.report.getReport().header.glibcVersionRuntime);

/**
 * The Node that runs the tests and, where they run, one of each supported release line.
 * @type {{ version: string, command(): string }[]} `command` fetches the Node if it is not there yet, and returns its path
 */
const NODES = [{ version: process.versions.node, command: () => process.execPath }, ...(isPlainLinux ? plainNodes('x64') : [])]
  .filter(({ version }, index, all) => all.findIndex((other) => other.version === version) === index);

module.exports.NODES = NODES;
