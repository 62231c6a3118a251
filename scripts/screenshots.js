'use strict';

// `node scripts/screenshots.js`: takes the pictures of the interface in the README and in `docs/interface.md`, from the playground on the
// emulator in Chromium, into `docs/images`. Run it after a change of how the interface looks.
const fs = require('node:fs');
const path = require('node:path');

const { ROOT, ensureBuilt, fail } = require('./tools.js');
const { ensureInterface } = require('./ui.js');

const FOLDER = path.join(ROOT, 'docs', 'images');
const WIDE = { width: 1200, height: 720 };
const NARROW = { width: 390, height: 720 };
const ANSWER = `Sunlight is scattered by the air, and **blue light much more than red**: the shorter the wave, the stronger.

| colour | wavelength | scattered |
|---|---|---|
| blue | 450 nm | 5.5 times as much |
| red | 700 nm | as the unit |

\`\`\`js
const ratio = (700 / 450) ** 4; // Rayleigh
\`\`\``;
const CHAIN = ['anthropic/claude-haiku-4.5', 'google/gemini-2.5-flash'];

/** The pictures: how the window is, which scenario is chosen, and what is done before the picture is taken. */
const PICTURES = [
  { name: 'light', viewport: WIDE, colorScheme: 'light', isOpen: true },
  { name: 'dark', viewport: WIDE, colorScheme: 'dark', scenario: 'low', isOpen: false, picker: true },
  { name: 'narrow', viewport: NARROW, colorScheme: 'light', isOpen: false },
  { name: 'fallback', viewport: WIDE, colorScheme: 'light', scenario: 'fallback', isOpen: true },
  { name: 'error', viewport: WIDE, colorScheme: 'dark', scenario: 'cut', isOpen: false },
];

async function main() {
  ensureBuilt();
  ensureInterface();
  // Loaded here, because a checkout that is not built has no addon.
  const { Playground } = require('../cli/playground/server.js');
  const { launch } = require('../__test__/ui/support/browser.js');
  fs.mkdirSync(FOLDER, { recursive: true });
  const [browser, playground] = [await launch(), await Playground.start({})];
  try {
    for (const picture of PICTURES) await take(browser, playground, picture);
  } finally {
    await browser.close();
    await playground.close();
  }
}

async function take(browser, playground, { name, viewport, colorScheme, scenario, isOpen, picker = false }) {
  const context = await browser.newContext({ viewport, colorScheme, locale: 'en-US', reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto(playground.url);
  await page.getByRole('button', { name: /^Model: OpenAI/ }).first().waitFor();
  if (scenario) await page.getByRole('combobox', { name: 'What happens' }).selectOption(scenario);
  await page.locator('openrouter-chat').evaluate(async (chat, [text, chain, opens]) => {
    chat.fallbacks = chain;
    chat.addEventListener('openrouter-send', ({ detail: { params } }) => { params.emulator = { ...params.emulator, text }; });
    await chat.send('Why is the sky blue?');
    chat.isOpen = opens;
    await chat.updateComplete;
  }, [ANSWER, CHAIN, isOpen]);
  if (isOpen) await page.locator('openrouter-providers .list li').first().waitFor();
  if (picker) {
    await page.getByRole('button', { name: /^Model: / }).first().click();
    await page.locator('openrouter-models .option').first().waitFor();
  }
  await page.mouse.move(1, viewport.height - 1);
  await page.screenshot({ path: path.join(FOLDER, `${name}.png`), animations: 'disabled' });
  await context.close();
}

main().catch((error) => fail(error.stack));
