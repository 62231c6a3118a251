'use strict';

const dns = require('node:dns');
const { isIP } = require('node:net');

const TOKEN_TABLE = /^https:\/\/tiktoken\.pages\.dev\/js\/(\w+)\.json$/;

/**
 * Keeps this process on the loopback interface: no name is looked up, and LangChain's token tables, which it would
 * download, come from the package that it counts with.
 * @returns {string[]} the names that were asked for, as they come
 */
function stayOnLoopback() {
  const asked = [];
  const { lookup } = dns;
  dns.lookup = (name, options, callback = options) => {
    if (isIP(name)) {
      lookup(name, options, callback);
      return;
    }
    asked.push(name);
    process.nextTick(callback, Object.assign(new Error(`${name} is not on this machine`), { code: 'ENOTFOUND', hostname: name }));
  };
  const stock = globalThis.fetch;
  globalThis.fetch = async function fetch(input, init) {
    const [, table] = TOKEN_TABLE.exec(String(input)) ?? [];
    return table ? Response.json(require(`js-tiktoken/ranks/${table}`)) : stock(input, init);
  };
  return asked;
}

module.exports.stayOnLoopback = stayOnLoopback;
