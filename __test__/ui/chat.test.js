'use strict';

const { describeInBrowser } = require('./support/browser.js');
const { Site, chatsOf, eventsOf } = require('./support/site.js');
const { until } = require('../support/until.js');

describeInBrowser('<openrouter-chat>', () => {
  let site;
  let page;
  beforeAll(async () => { site = await Site.start(); });
  afterEach(() => site.leave());
  afterAll(() => site?.close());

  const prompt = () => page.getByRole('textbox', { name: 'Message', exact: true });
  const answers = () => page.locator('openrouter-message[from=assistant] .text');
  const open = async (attributes = 'model="openai/gpt-5-mini"') => { page = await site.open(`<openrouter-chat ${attributes}></openrouter-chat>`); };
  const set = (properties) => page.evaluate((all) => Object.assign(document.querySelector('openrouter-chat'), all), properties);
  async function ask(text) {
    const before = (await eventsOf(page, 'answer')).length + (await eventsOf(page, 'error')).length;
    await prompt().fill(text);
    await prompt().press('Enter');
    await until(async () => (await eventsOf(page, 'answer')).length + (await eventsOf(page, 'error')).length > before, 'the answer has ended');
  }

  test('holds a conversation: each request has what was said before', async () => {
    site.emulator.script(['It is **blue**.', 'Because of scattering.']);
    await open();
    await ask('Which colour is the sky?');
    await ask('Why?');
    expect(await answers().allInnerTexts()).toEqual(['It is blue.', 'Because of scattering.']);
    expect(chatsOf(site).map(({ messages }) => messages)).toEqual([
      [{ role: 'user', content: 'Which colour is the sky?' }],
      [{ role: 'user', content: 'Which colour is the sky?' }, expect.objectContaining({ role: 'assistant', content: 'It is **blue**.' }), { role: 'user', content: 'Why?' }],
    ]);
    expect(await prompt().inputValue()).toBe('');
  });

  test('writes Shift and Enter as a new line, and sends no blank message', async () => {
    await open();
    await prompt().press('Enter');
    await prompt().fill('one');
    await prompt().press('Shift+Enter');
    await prompt().pressSequentially('two');
    expect(await prompt().inputValue()).toBe('one\ntwo');
    expect(chatsOf(site)).toEqual([]);
  });

  test('sends the model, the chain, the provider preferences, zero retention and parameters', async () => {
    await open();
    await set({ fallbacks: ['openai/gpt-5-nano'], provider: { sort: 'price' }, zdr: true, params: { temperature: 0.5 }, system: 'Be brief.' });
    await ask('Hi');
    const [body] = chatsOf(site);
    expect(body).toMatchObject({ model: 'openai/gpt-5-mini', models: ['openai/gpt-5-nano'], provider: { sort: 'price', zdr: true }, temperature: 0.5, stream: true });
    expect(body.messages).toEqual([{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Hi' }]);
  });

  test('with the auto router asks the router, without the chain; a model that is chosen by hand turns it off', async () => {
    await open();
    await set({ fallbacks: ['openai/gpt-5-nano'] });
    await page.getByRole('button', { name: 'Auto router' }).click();
    await page.getByRole('button', { name: /^Model: .*Auto Router/ }).waitFor();
    await ask('Hi');
    expect(chatsOf(site)[0].model).toBe('openrouter/auto');
    expect(chatsOf(site)[0]).not.toHaveProperty('models');
    await page.getByRole('button', { name: /^Model:/ }).click();
    await page.getByRole('combobox', { name: 'Search models' }).fill('gpt-5-nano');
    await page.keyboard.press('Enter');
    expect(await page.getByRole('button', { name: 'Auto router' }).getAttribute('aria-pressed')).toBe('false');
    await ask('Hi');
    expect(chatsOf(site)[1].model).toBe('openai/gpt-5-nano');
    // The router chose another model before.
    expect((await eventsOf(page, 'settings')).at(-1)).toMatchObject({ model: 'openai/gpt-5-nano', autoRouter: false });
  });

  test('tells in the conversation that another model answers than before', async () => {
    await open();
    await ask('Hi');
    await set({ model: 'openai/gpt-5-nano' });
    await ask('Hi');
    expect(await page.locator('.switch').allInnerTexts()).toEqual(['The model changed from openai/gpt-5-mini to openai/gpt-5-nano.']);
  });

  test('stops an answer, closes its request, and keeps what had come', async () => {
    site.emulator.script([{ text: 'one two three four', stall: 2 }, 'Go on.']);
    await open();
    await prompt().fill('Hi');
    await prompt().press('Enter');
    await until(async () => (await answers().innerText().catch(() => '')).startsWith('one'), 'the beginning is shown');
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('You stopped this answer.').waitFor();
    expect((await site.emulator.requests.find(({ path }) => path.endsWith('/chat/completions')).closed).by).toBe('client');
    await page.getByRole('button', { name: 'Send' }).waitFor();
    await ask('More');
    expect(chatsOf(site)[1].messages[1].content).toMatch(/^one/);
  });

  test('shows a failure, asks again when that is wanted, and sends no failed answer without text as history', async () => {
    site.emulator.script([{ status: 402 }, 'Now it works.', 'And on.']);
    await open();
    await ask('Hi');
    expect(await page.getByRole('alert').innerText()).toMatch(/^The answer failed: Insufficient credits/);
    await page.getByRole('button', { name: 'Try again' }).click();
    await until(async () => (await answers().allInnerTexts()).join() === 'Now it works.', 'the second answer is there');
    await ask('On?');
    expect(chatsOf(site).map(({ messages }) => messages.length)).toEqual([1, 1, 3]);
  });

  test('lets the page change a request or prevent it', async () => {
    await open();
    await page.evaluate(() => addEventListener('openrouter-send', (event) => {
      event.detail.params.user = 'me';
      if (event.detail.params.messages.at(-1).content === 'No') event.preventDefault();
    }));
    await ask('Yes');
    expect(await page.evaluate(() => document.querySelector('openrouter-chat').send('No'))).toBeNull();
    expect(chatsOf(site)).toEqual([expect.objectContaining({ user: 'me' })]);
    expect(await page.locator('openrouter-message').count()).toBe(2);
  });

  test('updates the credits after each answer', async () => {
    await open();
    await until(() => site.paths.includes('/credits'), 'the credits were asked for');
    const before = site.paths.filter((path) => path.startsWith('/credits')).length;
    await ask('Hi');
    await until(() => site.paths.filter((path) => path.startsWith('/credits')).length > before, 'they are asked for again');
  });

  test('has settings in four groups, which the next request follows', async () => {
    await open();
    await page.getByRole('button', { name: 'Settings' }).click();
    expect(await page.getByRole('heading', { level: 2 }).allInnerTexts()).toEqual(['Model configuration', 'Provider preferences', 'Credits', 'Answer']);
    await page.getByRole('textbox', { name: 'System message' }).fill('Be brief.');
    await page.getByRole('spinbutton', { name: 'Temperature' }).fill('0.2');
    await page.getByRole('spinbutton', { name: 'Longest answer, in tokens' }).fill('50');
    await page.getByRole('checkbox', { name: 'Show each piece as it arrives' }).check();
    await page.getByRole('checkbox', { name: 'Only providers that know all parameters' }).check();
    await ask('Hi');
    expect(chatsOf(site)[0]).toMatchObject({ temperature: 0.2, max_tokens: 50, provider: { require_parameters: true } });
    expect(chatsOf(site)[0].messages[0]).toEqual({ role: 'system', content: 'Be brief.' });
    expect(await page.locator('.piece').count()).toBeGreaterThan(1);
  });

  test('warns of a model that cannot call the tools of the request', async () => {
    await open('model="meta-llama/llama-3-8b-instruct"');
    await set({ params: { tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }] } });
    await page.getByText('cannot use tools').waitFor();
  });

  test('begins a new conversation', async () => {
    await open();
    await ask('Hi');
    await page.getByRole('button', { name: 'New conversation' }).click();
    expect(await page.locator('openrouter-message').count()).toBe(0);
    await ask('Hi');
    expect(chatsOf(site)[1].messages).toHaveLength(1);
  });

  test('sends the headers that the page configured, and goes by its fetch', async () => {
    await open('model="openai/gpt-5-mini" base="/api/openrouter/"');
    const seen = await page.evaluate(async () => {
      const all = [];
      globalThis.ui.configure({ base: '/api/openrouter', headers: async () => ({ 'X-Session': 'mine' }), fetch: (url, init) => { all.push([url, init.headers['X-Session']]); return fetch(url, init); } });
      await document.querySelector('openrouter-chat').send('Hi');
      return all;
    });
    expect(seen[0]).toEqual(['/api/openrouter/chat/completions', 'mine']);
  });
});
