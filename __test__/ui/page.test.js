'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');

const { Playground } = require('../../cli/playground/server.js');
const { follow } = require('../support/command.js');
const { environmentWith } = require('../support/environment.js');
const { ROOT } = require('../support/process.js');
const { until } = require('../support/until.js');
const { describeInBrowser, launch } = require('./support/browser.js');

const AXE = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Runs a program in the checkout, where it finds the package by its name. */
const runOf = async (command, args, env) => {
  const { code, ...rest } = await follow(spawn(command, args, { cwd: ROOT, env: environmentWith(env) })).ended;
  return { status: code, ...rest };
};

describeInBrowser('the page of the playground', () => {
  let browser;
  let playground;
  let context;
  let page;
  /** What the page reported, and the addresses that it requested. */
  let errors;
  let addresses;
  beforeAll(async () => { [browser, playground] = [await launch(), await Playground.start({})]; });
  afterAll(() => Promise.all([browser?.close(), playground?.close()]));
  afterEach(async () => {
    await context.close();
    expect(errors).toEqual([]);
    // It works offline: nothing comes from elsewhere.
    expect(addresses.filter((address) => !address.startsWith(playground.url) && !/^(?:blob|data):/.test(address))).toEqual([]);
  });

  async function open(options = {}) {
    context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US', acceptDownloads: true, ...options });
    page = await context.newPage();
    [errors, addresses] = [[], []];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && !/Failed to load resource/.test(message.text()) && errors.push(message.text()));
    page.on('request', (request) => addresses.push(request.url()));
    await page.goto(playground.url);
    await page.getByRole('button', { name: /^Model: OpenAI/ }).first().waitFor();
  }
  const prompt = () => page.getByRole('textbox', { name: 'Message', exact: true });
  const scenario = (name) => page.getByRole('combobox', { name: 'What happens' }).selectOption(name);
  const chat = () => page.locator('openrouter-chat');
  const isBusy = () => chat().evaluate((element) => element.isBusy);
  const history = () => page.getByRole('navigation', { name: 'History' }).getByRole('listitem');
  async function ask(text) {
    await prompt().fill(text);
    await prompt().press('Enter');
    await until(async () => !(await isBusy()) && (await chat().evaluate((element) => element.messages.length)) > 0, 'the answer has ended');
  }

  test('says that the emulator answers, has the cursor in the message, and shows the first token after Enter', async () => {
    await open();
    expect(await page.getByText('Emulator: canned answers, play money').count()).toBe(1);
    await until(() => prompt().evaluate((field) => field.matches(':focus')), 'the cursor is in the message');
    await page.keyboard.type('Hello');
    await page.keyboard.press('Enter');
    await until(async () => (await page.locator('openrouter-message .text').innerText().catch(() => '')) !== '', 'the first token is shown');
  });

  test('asks a question that it suggests', async () => {
    await open();
    await page.getByRole('button', { name: 'Why is the sky blue?' }).click();
    await page.locator('openrouter-message .metrics .cost').waitFor();
  });

  test.each([
    ['fallback', () => page.getByText('Fallback: anthropic/claude-haiku-4.5 answers, because openai/gpt-5-mini failed: rate limit.').waitFor()],
    ['cut', () => page.getByText('What had arrived stands above.').waitFor()],
    ['error', () => page.getByText('What had arrived stands above.').waitFor()],
    ['credits', () => page.getByText('Insufficient credits').waitFor()],
    ['low', () => page.getByText('Your credits are running low').waitFor()],
  ])('shows the scenario %s as it is announced', async (name, isShown) => {
    await open();
    await scenario(name);
    await ask('Hello');
    await isShown();
  });

  test('shows in the scenario of a slow answer whom it waits for, and stops when it is told to', async () => {
    await open();
    await scenario('slow');
    await prompt().fill('Hello');
    await prompt().press('Enter');
    await page.getByText('Waiting for openai/gpt-5-mini').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('You stopped this answer.').waitFor();
  });

  test('keeps conversations in the browser, shows them again with their facts, and forgets one that is deleted', async () => {
    await open();
    await scenario('fallback');
    await ask('The first question');
    await until(async () => (await history().count()) === 1, 'it is kept');
    await page.getByRole('button', { name: 'New conversation' }).click();
    await scenario('normal');
    await ask('The second question');
    await until(async () => (await history().count()) === 2, 'both are kept');
    await page.reload();
    await until(async () => (await history().count()) === 2, 'both are there after a reload');
    await page.getByRole('button', { name: 'The first question', exact: true }).click();
    await page.getByText('Fallback: anthropic/claude-haiku-4.5 answers').waitFor();
    await page.locator('openrouter-message .metrics .cost').waitFor();
    await ask('And further?');
    expect(await chat().evaluate((element) => element.messages.length)).toBe(4);
    expect(await history().count()).toBe(2);
    await page.getByRole('button', { name: 'Delete The second question' }).click();
    await until(async () => (await history().count()) === 1, 'one is left');
  });

  test('compares two models on one prompt, by speed and cost', async () => {
    await open();
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.getByRole('textbox', { name: 'Prompt for both models' }).fill('Hello');
    await page.keyboard.press('Enter');
    const table = page.getByRole('table', { name: 'Comparison' });
    await table.waitFor();
    const rows = await table.getByRole('row').allInnerTexts();
    expect(rows[0]).toMatch(/openai\/gpt-5-mini\s+anthropic\/claude-haiku-4\.5/);
    expect(rows.slice(1).map((row) => row.split('\t')[0])).toEqual(['First token, ms', 'Tokens per second', 'Whole answer, ms', 'Cost, USD']);
    expect(rows.slice(1).join()).not.toContain('–');
    expect(await table.locator('.best').count()).toBeGreaterThan(0);
    expect(await page.locator('playground-compare openrouter-message').count()).toBe(2);
  });

  test('saves a conversation as JSON, without the faults of the scenario', async () => {
    await open();
    await scenario('fallback');
    await ask('Hello');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save as JSON' }).click()]);
    const text = fs.readFileSync(await download.path(), 'utf8');
    expect(JSON.parse(text)).toMatchObject({
      settings: { model: 'openai/gpt-5-mini', fallbacks: ['anthropic/claude-haiku-4.5', 'google/gemini-2.5-flash'] },
      messages: [{ role: 'user', content: 'Hello' }, { role: 'assistant', answer: { model: 'anthropic/claude-haiku-4.5', state: 'done' } }],
    });
    expect(text).not.toContain('emulator"');
  });

  test('shows the request as programs, which run', async () => {
    await open();
    const tricky = "It's \"quoted\" with $HOME, `code`, \\n and\na new line; é 🦀";
    await chat().evaluate((element) => Object.assign(element, { model: 'anthropic/claude-sonnet-4.5', system: "Don't", zdr: true, provider: { sort: 'price' }, fallbacks: ['anthropic/claude-haiku-4.5'] }));
    await prompt().fill(tricky);
    await prompt().press('Enter');
    await until(async () => !(await isBusy()) && (await chat().evaluate((element) => element.messages.length)) === 2, 'the answer has ended');
    await page.getByRole('button', { name: 'Code', exact: true }).click();
    const [emulator] = playground.emulators;
    const runs = {
      'curl': (code) => ['sh', ['-c', code]],
      'openrouter-native': (code) => [process.execPath, ['--input-type=module', '-e', code]],
      'OpenAI SDK': (code) => [process.execPath, ['--input-type=module', '-e', code]],
    };
    for (const [name, commandOf] of Object.entries(runs)) {
      await page.getByRole('button', { name, exact: true }).click();
      const code = await page.locator('openrouter-playground dialog pre').textContent();
      expect(code).not.toMatch(/sk-or-|emulator/);
      emulator.clear();
      const [command, args] = commandOf(code);
      const { status, stdout, stderr } = await runOf(command, args, { OPENROUTER_API_KEY: 'sk-or-v1-limit-export', OPENROUTER_BASE_URL: emulator.baseURL });
      expect([name, status, stderr.includes('Error')]).toEqual([name, 0, false]);
      expect(stdout.length).toBeGreaterThan(20);
      expect(emulator.requests.at(-1).body).toMatchObject({
        model: 'anthropic/claude-sonnet-4.5', models: ['anthropic/claude-haiku-4.5'], provider: { sort: 'price', zdr: true }, stream: true,
        messages: [{ role: 'system', content: "Don't" }, { role: 'user', content: tricky }],
      });
    }
  });

  describe.each(['light', 'dark'].flatMap((theme) => [390, 1440].map((width) => [theme, width])))('%s, %d pixels wide', (colorScheme, width) => {
    test('has no violation of accessibility rules, and needs no scrolling sideways', async () => {
      await open({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
      await scenario('fallback');
      await ask('Hello');
      await page.evaluate(AXE);
      const check = async () => {
        const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
        return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.flat().join(' ')}: ${failureSummary}`));
      };
      expect(await check()).toEqual([]);
      await page.getByRole('button', { name: 'Code', exact: true }).click();
      expect(await check()).toEqual([]);
      await page.getByRole('button', { name: 'Close' }).click();
      await page.getByRole('button', { name: 'Compare' }).click();
      expect(await check()).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false);
    });
  });

  test('says that its server was stopped', async () => {
    await open();
    await page.route(`${playground.url}about.json`, (route) => route.abort());
    await page.reload();
    expect(await page.getByRole('alert').innerText()).toMatch(/has been stopped/);
  });
});
