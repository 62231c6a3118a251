'use strict';


const { build } = require('esbuild');

const { blocksOf } = require('../support/markdown.js');
const { ROOT } = require('../support/process.js');
const { until } = require('../support/until.js');
const { describeInBrowser } = require('./support/browser.js');
const { Site } = require('./support/site.js');

/** What stands in for LibreChat: its context of a chat, its token, and a page that has the bar. React is the version of LibreChat. */
const STAND_INS = {
  '~/Providers': `
    import { createContext, useContext } from 'react';
    export const ChatContext = createContext(null);
    export const useChatContext = () => useContext(ChatContext);`,
  'librechat-data-provider': "export const getTokenHeader = () => 'Bearer the-token';",
  page: `
    import { createElement, useState } from 'react';
    import { createRoot } from 'react-dom/client';
    import { ChatContext } from '~/Providers';
    import Bar from 'bar';
    function App() {
      const [conversation, setConversation] = useState({ endpoint: 'OpenRouter', model: 'openai/gpt-5-mini' });
      globalThis.conversation = conversation;
      globalThis.setConversation = setConversation;
      return createElement(ChatContext.Provider, { value: { conversation, setConversation } }, createElement(Bar));
    }
    createRoot(document.querySelector('#root')).render(createElement(App));`,
};

describeInBrowser("the bar for LibreChat's client, as docs/librechat.md has it", () => {
  let site;
  let script;
  beforeAll(async () => {
    site = await Site.start();
    const [{ code: bar }] = blocksOf('docs/librechat.md').filter(({ code }) => code.includes('function OpenRouterBar'));
    const modules = { ...STAND_INS, bar };
    const standIns = {
      name: 'stand-ins',
      setup({ onResolve, onLoad }) {
        onResolve({ filter: /^(?:~\/Providers|librechat-data-provider|page|bar)$/ }, ({ path: name }) => ({ path: name, namespace: 'here' }));
        onLoad({ filter: /.*/, namespace: 'here' }, ({ path: name }) => ({ contents: modules[name], loader: 'ts', resolveDir: ROOT }));
      },
    };
    const { outputFiles: [file] } = await build({ entryPoints: ['page'], bundle: true, write: false, format: 'iife', platform: 'browser', plugins: [standIns], define: { 'process.env.NODE_ENV': '"production"' } });
    script = file.text.replaceAll('/api/endpoints/openrouter', '/api/openrouter');
  });
  afterEach(() => site.leave());
  afterAll(async () => {
    await site?.close();
  });

  async function open() {
    const page = await site.open('<div id="root"></div>', { bypassCSP: true });
    await page.evaluate(script);
    await page.getByRole('button', { name: 'Auto router' }).waitFor();
    return page;
  }
  const conversation = (page) => page.evaluate(() => globalThis.conversation);

  test('shows the balance, which it asks for with the token of the session', async () => {
    const seen = [];
    const page = await open();
    page.on('request', (request) => seen.push(request.headers().authorization));
    await page.locator('openrouter-credits button').click();
    await until(() => seen.length > 0, 'the balance was asked for');
    expect(seen[0]).toBe('Bearer the-token');
    expect(await page.locator('openrouter-credits button').innerText()).toMatch(/^\$/);
  });

  test('puts zero retention, the auto router and the chain into the conversation', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Zero retention' }).click();
    await page.getByRole('button', { name: 'Auto router' }).click();
    await until(async () => (await conversation(page)).model === 'openrouter/auto', 'the router is chosen');
    expect(await conversation(page)).toMatchObject({ zdr: true, model: 'openrouter/auto' });
    await page.getByRole('button', { name: 'Auto router' }).click();
    await until(async () => (await conversation(page)).model === 'openai/gpt-5-mini', 'the model from before is back');
    await page.getByRole('button', { name: 'Fallbacks' }).click();
    await page.getByRole('button', { name: 'Add a fallback' }).click();
    await page.getByRole('combobox', { name: 'Search models' }).fill('claude-haiku');
    await page.locator('openrouter-models .option').first().waitFor();
    await page.keyboard.press('Enter');
    await until(async () => (await conversation(page)).models?.[0] === 'anthropic/claude-haiku-4.5', 'the chain is there');
  });

  test('follows a model that is chosen elsewhere, and is not there for another endpoint', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Auto router' }).click();
    await page.evaluate(() => globalThis.setConversation((before) => ({ ...before, model: 'openai/gpt-5-nano' })));
    await until(async () => (await page.getByRole('button', { name: 'Auto router' }).getAttribute('aria-pressed')) === 'false', 'the router is off');
    await page.evaluate(() => globalThis.setConversation((before) => ({ ...before, endpoint: 'anthropic' })));
    await until(async () => (await page.locator('openrouter-toggles').count()) === 0, 'the bar is gone');
  });
});
