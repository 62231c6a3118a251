'use strict';

const { startEmulator } = require('../../emulator');
const { runScript } = require('../support/process.js');

test("the event loop turns between the wake-ups of calls, so that timers run however busy the user's code is", async () => {
  // In another process than the calls, whose event loop must not be needed for the answers.
  const emulator = await startEmulator();
  try {
    const { code, stdout, stderr } = await runScript(`
      const client = new OpenRouterClient();
      let [turns, calls] = [0, 0];
      const turn = () => { turns += 1; setTimeout(turn, 1); };
      turn();
      const busy = () => { for (const until = performance.now() + 20; performance.now() < until;); };
      // While one caller is busy, the answers to the others arrive.
      await Promise.all(Array.from({ length: 8 }, async () => {
        for (let number = 0; number < 20; number += 1) {
          busy();
          await client.chatCompletion(body({ status: 400 })).catch(() => {});
          calls += 1;
        }
      }));
      console.log(JSON.stringify({ calls, isTurning: turns >= 5 }));
      process.exit();`, { env: { OPENROUTER_API_KEY: 'sk-or-v1-loop', OPENROUTER_BASE_URL: emulator.baseURL } });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '{"calls":160,"isTurning":true}\n', stderr: '' });
  } finally {
    await emulator.close();
  }
});
