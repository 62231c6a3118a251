'use strict';

const { describeInBrowser } = require('./support/browser.js');
const { Site, eventsOf } = require('./support/site.js');
const { until } = require('../support/until.js');

describeInBrowser('<openrouter-credits>', () => {
  let site;
  beforeAll(async () => { site = await Site.start(); });
  afterEach(() => site.leave());
  afterAll(() => site?.close());

  const withBalance = (balance) => site.emulator.respond(({ path }) => {
    if (path.endsWith('/key')) return { raw: { data: { label: 'x', limit: balance === null ? null : 20, limit_remaining: balance, usage: 3.25 } } };
    return undefined;
  });
  const button = (page) => page.locator('openrouter-credits button');
  const refresh = (page) => page.evaluate(() => document.querySelector('openrouter-credits').load(true));

  test.each([
    [5.01, 'green', '$5.01'], [5, 'yellow', '$5.00'], [1, 'yellow', '$1.00'], [0.99, 'red', '$0.99'], [-0.2, 'red', '-$0.20'], [null, 'unknown', 'no limit'],
  ])('shows a balance of %s USD in %s', async (balance, level, text) => {
    withBalance(balance);
    const page = await site.open('<openrouter-credits></openrouter-credits>');
    await refresh(page);
    expect(await button(page).getAttribute('class')).toMatch(new RegExp(`^${level} `));
    expect(await button(page).innerText()).toBe(text);
    expect(await button(page).getAttribute('aria-label')).toBe(`Credits: ${text}. Refresh`);
    expect(await page.locator('openrouter-credits [role=status]').innerText()).toBe(level === 'red' ? `Your credits are running low: ${text} left.` : '');
  });

  test('asks the server past its cache when it is clicked, and tells the page', async () => {
    withBalance(7);
    const page = await site.open('<openrouter-credits></openrouter-credits>');
    await until(() => button(page).innerText().then((text) => text.startsWith('$')), 'the first balance is shown');
    withBalance(3);
    await button(page).click();
    await until(() => button(page).innerText().then((text) => text === '$3.00'), 'the new balance is shown');
    expect(site.paths.filter((path) => path.startsWith('/credits'))).toEqual(['/credits', '/credits?force=true']);
    expect((await eventsOf(page, 'credits')).at(-1)).toMatchObject({ balance: 3, level: 'yellow' });
  });

  test('asks again after five minutes by itself, and not after it was removed', async () => {
    withBalance(9);
    const page = await site.open('');
    await page.clock.install();
    await page.evaluate(() => document.querySelector('main').append(document.createElement('openrouter-credits')));
    await until(() => site.paths.length === 1, 'it asked once');
    await page.clock.runFor(5 * 60_000);
    await until(() => site.paths.length === 2, 'it asked again');
    await page.evaluate(() => document.querySelector('openrouter-credits').remove());
    await page.clock.runFor(30 * 60_000);
    await page.evaluate(() => fetch('/api/openrouter/providers'));
    expect(site.paths.filter((path) => path === '/credits')).toHaveLength(2);
  });

  test('with details shows what was used and bought, and when that was asked', async () => {
    withBalance(9);
    const page = await site.open('<openrouter-credits details></openrouter-credits>');
    await refresh(page);
    expect(await page.locator('openrouter-credits dl').innerText()).toMatch(/Used\s+\$3\.25\s+Bought\s+\$20\.00/);
    expect(await page.getByText('Refreshed at').innerText()).toMatch(/Refreshed at \d/);
  });

  test('says what failed, keeps the last balance, and tells the page', async () => {
    withBalance(9);
    const page = await site.open('<openrouter-credits details></openrouter-credits>');
    await refresh(page);
    site.emulator.respond(({ path }) => (/\/(key|credits)$/.test(path) ? { status: 401 } : undefined));
    await button(page).click();
    expect(await page.getByRole('alert').innerText()).toMatch(/Invalid OpenRouter API key/);
    expect(await button(page).innerText()).toBe('$9.00');
    expect((await eventsOf(page, 'error')).at(-1).error).toMatchObject({ status: 401, code: 'invalid_api_key' });
  });
});
