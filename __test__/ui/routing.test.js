'use strict';

const { describeInBrowser } = require('./support/browser.js');
const { Site, chatsOf, eventsOf } = require('./support/site.js');
const { until } = require('../support/until.js');

const CHAIN = ['anthropic/claude-haiku-4.5', 'google/gemini-2.5-flash', 'openai/gpt-5-nano'];

describeInBrowser('the elements of routing', () => {
  let site;
  beforeAll(async () => { site = await Site.start(); });
  afterEach(() => site.leave());
  afterAll(() => site?.close());

  describe('<openrouter-toggles>', () => {
    test('turns the auto router and zero retention on and off, and tells the page', async () => {
      const page = await site.open('<openrouter-toggles></openrouter-toggles>');
      const router = page.getByRole('button', { name: 'Auto router' });
      const zdr = page.getByRole('button', { name: 'Zero retention' });
      await router.click();
      await zdr.click();
      expect(await router.getAttribute('aria-pressed')).toBe('true');
      expect(await zdr.getAttribute('aria-pressed')).toBe('true');
      await router.click();
      expect(await eventsOf(page, 'toggle')).toEqual([{ autoRouter: true, zdr: false }, { autoRouter: true, zdr: true }, { autoRouter: false, zdr: true }]);
      expect(await page.locator('openrouter-toggles').evaluate((element) => [element.autoRouter, element.zdr, element.hasAttribute('zdr')])).toEqual([false, true, true]);
    });

    test('turns the auto router off when a model is chosen by hand, and on when the router is chosen', async () => {
      const page = await site.open('<openrouter-toggles auto-router></openrouter-toggles><openrouter-models></openrouter-models>');
      const choose = async (words) => {
        await page.getByRole('button', { name: /^Model/ }).click();
        await page.getByRole('combobox', { name: 'Search models' }).fill(words);
        await page.locator('openrouter-models .option').first().waitFor();
        await page.keyboard.press('Enter');
      };
      await choose('gpt-5-nano');
      expect(await eventsOf(page, 'toggle')).toEqual([{ autoRouter: false, zdr: false }]);
      await choose('openrouter/auto');
      expect((await eventsOf(page, 'toggle')).at(-1)).toEqual({ autoRouter: true, zdr: false });
    });
  });

  describe('<openrouter-fallbacks>', () => {
    const withChain = (models = CHAIN, more = '') => site.open(`<openrouter-fallbacks models='${JSON.stringify(models)}' ${more}></openrouter-fallbacks>`);
    const models = (page) => page.locator('openrouter-fallbacks').evaluate((element) => element.models);

    test('is brought into order by dragging', async () => {
      const page = await withChain();
      const handles = page.locator('openrouter-fallbacks .handle');
      const [from, to] = [await handles.nth(0).boundingBox(), await handles.nth(2).boundingBox()];
      await page.mouse.move(from.x + 5, from.y + 5);
      await page.mouse.down();
      await page.mouse.move(to.x + 5, to.y + to.height - 1, { steps: 8 });
      expect(await eventsOf(page, 'fallbacks')).toEqual([]);
      await page.mouse.up();
      expect(await models(page)).toEqual([CHAIN[1], CHAIN[2], CHAIN[0]]);
      expect(await eventsOf(page, 'fallbacks')).toEqual([{ models: [CHAIN[1], CHAIN[2], CHAIN[0]] }]);
    });

    test('is brought into order by the keyboard alone, and says where each model is now', async () => {
      const page = await withChain();
      await page.getByRole('button', { name: `Move ${CHAIN[2]} up` }).focus();
      await page.keyboard.press('Enter');
      await page.keyboard.press('Enter');
      expect(await models(page)).toEqual([CHAIN[2], CHAIN[0], CHAIN[1]]);
      expect(await page.locator('openrouter-order [role=status]').innerText()).toBe(`${CHAIN[2]} is now 1 of 3.`);
      await page.keyboard.press('Alt+ArrowDown');
      expect(await models(page)).toEqual([CHAIN[0], CHAIN[2], CHAIN[1]]);
      await page.getByRole('button', { name: `Remove ${CHAIN[2]}` }).focus();
      await page.keyboard.press('Enter');
      expect(await models(page)).toEqual([CHAIN[0], CHAIN[1]]);
      expect(await page.getByRole('button', { name: `Remove ${CHAIN[1]}` }).evaluate((button) => button.matches(':focus'))).toBe(true);
    });

    test('takes further models from the picker, each once, and at most ten', async () => {
      const nine = Array.from({ length: 9 }, (_, at) => `maker/model-${at}`);
      const page = await withChain(nine, 'model="openai/gpt-5-mini"');
      const add = async (words) => {
        await page.getByRole('button', { name: 'Add a fallback' }).click();
        await page.getByRole('combobox', { name: 'Search models' }).fill(words);
        await page.locator('openrouter-models .option').first().waitFor();
        await page.keyboard.press('Enter');
      };
      await add('openai/gpt-5-mini');
      expect(await models(page)).toEqual(nine);
      await add(CHAIN[0]);
      expect(await models(page)).toEqual([...nine, CHAIN[0]]);
      expect(await page.getByText('A chain has at most 10 models.').count()).toBe(1);
      // The picker of a chain does not choose the model of a chat.
      expect(await eventsOf(page, 'model')).toEqual([]);
    });

    test('asks each model when the chain is tested, and shows which works and why another does not', async () => {
      site.emulator.respond(({ body }) => (body?.model === CHAIN[1] ? { status: 429 } : undefined));
      const page = await withChain(CHAIN, 'model="openai/gpt-5-mini"');
      await page.getByRole('button', { name: 'Test this chain' }).click();
      await until(async () => (await eventsOf(page, 'tested')).length === 1, 'the test has ended');
      const [{ results }] = await eventsOf(page, 'tested');
      expect(Object.entries(results).map(([model, { ok }]) => [model, ok])).toEqual([['openai/gpt-5-mini', true], [CHAIN[0], true], [CHAIN[1], false], [CHAIN[2], true]]);
      expect(chatsOf(site).map(({ model, models: chain }) => [model, chain])).toEqual(['openai/gpt-5-mini', ...CHAIN].map((model) => [model, undefined]));
      const rows = await page.locator('openrouter-order li').allInnerTexts();
      expect(rows[0]).toMatch(/works: Anthropic, \d+ ms/);
      expect(rows[1]).toMatch(/fails: Rate limit exceeded/);
    });

    test('ends the test when it is stopped, and closes its request', async () => {
      site.emulator.respond(({ body }) => (body?.model === CHAIN[0] ? { delay: 60_000 } : undefined));
      const page = await withChain();
      await page.getByRole('button', { name: 'Test this chain' }).click();
      const request = await site.emulator.waitForRequest(({ path }) => path.endsWith('/chat/completions'));
      await page.getByRole('button', { name: 'Stop the test' }).click();
      expect((await request.closed).by).toBe('client');
      expect(chatsOf(site)).toHaveLength(1);
      await page.getByRole('button', { name: 'Test this chain' }).waitFor();
    });
  });

  describe('<openrouter-providers>', () => {
    const provider = (page) => page.locator('openrouter-providers').evaluate((element) => element.provider);

    test('makes the preferences of a request: order, only, ignore, privacy, parameters, sort and prices', async () => {
      const page = await site.open('<openrouter-providers></openrouter-providers>');
      const use = (name) => page.getByRole('combobox', { name: `Use of ${name}`, exact: true });
      await use('Azure').selectOption('order');
      await use('OpenAI').selectOption('order');
      await use('DeepSeek').selectOption('ignore');
      await use('Groq').selectOption('only');
      await page.getByRole('combobox', { name: 'Prefer providers by' }).selectOption('throughput');
      await page.getByRole('checkbox', { name: 'Do not let providers store or train on prompts' }).check();
      await page.getByRole('checkbox', { name: 'Only providers that know all parameters' }).check();
      await page.getByRole('checkbox', { name: 'Let another provider answer if the first ones fail' }).uncheck();
      await page.getByRole('spinbutton', { name: 'Prompt' }).fill('1.5');
      await page.getByRole('spinbutton', { name: 'Answer' }).fill('6');
      await page.keyboard.press('Tab');
      await page.getByRole('button', { name: 'Move OpenAI up' }).click();
      const all = {
        order: ['openai', 'azure'], ignore: ['deepseek'], only: ['groq'], sort: 'throughput', data_collection: 'deny', require_parameters: true, allow_fallbacks: false,
        max_price: { prompt: 1.5, completion: 6 },
      };
      expect(await provider(page)).toEqual(all);
      expect((await eventsOf(page, 'provider')).at(-1)).toEqual({ provider: all });
      // What is taken back is left out, because the API refuses empty lists.
      await use('Groq').selectOption('any');
      await page.getByRole('spinbutton', { name: 'Prompt' }).fill('');
      await page.getByRole('spinbutton', { name: 'Answer' }).fill('');
      await page.keyboard.press('Tab');
      const { only: _, max_price: __, ...rest } = all;
      expect(await provider(page)).toEqual(rest);
    });

    test('has for a model only its providers, with price, uptime and zero retention', async () => {
      const page = await site.open('<openrouter-providers model="openai/gpt-5-mini"></openrouter-providers>');
      const rows = page.locator('openrouter-providers .list li > span:first-child');
      await rows.first().waitFor();
      const texts = await rows.allInnerTexts();
      expect(texts.map((text) => text.split(' ')[0])).toEqual(['OpenAI', 'Azure']);
      expect(texts[1]).toMatch(/^Azure \$0\.25 \/ \$2\.00 · [\d.]+ % · zero retention$/);
    });

    test('finds providers by a search, and says why the list is missing', async () => {
      const page = await site.open('<openrouter-providers></openrouter-providers>');
      const rows = page.locator('openrouter-providers .list li');
      await rows.first().waitFor();
      await page.getByRole('searchbox', { name: 'Search providers' }).fill('google');
      expect(await rows.count()).toBe(2);
      await page.evaluate(() => { document.querySelector('openrouter-providers').base = '/nowhere'; });
      expect(await page.getByRole('alert').innerText()).toMatch(/^The providers could not be loaded: /);
    });
  });
});
