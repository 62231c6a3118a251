'use strict';

const { ATTACKS } = require('./support/attacks.js');
const { describeInBrowser } = require('./support/browser.js');
const { Site } = require('./support/site.js');

/**
 * The page of these tests has no content security policy: what protects the user must hold without it, too.
 */
describeInBrowser('hostile texts', () => {
  let site;
  beforeAll(async () => { site = await Site.start(); });
  afterEach(() => site.leave());
  afterAll(() => site?.close());

  /** Opens a page that counts what ran, and answers requests for anything else than the elements itself, to count those, too. */
  async function openWatched(body) {
    const page = await site.open(body, { bypassCSP: true });
    const requests = [];
    await page.route((url) => !['/api/openrouter', '/ui.mjs', '/page.js', '/page.css'].some((path) => url.pathname.startsWith(path)), (route) => {
      requests.push(route.request().url());
      return route.abort();
    });
    await page.evaluate(() => {
      globalThis.attacks = 0;
      globalThis.attacked = () => { globalThis.attacks += 1; };
      // Reports what an attack that is drawn would throw, without being counted as an error of the elements.
      globalThis.address = location.href;
    });
    return { page, requests };
  }

  /** What came of the attacks, after everything that they could have started has had its turn. */
  async function outcome({ page, requests }) {
    // Loading is over when a request that begins after them has ended.
    await page.evaluate(() => fetch('/api/openrouter/providers').then((response) => response.text()));
    await page.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => setTimeout(resolve)); }));
    return page.evaluate((paths) => {
      const roots = [];
      const visit = (root) => {
        roots.push(root);
        for (const element of root.querySelectorAll('*')) if (element.shadowRoot) visit(element.shadowRoot);
      };
      visit(document.querySelector('main'));
      const inAnswers = roots.flatMap((root) => [...root.querySelectorAll('.text *')]);
      const isBad = ({ name, value }) => /^on/i.test(name) || ['style', 'srcset', 'name', 'id', 'background', 'action', 'formaction'].includes(name) || /^\s*(?:javascript|vbscript|data:text)/i.test(value.replace(/\s/g, ''));
      return {
        attacks: globalThis.attacks,
        moved: location.href !== globalThis.address,
        requests: paths,
        elements: inAnswers.filter(({ localName }) => /script|iframe|object|embed|style|form|input|svg|math|video|audio|link|base|meta|^x-|openrouter|template/.test(localName)).map(({ outerHTML }) => outerHTML),
        attributes: inAnswers.flatMap(({ attributes, outerHTML }) => ([...attributes].some(isBad) ? [outerHTML] : [])),
        images: inAnswers.filter(({ localName, src }) => localName === 'img' && !src.startsWith('data:image/')).map(({ outerHTML }) => outerHTML),
        links: inAnswers.filter((one) => one.localName === 'a' && (one.target !== '_blank' || !/noopener noreferrer/.test(one.rel))).map(({ outerHTML }) => outerHTML),
      };
    }, requests);
  }

  const HARMLESS = { attacks: 0, moved: false, requests: [], elements: [], attributes: [], images: [], links: [] };

  test('run and load much where nothing protects the page, so that these tests would see it', async () => {
    const watched = await openWatched('');
    await watched.page.evaluate((attacks) => {
      for (const text of attacks.filter((one) => !/refresh|base|plaintext/.test(one))) {
        const place = document.createElement('div');
        place.className = 'text';
        document.querySelector('main').append(place);
        place.innerHTML = text;
      }
    }, ATTACKS);
    const { attacks, requests, elements, attributes, images, links } = await outcome(watched);
    for (const count of [attacks, ...[requests, elements, attributes, images, links].map(({ length }) => length)]) expect(count).toBeGreaterThan(3);
    site.errors.length = 0;
  });

  test('in an answer, whole or piece by piece, run nothing, load nothing and draw no controls', async () => {
    const watched = await openWatched('');
    await watched.page.evaluate(async (attacks) => {
      for (const text of attacks) {
        const whole = document.createElement('openrouter-message');
        whole.show({ choices: [{ message: { content: text, reasoning: text, refusal: text } }] });
        const growing = document.createElement('openrouter-message');
        const answer = new globalThis.ui.Answer();
        growing.answer = answer;
        document.querySelector('main').append(whole, growing);
        for (let at = 0; at < text.length; at += 9) {
          answer.add({ choices: [{ delta: { content: text.slice(at, at + 9) } }] });
          growing.grew();
          await growing.updateComplete;
        }
        answer.end('done');
        growing.grew();
        await growing.updateComplete;
      }
    }, ATTACKS);
    expect(await outcome(watched)).toEqual(HARMLESS);
    expect(await watched.page.locator('openrouter-message').count()).toBe(2 * ATTACKS.length);
  });

  test('in names of models and providers, sources, images, tools and errors are shown as text', async () => {
    const watched = await openWatched('');
    await watched.page.evaluate(async (attacks) => {
      for (const text of attacks) {
        const message = document.createElement('openrouter-message');
        message.previousModel = text;
        const answer = new globalThis.ui.Answer({ requested: text });
        answer.add({
          model: `${text}/x`, provider: text, openrouter_metadata: { attempts: [{ model: text, provider: text, status: 500, reason: text }] },
          choices: [{ message: {
            content: 'x', tool_calls: [{ function: { name: text, arguments: text } }], images: [{ image_url: { url: text } }],
            annotations: [{ url_citation: { url: text, title: text } }, { url_citation: { url: `https://a.example/${text}`, title: text } }],
          } }],
        });
        answer.end('failed', new globalThis.ui.ApiError({ message: text }));
        message.answer = answer;
        document.querySelector('main').append(message);
        await message.updateComplete;
      }
    }, ATTACKS);
    expect(await outcome(watched)).toEqual(HARMLESS);
    const [name] = ATTACKS;
    expect(await watched.page.getByRole('alert').first().innerText()).toContain(name);
  });

  test('in the lists of models and providers, and in the errors of the server, are shown as text', async () => {
    const models = ATTACKS.map((text, at) => ({ id: `${text}/${at}`, name: `${text}: ${text}`, description: text, context_length: text, pricing: { prompt: text }, architecture: { input_modalities: text }, supported_parameters: text }));
    const providers = ATTACKS.map((text) => ({ name: text, slug: text }));
    site.emulator.respond(({ path }) => {
      if (path.endsWith('/models')) return { raw: { data: models } };
      if (path.endsWith('/providers')) return { raw: { data: providers } };
      if (path.endsWith('/key')) return { raw: { data: { label: 'x', limit: 1, limit_remaining: 1, usage: 0 } } };
      return { status: 400, message: ATTACKS.slice(0, 20).join(' ') };
    });
    const watched = await openWatched('<openrouter-models inline></openrouter-models><openrouter-providers></openrouter-providers><openrouter-chat model="x/y"></openrouter-chat>');
    await watched.page.locator('openrouter-models .option').first().waitFor();
    expect((await watched.page.locator('openrouter-models .option .name').first().innerText())).toContain(ATTACKS[0]);
    expect(await watched.page.locator('openrouter-providers .list li').first().innerText()).toContain(ATTACKS[0]);
    await watched.page.evaluate(() => document.querySelector('openrouter-chat').send('Hi'));
    expect(await watched.page.getByRole('alert').textContent()).toContain('<script>');
    expect(await outcome(watched)).toEqual(HARMLESS);
  });

  test('that are no answer at all break nothing: wrong types in every field of a chunk', async () => {
    const watched = await openWatched('<openrouter-message></openrouter-message>');
    const states = await watched.page.evaluate(async () => {
      const message = document.querySelector('openrouter-message');
      const wrong = [null, 1, 'x', true, [], {}, [null], [1], [{}], { url: null }];
      const fields = ['content', 'reasoning', 'reasoning_details', 'refusal', 'tool_calls', 'images', 'annotations'];
      const all = [];
      for (const value of wrong) {
        const answer = new globalThis.ui.Answer();
        message.answer = answer;
        answer.add(value);
        answer.add({ id: value, model: value, provider: value, usage: value, choices: value, openrouter_metadata: value });
        answer.add({ openrouter_metadata: { attempts: value } });
        for (const field of fields) answer.add({ choices: [{ delta: { [field]: value }, finish_reason: value }] });
        answer.end('done');
        message.grew();
        await message.updateComplete;
        all.push(answer.state, typeof answer.content, typeof answer.fallback);
      }
      return [...new Set(all)].sort();
    });
    expect(states).toEqual(['done', 'object', 'string']);
  });
});
