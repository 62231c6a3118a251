'use strict';

const fs = require('node:fs');

const { describeInBrowser } = require('./support/browser.js');
const { Site, eventsOf } = require('./support/site.js');
const { until } = require('../support/until.js');

const AXE = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const WIDTHS = { narrow: { width: 390, height: 844 }, wide: { width: 1440, height: 900 } };
const CHAIN = ['anthropic/claude-haiku-4.5', 'google/gemini-2.5-flash'];

/** What axe-core finds, with the rules of WCAG 2.2 A and AA and its best practices. */
async function violations(page) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
  const { violations: found } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return found.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.flat().join(' ')}: ${failureSummary}`));
}

/** Whether something is wider than the window, so that the page would have to be scrolled sideways. */
const overflows = (page) => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);

describeInBrowser('accessibility', () => {
  let site;
  beforeAll(async () => { site = await Site.start(); });
  afterEach(() => site.leave());
  afterAll(() => site?.close());

  const themes = ['light', 'dark'].flatMap((theme) => Object.keys(WIDTHS).map((width) => [theme, width]));

  describe.each(themes)('%s, %s', (colorScheme, width) => {
    // axe-core is put into the page by the test, which the policy of the page would refuse.
    const options = { colorScheme, viewport: WIDTHS[width], bypassCSP: true };

    test('the elements by themselves', async () => {
      site.emulator.respond(({ path }) => (path.endsWith('/key') ? { raw: { data: { label: 'x', limit: 20, limit_remaining: 0.5, usage: 3 } } } : undefined));
      const page = await site.open(`<openrouter-credits details></openrouter-credits><openrouter-toggles auto-router zdr></openrouter-toggles>
        <openrouter-models inline needs="tools" value="meta-llama/llama-3-8b-instruct"></openrouter-models><openrouter-fallbacks models='${JSON.stringify(CHAIN)}'></openrouter-fallbacks>
        <openrouter-providers provider='{"order":["openai"],"data_collection":"deny"}'></openrouter-providers>`, options);
      await page.getByText('cannot use tools').waitFor();
      await page.getByText('running low').waitFor();
      await page.locator('openrouter-providers .list li').first().waitFor();
      expect(await violations(page)).toEqual([]);
      expect(await overflows(page)).toBe(false);
    });

    test('a chat with answers of every kind, and its settings', async () => {
      site.emulator.script([
        { text: '# Title\n\nText with `code`, a [link](https://a.example/).\n\n```js\nlet a;\n```\n\n|a|b|\n|-|-|\n|1|2|\n\n> quote', reasoning: 'I think.' },
        { toolCalls: [{ name: 'get_weather', arguments: { city: 'Lisbon' } }] },
        { text: 'one two three four', errorAt: 2 },
      ]);
      const page = await site.open('<openrouter-chat model="openai/gpt-5-mini"></openrouter-chat>', options);
      await page.evaluate((fallbacks) => Object.assign(document.querySelector('openrouter-chat'), { fallbacks }), CHAIN);
      for (const text of ['one', 'two', 'three']) await page.evaluate((one) => document.querySelector('openrouter-chat').send(one).then(() => null), text);
      site.emulator.script(null);
      await page.evaluate(() => {
        document.querySelector('openrouter-chat').params = { emulator: { fail: ['openai/gpt-5-mini'] } };
        return document.querySelector('openrouter-chat').send('four').then(() => null);
      });
      await page.locator('.fallback').waitFor();
      expect(await violations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.locator('openrouter-providers .list li').first().waitFor();
      await page.locator('openrouter-models').first().locator('button').first().click();
      await page.locator('openrouter-models .option').first().waitFor();
      expect(await violations(page)).toEqual([]);
      expect(await overflows(page)).toBe(false);
    });
  });

  test('a chat is used by the keyboard alone: router, model, settings, question, stop', async () => {
    const page = await site.open('<openrouter-chat model="openai/gpt-5-mini"></openrouter-chat>');
    await page.getByRole('button', { name: /^Model: OpenAI/ }).waitFor();
    const focused = () => page.evaluate(() => {
      let one = document.activeElement;
      while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
      return one?.getAttribute('aria-label') ?? one?.textContent.trim();
    });
    const tabTo = async (name) => {
      for (let press = 0; press < 20; press += 1) {
        await page.keyboard.press('Tab');
        if (name.test(await focused())) return;
      }
      throw new Error(`Tab does not reach ${name}; it is at ${await focused()}`);
    };
    await tabTo(/^Model: /);
    await page.keyboard.press('Enter');
    await page.locator('openrouter-models .option').first().waitFor();
    await page.keyboard.type('claude haiku');
    await page.keyboard.press('Enter');
    await tabTo(/^Auto router$/);
    await page.keyboard.press('Space');
    await page.keyboard.press('Space');
    await tabTo(/^Zero retention$/);
    await page.keyboard.press('Space');
    await tabTo(/^Credits: /);
    await tabTo(/^Settings$/);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await tabTo(/^Message$/);
    await page.keyboard.type('Hi');
    await page.keyboard.press('Enter');
    await until(async () => (await eventsOf(page, 'answer')).length === 1, 'the answer is there');
    expect((await eventsOf(page, 'answer'))[0].params).toMatchObject({ model: 'anthropic/claude-haiku-4.5', zdr: true });
    expect(await focused()).toBe('Message');
  });

  test('nothing moves for a user who wants no motion', async () => {
    const page = await site.open('<openrouter-message></openrouter-message><openrouter-credits></openrouter-credits>', { reducedMotion: 'reduce' });
    await page.evaluate(() => { document.querySelector('openrouter-message').answer = new globalThis.ui.Answer({ requested: 'x/y' }); });
    const state = page.locator('openrouter-message .state');
    await state.waitFor();
    expect(await state.evaluate((element) => getComputedStyle(element, '::before').animationName)).toBe('none');
  });

  test('the theme of an element can differ from that of the page, and its colours can be set', async () => {
    const page = await site.open('<openrouter-toggles theme="dark"></openrouter-toggles><openrouter-toggles></openrouter-toggles>');
    const backgrounds = () => page.locator('openrouter-toggles button.router').evaluateAll((buttons) => buttons.map((button) => getComputedStyle(button).backgroundColor));
    expect(await backgrounds()).toEqual(['rgb(23, 23, 27)', 'rgb(255, 255, 255)']);
    await page.evaluate(() => document.documentElement.style.setProperty('--openrouter-surface', 'rgb(1, 2, 3)'));
    expect(await backgrounds()).toEqual(['rgb(1, 2, 3)', 'rgb(1, 2, 3)']);
  });
});
