'use strict';

const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');

const { OpenRouterClient, clearCache } = require('../../..');
const { nodeListener, openrouterHandler } = require('../../../adapters/handler');
const { HEADERS } = require('../../../cli/playground/guard.js');
const { startEmulator } = require('../../../emulator');
const { launch } = require('./browser.js');

const ELEMENTS = path.join(__dirname, '..', '..', '..', 'ui', 'dist', 'index.mjs');
const BASE = '/api/openrouter';
/** The page's own colours, in both themes. */
const STYLE = ':root { color-scheme: light dark; } body { background: light-dark(#ffffff, #17171b); color: light-dark(#1b1b1f, #ececf1); }';
const DESKTOP = { width: 1440, height: 900 };

let keys = 0;

/**
 * A site that uses the elements, as one of a user does: pages with a strict content security policy, a handler, and an emulator
 * behind it. A test fails if its page reports an error, for example that its policy was violated.
 */
class Site {
  static async start(options = {}) {
    const site = new Site();
    site.emulator = await startEmulator(options);
    keys += 1;
    // A key of its own, because a process keeps credits and models by key.
    site.client = new OpenRouterClient(`sk-or-v1-limit-ui-${process.pid}-${keys}`, { baseURL: site.emulator.baseURL, maxRetries: 0, logger: false });
    site.answer = nodeListener(openrouterHandler({ client: site.client, basePath: BASE, coalesce: false, auth: () => ({ id: 'me' }) }));
    /** The paths that pages requested below the base path, oldest first. */
    site.paths = [];
    site.browser = await launch();
    site.server = http.createServer((request, response) => site.#respond(request, response)).listen(0, '127.0.0.1');
    await once(site.server, 'listening');
    site.url = `http://127.0.0.1:${site.server.address().port}`;
    return site;
  }

  #respond(request, response) {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    if (request.url.startsWith(BASE)) {
      this.paths.push(request.url.slice(BASE.length));
      this.answer(request, response);
    } else if (['/ui.mjs', '/ui/index.mjs'].includes(request.url)) response.setHeader('Content-Type', 'text/javascript').end(fs.readFileSync(ELEMENTS));
    else if (request.url === '/page.js') response.setHeader('Content-Type', 'text/javascript').end("import * as ui from './ui.mjs'; globalThis.ui = ui;");
    else if (request.url === '/page.css') response.setHeader('Content-Type', 'text/css').end(STYLE);
    else response.setHeader('Content-Type', 'text/html; charset=utf-8').end(this.html);
  }

  /** Opens a page with this in its body. */
  async open(body, { viewport = DESKTOP, colorScheme = 'light', ...more } = {}) {
    this.html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Test</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/page.css"><script type="module" src="/page.js"></script></head><body><main><h1>Test</h1>${body}</main></body></html>`;
    this.context = await this.browser.newContext({ viewport, colorScheme, locale: 'en-US', ...more });
    const page = await this.context.newPage();
    this.errors = [];
    page.on('pageerror', (error) => this.errors.push(String(error)));
    // The browser itself reports each response that is an error.
    page.on('console', (message) => message.type() === 'error' && !/Failed to load resource/.test(message.text()) && this.errors.push(message.text()));
    await page.goto(this.url);
    await page.waitForFunction(() => globalThis.ui);
    // Events that the test looks at, in order, without what cannot be copied out of the page.
    await page.evaluate(() => {
      globalThis.events = [];
      for (const name of ['credits', 'model', 'toggle', 'fallbacks', 'tested', 'provider', 'send', 'answer', 'error', 'settings', 'end', 'clear']) {
        addEventListener(`openrouter-${name}`, ({ detail }) => globalThis.events.push([name, JSON.parse(JSON.stringify(detail))]));
      }
    });
    return page;
  }

  /** Closes the page, checks that it reported no error, and lets the emulator forget what it was told. */
  async leave() {
    await this.context?.close();
    this.emulator.reset();
    clearCache();
    this.paths = [];
    expect(this.errors ?? []).toEqual([]);
  }

  async close() {
    await this.browser.close();
    this.server.close();
    this.server.closeAllConnections();
    await this.emulator.close();
  }
}

/** The bodies of the chats that the emulator received. */
const chatsOf = ({ emulator }) => emulator.requests.filter(({ path: one }) => one.endsWith('/chat/completions')).map(({ body }) => body);

/** The details of the events of a name, as the page saw them. */
const eventsOf = (page, name) => page.evaluate((wanted) => globalThis.events.filter(([one]) => one === wanted).map(([, detail]) => detail), name);

module.exports = { Site, chatsOf, eventsOf };
