'use strict';

// Real programs that stand between clients and the API: nginx, tinyproxy and microsocks. Each start has its own port and its
// own temporary folder.
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');

const { IDENTITY_FILE } = require('./certificates.js');
const { until } = require('./until.js');

const USER = 'user';
const PASSWORD = 'canary-pass';

/** Returns the path of a program where Debian installs it, or null. */
const find = (name) => [`/usr/sbin/${name}`, `/usr/bin/${name}`].find((file) => fs.existsSync(file)) ?? null;
const hasPrograms = ['nginx', 'tinyproxy', 'microsocks'].every(find);

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

/** Starts a program and waits until it accepts connections. Returns its port, its folder and functions that control it. */
async function start(name, configure) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `${name}-`));
  const port = await freePort();
  const child = spawn(find(name), configure({ folder, port }), { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (bytes) => { said += bytes; });
  const kill = () => child.kill('SIGTERM');
  process.once('exit', kill);
  await until(async () => child.exitCode !== null || (await answers(port)), `${name} listens`);
  if (child.exitCode !== null) throw new Error(`${name} ended: ${said}`);
  return {
    port,
    folder,
    reload: () => child.kill('SIGHUP'),
    read: (file) => fs.readFileSync(path.join(folder, file), 'utf8'),
    async stop() {
      process.off('exit', kill);
      if (child.exitCode === null) {
        kill();
        await once(child, 'exit');
      }
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Starts nginx, which speaks TLS and passes requests to the plain HTTP server on `upstreamPort`. `protocol` is `http2`, or
 * empty for HTTP/1.1. `access.log` has one line for each request.
 */
function startNginx(upstreamPort, protocol = 'http2') {
  return start('nginx', ({ folder, port }) => {
    fs.copyFileSync(IDENTITY_FILE, path.join(folder, 'server.pem'));
    fs.writeFileSync(path.join(folder, 'nginx.conf'), `
      daemon off; master_process on; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log; user root;
      events { worker_connections 512; }
      http {
        log_format brief '$server_protocol $request_method $uri $status $connection';
        access_log ${folder}/access.log brief;
        client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/f;
        uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
        gzip on; gzip_min_length 1; gzip_types *; gzip_proxied any;
        server {
          listen 127.0.0.1:${port} ssl ${protocol};
          ssl_certificate ${folder}/server.pem; ssl_certificate_key ${folder}/server.pem;
          location / { proxy_pass http://127.0.0.1:${upstreamPort}; proxy_http_version 1.1; proxy_buffering off; }
        }
      }`);
    return ['-p', folder, '-c', path.join(folder, 'nginx.conf'), '-e', path.join(folder, 'error.log')];
  });
}

/** Starts tinyproxy, an HTTP proxy, with a password. `log` has one line for each connection. */
function startTinyproxy() {
  return start('tinyproxy', ({ folder, port }) => {
    const file = path.join(folder, 'tinyproxy.conf');
    fs.writeFileSync(file, `Port ${port}\nListen 127.0.0.1\nTimeout 60\nLogFile "${folder}/log"\nLogLevel Connect\nMaxClients 50\nBasicAuth ${USER} ${PASSWORD}\nAllow 127.0.0.1\n`);
    return ['-d', '-c', file];
  });
}

/** Starts microsocks, a SOCKS5 proxy, with a password. */
function startMicrosocks() {
  return start('microsocks', ({ port }) => ['-i', '127.0.0.1', '-p', String(port), '-u', USER, '-P', PASSWORD]);
}

module.exports.PASSWORD = PASSWORD;
module.exports.USER = USER;
module.exports.hasPrograms = hasPrograms;
module.exports.startMicrosocks = startMicrosocks;
module.exports.startNginx = startNginx;
module.exports.startTinyproxy = startTinyproxy;
