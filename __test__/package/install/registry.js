'use strict';

// A package registry on the loopback interface, from which package managers install as from the real one. It serves the
// tarballs that it is given, their dependencies, and what is published to it. Of the other packages in this checkout's
// node_modules it serves the manifest only, because package managers request manifests of peers that they do not install.
const { execFile } = require('node:child_process');
const { createHash } = require('node:crypto');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');

const { ROOT, npm } = require('../../../scripts/tools.js');

const call = promisify(execFile);

class Registry {
  #server;
  /** The manifest and the bytes of the tarball, by package name. */
  #packages = new Map();
  /** All requests in order: `GET /name/-/file.tgz`, `PUT /name`. */
  requests = [];

  async add(tarball) {
    const { stdout } = await call('tar', ['-xzOf', path.basename(tarball), 'package/package.json'], { cwd: path.dirname(tarball) });
    const manifest = JSON.parse(stdout);
    this.#keep(manifest, fs.readFileSync(tarball));
    for (const name of Object.keys(manifest.dependencies ?? {})) if (!this.#packages.has(name)) await this.#pack(name);
  }

  async listen() {
    this.#server = http.createServer((request, response) => this.#answer(request, response).catch((error) => {
      response.writeHead(500).end(JSON.stringify({ error: error.message }));
    }));
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.url = `http://127.0.0.1:${this.#server.address().port}/`;
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** The packages whose tarballs were fetched since the last call. */
  fetched() {
    const names = this.requests.splice(0).flatMap((line) => /^GET \/(.+)\/-\//.exec(line)?.[1] ?? []);
    return [...new Set(names)].sort();
  }

  #keep(manifest, bytes) {
    this.#packages.set(manifest.name, { manifest, bytes });
  }

  async #answer(request, response) {
    const route = decodeURIComponent(new URL(request.url, this.url).pathname.slice(1));
    this.requests.push(`${request.method} /${route}`);
    const name = route.split('/-/')[0];
    if (request.method === 'PUT') return this.#publish(request, response);
    const found = this.#packages.get(name) ?? this.#peer(name);
    if (!found) return response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not found"}');
    if (route.includes('/-/')) return response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(found.bytes);
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(this.#document(found)));
  }

  #document({ manifest, bytes }) {
    const { name, version } = manifest;
    const tarball = `${this.url}${name}/-/${path.basename(name)}-${version}.tgz`;
    const digest = (algorithm, encoding) => createHash(algorithm).update(bytes).digest(encoding);
    const dist = bytes ? { tarball, integrity: `sha512-${digest('sha512', 'base64')}`, shasum: digest('sha1', 'hex') } : { tarball };
    const published = '2026-01-01T00:00:00.000Z';
    return {
      name,
      'dist-tags': { latest: version },
      versions: { [version]: { _id: `${name}@${version}`, ...manifest, dist } },
      time: { created: published, modified: published, [version]: published },
    };
  }

  async #publish(request, response) {
    const parts = await request.toArray();
    const { versions, _attachments: attachments } = JSON.parse(Buffer.concat(parts).toString());
    const [manifest] = Object.values(versions);
    const [{ data }] = Object.values(attachments);
    this.#keep(manifest, Buffer.from(data, 'base64'));
    response.writeHead(201, { 'content-type': 'application/json' }).end('{"ok":true}');
  }

  /** Packs a dependency as it is installed in this checkout, and adds it. */
  async #pack(name) {
    const to = fs.mkdtempSync(path.join(os.tmpdir(), 'openrouter-native-registry-'));
    await call(npm, ['pack', path.join(ROOT, 'node_modules', name), '--pack-destination', to, '--ignore-scripts', '--loglevel=error'], { cwd: to });
    const [file] = fs.readdirSync(to);
    await this.add(path.join(to, file));
    fs.rmSync(to, { recursive: true });
  }

  #peer(name) {
    const file = path.join(ROOT, 'node_modules', name, 'package.json');
    return /^(@[\w.-]+\/)?[\w.-]+$/.test(name) && fs.existsSync(file) ? { manifest: JSON.parse(fs.readFileSync(file, 'utf8')) } : null;
  }
}

/** Starts a registry that has these tarballs. */
async function startRegistry(tarballs = []) {
  const registry = new Registry();
  for (const tarball of tarballs) await registry.add(tarball);
  await registry.listen();
  return registry;
}

module.exports.startRegistry = startRegistry;
