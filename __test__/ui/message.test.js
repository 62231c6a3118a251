'use strict';

const { describeInBrowser } = require('./support/browser.js');
const { Site, eventsOf } = require('./support/site.js');
const { until } = require('../support/until.js');

const QUESTION = { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], stream: true };
const PIXEL = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describeInBrowser('<openrouter-message>', () => {
  let site;
  let page;
  beforeAll(async () => { site = await Site.start(); });
  afterEach(() => site.leave());
  afterAll(() => site?.close());

  const message = () => page.locator('openrouter-message');
  const text = () => message().locator('.text');

  /** Opens a page, and streams the answer to a request into its message. Resolves to the answer as plain data, when it has ended. */
  async function streamed(more = {}, body = '<openrouter-message></openrouter-message>') {
    page = await site.open(body);
    return page.evaluate(async (params) => {
      const answer = await document.querySelector('openrouter-message').stream(globalThis.ui.apiOf('').chat(params), { requested: params.model });
      await document.querySelector('openrouter-message').updateComplete;
      return JSON.parse(JSON.stringify({ ...answer.toJSON(), fallback: answer.fallback, cost: answer.cost, speed: answer.tokensPerSecond }));
    }, { ...QUESTION, ...more });
  }

  /** Shows a completion whose message has these fields. */
  async function shown(fields, { choice = {}, ...completion } = {}) {
    page = await site.open('<openrouter-message></openrouter-message>');
    await page.evaluate(async ([one, about]) => {
      document.querySelector('openrouter-message').show(one, about);
      await document.querySelector('openrouter-message').updateComplete;
    }, [{ id: 'gen-1', model: 'openai/gpt-5-mini', choices: [{ index: 0, message: { role: 'assistant', content: '', ...fields }, finish_reason: 'stop', ...choice }], ...completion }, { requested: 'openai/gpt-5-mini' }]);
  }

  test('shows a streamed answer with who gave it, the first token, the speed, the tokens and the cost', async () => {
    const answer = await streamed({ emulator: { text: 'It is **blue**.\n\n- one\n- two', gap: 20 } });
    expect(await text().innerHTML()).toBe('<p>It is <strong>blue</strong>.</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n');
    expect(await message().locator('.by').innerText()).toBe('openai/gpt-5-mini by OpenAI');
    expect(answer).toMatchObject({ state: 'done', content: 'It is **blue**.\n\n- one\n- two', model: 'openai/gpt-5-mini', provider: 'OpenAI', finishReason: 'stop', fallback: null });
    expect(answer.firstTokenMs).toBeGreaterThanOrEqual(0);
    expect(answer.cost).toBeGreaterThan(0);
    const metrics = await message().locator('.metrics li').allInnerTexts();
    expect(metrics).toEqual([
      expect.stringMatching(/^first token [\d,]+ ms$/), expect.stringMatching(/^[\d.,]+ tokens\/s$/), expect.stringMatching(/^[\d.]+ s$/), expect.stringMatching(/^\d+ \+ \d+ tokens$/), expect.stringMatching(/^cost \$0\.0/),
    ]);
    expect((await eventsOf(page, 'end'))).toHaveLength(1);
  });

  test('shows the text already while it streams, that it streams, and how many pieces came', async () => {
    page = await site.open('<openrouter-message></openrouter-message>');
    await page.evaluate((params) => { document.querySelector('openrouter-message').stream(globalThis.ui.apiOf('').chat(params), { requested: params.model }); }, { ...QUESTION, emulator: { text: 'first second third fourth', stall: 2, firstDelay: 200 } });
    await until(async () => (await message().locator('.state').innerText().catch(() => '')) === 'Waiting for openai/gpt-5-mini', 'it says whom it waits for');
    await until(async () => (await text().innerText()).startsWith('first'), 'the beginning is shown');
    expect(await message().locator('.state').innerText()).toBe('streaming');
    expect(await message().locator('article').getAttribute('aria-busy')).toBe('true');
    expect(await message().locator('.metrics .pieces').innerText()).toBe('2 pieces');
  });

  test('with pieces shows where each piece that arrived ends', async () => {
    await streamed({ emulator: { text: 'one two three', chunks: 3 } }, '<openrouter-message pieces></openrouter-message>');
    const pieces = await message().locator('.piece').allTextContents();
    expect(pieces).toHaveLength(3);
    expect(pieces.join('')).toBe('one two three');
  });

  test('tells which fallback answers, why, and what was tried', async () => {
    const answer = await streamed({ models: ['anthropic/claude-haiku-4.5'], emulator: { fail: ['openai/gpt-5-mini'], failStatus: 429 } });
    expect(answer.fallback).toMatchObject({ from: 'openai/gpt-5-mini', to: 'anthropic/claude-haiku-4.5', reason: 'rate limit' });
    expect(await message().locator('.fallback').innerText()).toMatch(
      /^Fallback: anthropic\/claude-haiku-4\.5 answers, because openai\/gpt-5-mini failed: rate limit\.\s+openai\/gpt-5-mini at OpenAI: rate limit\s+anthropic\/claude-haiku-4\.5 at Anthropic: answered$/);
  });

  test('tells which model the auto router chose', async () => {
    const answer = await streamed({ model: 'openrouter/auto' });
    expect(answer.fallback).toBeNull();
    expect(await message().locator('.router').innerText()).toBe(`The auto router chose ${answer.model}.`);
  });

  test.each([
    ['x-ai/grok-4', ['The model changed from x-ai/grok-4 to openai/gpt-5-mini.']],
    ['openai/gpt-5-mini', []],
    ['openai/gpt-5-mini-2025-08-07', []],
  ])('after an answer of %s it tells of the change: %j', async (previous, notes) => {
    await streamed({}, `<openrouter-message previous-model="${previous}"></openrouter-message>`);
    expect(await message().locator('.switch').allInnerTexts()).toEqual(notes);
  });

  test.each([
    ['an error in mid-stream', { errorAt: 3 }, /^The answer failed: .+\s+What had arrived stands above\.$/],
    ['an end of the connection', { cut: 3 }, /^The answer failed: .+\s+What had arrived stands above\.$/],
    ['a refusal of the API', { status: 402 }, /^The answer failed: Insufficient credits\./],
    ['an answer that is no event stream', { raw: '<html>', headers: { 'content-type': 'text/html' } }, /^The answer failed: /],
  ])('shows %s with what had come before', async (_, emulator, expected) => {
    const answer = await streamed({ emulator: { text: 'one two three four five six', ...emulator } });
    expect(answer.state).toBe('failed');
    expect(await message().getByRole('alert').innerText()).toMatch(expected);
    expect((await text().innerText()).startsWith(expected.source.includes('arrived') ? 'one' : '')).toBe(true);
  });

  test('shows that the server is gone in the middle', async () => {
    page = await site.open('<openrouter-message></openrouter-message>');
    await page.evaluate((params) => { document.querySelector('openrouter-message').stream(globalThis.ui.apiOf('').chat(params)); }, { ...QUESTION, emulator: { text: 'one two three four', stall: 2 } });
    await until(async () => (await text().innerText()).startsWith('one'), 'the beginning is shown');
    site.server.closeAllConnections();
    expect(await message().getByRole('alert').innerText()).toMatch(/^The answer failed: The answer ended too early/);
    expect(await text().innerText()).toMatch(/^one/);
  });

  test('shows what had come of an answer that was stopped, and that it was stopped', async () => {
    page = await site.open('<openrouter-message></openrouter-message>');
    await page.evaluate((params) => {
      globalThis.abort = new AbortController();
      const { signal } = globalThis.abort;
      document.querySelector('openrouter-message').stream(globalThis.ui.apiOf('').chat(params, signal), { signal });
    }, { ...QUESTION, emulator: { text: 'one two three four', stall: 2 } });
    await until(async () => (await text().innerText()).startsWith('one'), 'the beginning is shown');
    await page.evaluate(() => globalThis.abort.abort());
    await page.getByText('You stopped this answer.').waitFor();
    expect((await site.emulator.requests.at(-1).closed).by).toBe('client');
    expect(await message().getByRole('alert').count()).toBe(0);
  });

  test('folds the reasoning, and shows it when it is opened', async () => {
    await streamed({ emulator: { text: 'Done', reasoning: 'First I thought.' } });
    const reasoning = message().locator('.reasoning');
    expect(await reasoning.isVisible()).toBe(false);
    await message().getByText('Reasoning').click();
    expect(await reasoning.innerText()).toBe('First I thought.');
  });

  test('shows tool calls with their arguments, as they come together', async () => {
    const answer = await streamed({ emulator: { toolCalls: [{ name: 'get_weather', arguments: { city: 'Lisbon' } }, { name: 'get_time' }] } });
    expect(answer.toolCalls.map(({ name }) => name)).toEqual(['get_weather', 'get_time']);
    await message().getByText('Calls get_weather').click();
    expect(await message().locator('.tool pre').first().innerText()).toBe('{\n  "city": "Lisbon"\n}');
  });

  test('shows images of the answer itself, and images from elsewhere as links', async () => {
    await shown({ images: [{ type: 'image_url', image_url: { url: PIXEL } }, { type: 'image_url', image_url: { url: 'https://images.example/a.png' } }] });
    expect(await message().locator('.images img').evaluateAll((images) => images.map(({ src, naturalWidth }) => [src, naturalWidth]))).toEqual([[PIXEL, 1]]);
    expect(await message().locator('.images a').getAttribute('href')).toBe('https://images.example/a.png');
  });

  test('lists the sources, each once', async () => {
    const source = { type: 'url_citation', url_citation: { url: 'https://news.example/a', title: 'News' } };
    await shown({ content: 'Yes', annotations: [source, source, { type: 'url_citation', url_citation: { url: 'https://other.example/' } }] });
    expect(await message().locator('.sources a').allInnerTexts()).toEqual(['News', 'https://other.example/']);
  });

  test('shows a refusal, and that an answer reached its length limit', async () => {
    await shown({ content: 'Half', refusal: 'I cannot.' }, { choice: { finish_reason: 'length' } });
    expect(await message().locator('.note').allInnerTexts()).toEqual(['The model refused. I cannot.', 'The answer reached its length limit.']);
  });

  test('copies a block of code', async () => {
    await shown({ content: '```js\nconst a = 1;\n```' });
    await site.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await message().getByRole('button', { name: 'Copy' }).click();
    await message().getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('const a = 1;\n');
  });

  test('draws Markdown piece by piece to the same end as at once, wherever the pieces are cut', async () => {
    const markdown = '# Title\n\nText with `code` and [a link](https://a.example/) and **bold\nover lines**.\n\n1. one\n\n   more\n2. two\n\n```js\nlet a = "```";\n\nlet b;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> quote\n> more\n\nSee [this][1].\n\n- x\n  - y\n\nEnd.\n\n[1]: https://b.example/\n';
    page = await site.open('<openrouter-message id="a"></openrouter-message><openrouter-message id="b"></openrouter-message>');
    const [whole, ...grown] = await page.evaluate(async (source) => {
      const answerOf = () => new globalThis.ui.Answer();
      const htmlOf = (element) => element.shadowRoot.querySelector('.text').innerHTML.replaceAll(/\s+/g, ' ').trim();
      const [one, other] = ['a', 'b'].map((id) => document.getElementById(id));
      one.show({ choices: [{ message: { content: source } }] });
      await one.updateComplete;
      const results = [htmlOf(one)];
      for (const size of [1, 7, 40]) {
        const answer = answerOf();
        other.answer = answer;
        for (let at = 0; at < source.length; at += size) {
          answer.add({ choices: [{ delta: { content: source.slice(at, at + size) } }] });
          other.grew();
          await other.updateComplete;
        }
        answer.end('done');
        other.grew();
        await other.updateComplete;
        results.push(htmlOf(other));
      }
      return results;
    }, markdown);
    expect(whole).toContain('<a href="https://b.example/"');
    expect(grown).toEqual([whole, whole, whole]);
  });

  test('shows the words of a user as they are', async () => {
    page = await site.open('<openrouter-message from="user" content="**not bold** <b>"></openrouter-message>');
    expect(await message().locator('.user').innerText()).toBe('**not bold** <b>');
  });

  test('shows texts of the page in place of the English ones', async () => {
    page = await site.open('<openrouter-message from="user" content="Hallo"></openrouter-message>');
    await page.evaluate(() => globalThis.ui.setTexts({ 'message.user': 'Du' }));
    await until(async () => (await message().locator('.who').innerText()) === 'Du', 'the text has changed');
  });
});
