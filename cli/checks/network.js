'use strict';

const { once } = require('node:events');
const dns = require('node:dns/promises');
const net = require('node:net');

const { milliseconds } = require('../output/figures.js');
const { LIMIT_MS } = require('./subject.js');
const { failed, ok } = require('./outcome.js');

const network = {
  name: 'network',
  needs: ['addon', 'environment'],
  async look(subject) {
    const { host, port } = subject.firstHop;
    const whose = subject.proxy === null ? host : `the proxy ${host}`;
    let addresses;
    try {
      addresses = await dns.lookup(host, { all: true });
    } catch (error) {
      return failed(`the name of ${whose} cannot be looked up (${error.code})`, 'Check whether this machine is online, then the host name and the DNS settings.');
    }
    const started = performance.now();
    const error = await connect(host, port);
    const names = addresses.map(({ address }) => address);
    const found = names.includes(host) ? whose : `${whose} is ${names[0]}${names.length > 1 ? ` and ${names.length - 1} more` : ''};`;
    if (error !== null) return failed(`${found} port ${port} does not answer (${error})`, adviceOn(subject, error));
    return ok(`${found} port ${port} answers after ${milliseconds(performance.now() - started)}`);
  },
};

/** Opens a connection and closes it again. Resolves to the code of the error, or to null if the connection was made. */
async function connect(host, port) {
  const socket = net.connect({ host, port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(LIMIT_MS) });
    return null;
  } catch (error) {
    return error.name === 'AbortError' ? 'ETIMEDOUT' : (error.code ?? error.message);
  } finally {
    socket.destroy();
  }
}

function adviceOn({ proxy }, error) {
  if (proxy !== null) return 'Check that the proxy runs and that its variable holds the right address.';
  if (error === 'ECONNREFUSED') return 'No server listens on that port: check OPENROUTER_BASE_URL.';
  return 'A firewall may block the connection. If this network needs a proxy, set HTTPS_PROXY.';
}

module.exports = { network };
