'use strict';

const dns = require('node:dns');
const { isIP } = require('node:net');

const TOKEN_TABLE = /^https:\/\/tiktoken\.pages\.dev\/js\/(\w+)\.json$/;

/**
 * Keeps this process on the loopback interface: lookups of host names fail, and LangChain's token tables, which it would
 * download, are read from the installed `js-tiktoken`.
 * @returns {string[]} the host names that were looked up; grows with each lookup
 */
function stayOnLoopback() {
  const lookups = [];
  const { lookup } = dns;
  dns.lookup = (name, options, callback = options) => {
    if (isIP(name)) {
      lookup(name, options, callback);
      return;
    }
    lookups.push(name);
    process.nextTick(callback, Object.assign(new Error(`${name} is not on this machine`), { code: 'ENOTFOUND', hostname: name }));
  };
  const stock = globalThis.fetch;
  globalThis.fetch = async function fetch(input, init) {
    const [, table] = TOKEN_TABLE.exec(String(input)) ?? [];
    return table ? Response.json(require(`js-tiktoken/ranks/${table}`)) : stock(input, init);
  };
  return lookups;
}

module.exports.stayOnLoopback = stayOnLoopback;
