'use strict';

const { describeInBrowser } = require('./support/browser.js');
const { Site } = require('./support/site.js');

const STREAMS = 20;
/** A long answer with everything that Markdown has. */
const TEXT = Array.from({ length: 12 }, (_, at) => `## Part ${at}\n\nSome **bold** words with \`code\` and a [link](https://a.example/${at}).\n\n- one\n- two\n\n\`\`\`js\nconst value = ${at};\nconsole.log(value);\n\`\`\`\n\n| a | b |\n|---|---|\n| ${at} | 2 |\n`).join('\n');

describeInBrowser('many streams in one page', () => {
  let site;
  beforeAll(async () => { site = await Site.start(); });
  afterEach(() => site.leave());
  afterAll(() => site?.close());

  test(`${STREAMS} at once all end with their whole text; the report says how smooth that was`, async () => {
    const page = await site.open(Array.from({ length: STREAMS }, () => '<openrouter-message></openrouter-message>').join(''));
    const report = await page.evaluate(async ([text, model]) => {
      const frames = [];
      const tasks = [];
      new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
      let isOver = false;
      const count = (now) => {
        frames.push(now);
        if (!isOver) requestAnimationFrame(count);
      };
      requestAnimationFrame(count);
      const params = { model, messages: [{ role: 'user', content: 'Hi' }], stream: true, emulator: { text, gap: 10 } };
      const answers = await Promise.all([...document.querySelectorAll('openrouter-message')].map((one) => one.stream(globalThis.ui.apiOf('').chat(params))));
      await Promise.all([...document.querySelectorAll('openrouter-message')].map((one) => one.updateComplete));
      isOver = true;
      const gaps = frames.slice(1).map((now, at) => now - frames[at]).sort((one, other) => one - other);
      return {
        whole: answers.filter(({ content, state }) => content === text && state === 'done').length,
        shown: [...document.querySelectorAll('openrouter-message')].filter(({ shadowRoot }) => shadowRoot.querySelectorAll('h2').length === 12).length,
        framesPerSecond: Math.round(((frames.length - 1) * 1000) / (frames.at(-1) - frames[0])),
        slowestFrameMs: Math.round(gaps.at(-1)),
        frame99Ms: Math.round(gaps[Math.floor(gaps.length * 0.99)]),
        longTasks: tasks.length,
      };
    }, [TEXT, 'openai/gpt-5-mini']);
    console.log(`${STREAMS} streams: ${report.framesPerSecond} frames a second, 99 % of them within ${report.frame99Ms} ms, the slowest ${report.slowestFrameMs} ms; ${report.longTasks} tasks of more than 50 ms`);
    expect(report).toMatchObject({ whole: STREAMS, shown: STREAMS });
  });

  test('a long answer costs no more per piece at its end than at its beginning', async () => {
    const page = await site.open('<openrouter-message></openrouter-message>');
    // Counted in nodes that were added, because times depend on the machine.
    const added = await page.evaluate(async (text) => {
      const message = document.querySelector('openrouter-message');
      const answer = new globalThis.ui.Answer();
      message.answer = answer;
      answer.add({ choices: [{ delta: { content: 'x' } }] });
      message.grew();
      await message.updateComplete;
      let nodes = 0;
      const observer = new MutationObserver((records) => { for (const { addedNodes } of records) nodes += addedNodes.length; });
      observer.observe(message.shadowRoot.querySelector('.text'), { childList: true });
      const counts = [];
      for (let round = 0; round < 20; round += 1) {
        nodes = 0;
        for (let at = 0; at < text.length; at += 200) {
          answer.add({ choices: [{ delta: { content: text.slice(at, at + 200) } }] });
          message.grew();
          await message.updateComplete;
        }
        counts.push(nodes);
      }
      return counts;
    }, `\n\n${TEXT}`);
    expect(added.at(-1)).toBeLessThan(added[1] * 1.2);
  });
});
