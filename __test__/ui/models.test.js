'use strict';

const { describeInBrowser } = require('./support/browser.js');
const { Site, eventsOf } = require('./support/site.js');
const { until } = require('../support/until.js');

/** A thousand models, beside those that every emulator has: cheap and dear, old and new, with and without abilities. */
const MODELS = Array.from({ length: 1000 }, (_, at) => ({
  id: `maker/model-${at}`,
  name: `Maker: Model ${at}`,
  created: 1_700_000_000 + at,
  context_length: 1000 + at,
  architecture: { input_modalities: at % 2 === 0 ? ['text', 'image'] : ['text'], output_modalities: ['text'] },
  pricing: { prompt: at % 100 === 0 ? '0' : String((1000 - at) / 1e6), completion: at % 100 === 0 ? '0' : '0.000002' },
  supported_parameters: at % 3 === 0 ? ['tools'] : ['temperature'],
}));

describeInBrowser('<openrouter-models>', () => {
  let site;
  beforeAll(async () => { site = await Site.start({ models: MODELS }); });
  afterEach(() => site.leave());
  afterAll(() => site?.close());

  const search = (page) => page.getByRole('combobox', { name: 'Search models' });
  const names = (page) => page.locator('openrouter-models .option .name').allInnerTexts();
  const count = (page) => page.locator('openrouter-models .panel [role=status]').innerText();
  const active = (page) => page.locator('openrouter-models .option.active .name').innerText();

  async function opened(body = '<openrouter-models></openrouter-models>', options) {
    const page = await site.open(body, options);
    await page.locator('openrouter-models button').first().click();
    await page.locator('openrouter-models .option').first().waitFor();
    return page;
  }

  test('draws only the visible rows of a list of 1,000, and tells screen readers how many there are', async () => {
    const page = await opened();
    expect(Number(/\d+/.exec(await count(page))[0])).toBeGreaterThanOrEqual(1000);
    const rows = page.locator('openrouter-models .option');
    expect(await rows.count()).toBeLessThan(40);
    expect(Number(await rows.first().getAttribute('aria-setsize'))).toBeGreaterThanOrEqual(1000);
    await page.locator('openrouter-models .list').evaluate((list) => { list.scrollTop = list.scrollHeight; });
    await until(async () => (await rows.last().getAttribute('aria-posinset')) === (await rows.last().getAttribute('aria-setsize')), 'the last row is drawn');
    expect(await rows.count()).toBeLessThan(40);
  });

  test('finds models by all words of a search in their names and ids', async () => {
    const page = await opened();
    await search(page).fill('model 99 maker');
    expect(await count(page)).toBe('19 models');
    expect((await names(page))[0]).toBe('Maker: Model 99');
    await search(page).fill('nothing has this name');
    expect(await count(page)).toBe('No model fits. Remove a filter or a word.');
  });

  test.each([
    ['price', 'Maker: Model 0'],
    ['context', 'Maker: Model 999'],
    ['newest', 'Maker: Model 999'],
  ])('sorts by %s', async (sort, first) => {
    const page = await opened();
    await search(page).fill('maker');
    await page.getByRole('combobox', { name: 'Sort by' }).selectOption(sort);
    expect((await names(page))[0]).toBe(first);
  });

  test.each([['Vision', 500], ['Tools', 334], ['Free', 10]])('shows only models with %s', async (filter, expected) => {
    const page = await opened();
    await search(page).fill('maker/model-');
    await page.getByRole('button', { name: filter, exact: true }).click();
    expect(await count(page)).toBe(`${expected} models`);
    await page.getByRole('button', { name: filter, exact: true }).click();
    expect(await count(page)).toBe('1000 models');
  });

  test('shows only models that somebody serves with zero retention, as the API lists them', async () => {
    const page = await opened();
    await page.getByRole('button', { name: 'Zero retention' }).click();
    await until(() => site.paths.includes('/models?zdr=true'), 'the list was asked for');
    const { data } = await page.evaluate(() => fetch('/api/openrouter/models?zdr=true').then((response) => response.json()));
    await until(async () => (await count(page)) === `${data.length} models`, 'the list has only these');
  });

  test('is used by the keyboard alone: opened, searched, moved through, chosen, and closed with the focus on its button', async () => {
    const page = await site.open('<openrouter-models></openrouter-models>');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('openrouter-models .option').first().waitFor();
    await page.keyboard.type('maker');
    const first = await active(page);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('PageDown');
    await page.keyboard.press('PageUp');
    expect(await active(page)).not.toBe(first);
    expect(await search(page).getAttribute('aria-activedescendant')).toBe(await page.locator('openrouter-models .option.active').getAttribute('id'));
    const chosen = await active(page);
    await page.keyboard.press('Enter');
    expect(await page.getByRole('button', { name: `Model: ${chosen}` }).evaluate((button) => button.matches(':focus'))).toBe(true);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    expect(await page.locator('openrouter-models .panel').count()).toBe(0);
    expect((await eventsOf(page, 'model')).map(({ model }) => model)).toEqual([`maker/model-${/\d+/.exec(chosen)[0]}`]);
  });

  test('keeps the active row in view while it is moved through the list', async () => {
    const page = await opened();
    for (let press = 0; press < 30; press += 1) await page.keyboard.press('ArrowDown');
    await until(() => page.locator('openrouter-models').evaluate(({ shadowRoot }) => {
      const [list, row] = [shadowRoot.querySelector('.list'), shadowRoot.querySelector('.option.active')].map((one) => one?.getBoundingClientRect());
      return row && row.top >= list.top - 1 && row.bottom <= list.bottom + 1;
    }), 'the active row is within the list');
  });

  test('shows the maker, the context, the badges, and the prices on hover', async () => {
    const page = await site.open('<openrouter-models value="maker/model-6"></openrouter-models>');
    const button = page.getByRole('button', { name: 'Model: Maker: Model 6' });
    await button.waitFor();
    expect((await button.locator('.name').innerText())).toBe('Maker: Model 6');
    expect(await button.locator('.badge').innerText()).toBe('1K');
    const tip = page.locator('openrouter-models .tip');
    expect(await tip.isVisible()).toBe(false);
    await button.hover();
    expect(await tip.innerText()).toBe('maker/model-6\n1K context\nPrompt $994.00, answer $2.00 per million tokens\nVision, Tools');
  });

  test('closes when the user goes elsewhere', async () => {
    const page = await opened('<openrouter-models></openrouter-models><button>Elsewhere</button>');
    await page.getByRole('button', { name: 'Elsewhere' }).focus();
    await until(async () => (await page.locator('openrouter-models .panel').count()) === 0, 'it is closed');
  });

  test('warns of a model that cannot call tools, where the page needs them', async () => {
    const page = await site.open('<openrouter-models needs="tools" value="maker/model-1"></openrouter-models>');
    expect(await page.getByText('Maker: Model 1 cannot use tools.').innerText()).toContain('Its answers will not call them.');
    await page.getByRole('button', { name: /^Model/ }).click();
    await search(page).fill('maker/model-1');
    expect(await page.locator('openrouter-models .badge.lacks').first().innerText()).toBe('no tools');
    await search(page).fill('maker/model-3');
    await page.keyboard.press('Enter');
    await until(async () => (await page.getByText('cannot use tools').count()) === 0, 'the warning is gone');
  });

  test('says why the list is missing, and loads it when asked again', async () => {
    site.emulator.respond(({ path }) => (path.endsWith('/models') ? { status: 500 } : undefined));
    const page = await site.open('<openrouter-models inline></openrouter-models>');
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).toMatch(/^The models could not be loaded: /);
    site.emulator.respond(null);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('openrouter-models .option').first().waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });
});
