'use strict';

// Runs as many workers as its argument says, at most twenty at a time. Each reads a stream. Every second worker is
// terminated in mid-stream, or at a random moment while it starts. Prints the outcome of the workers as JSON.
const { once } = require('node:events');
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');

const { OpenRouterClient, getStats } = require('openrouter-native');

const WORKERS = Number(process.argv[2]);
const AT_ONCE = 20;
const body = (emulator) => ({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], user: `worker-${workerData?.at}`, emulator });

async function work() {
  // The stream of a worker that will be terminated stalls, so that it cannot end before.
  const emulator = workerData.isEnded ? { chunks: 20, stall: 10 } : { chunks: 60, gap: 5 };
  const stream = await new OpenRouterClient().chatCompletion({ ...body(emulator), stream: true });
  let deltas = 0;
  for await (const chunk of stream) {
    if (chunk.choices[0]?.delta.content) deltas += 1;
    if (deltas === 5) parentPort.postMessage('reading');
  }
  parentPort.postMessage(deltas);
}

/** Runs a worker. Returns whether it was terminated, its exit code, and its last message: at its end the number of deltas. */
async function live(at) {
  const isEnded = at % 2 === 0;
  const worker = new Worker(__filename, { workerData: { at, isEnded } });
  const exited = once(worker, 'exit');
  const messages = [];
  worker.on('message', (message) => messages.push(message));
  if (at % 8 === 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
  else await once(worker, 'message');
  if (isEnded) await worker.terminate();
  const [exit] = await exited;
  return { isEnded, exit, deltas: messages.at(-1) };
}

async function main() {
  const lives = [];
  let next = 0;
  const wave = async () => {
    while (next < WORKERS) {
      next += 1;
      lives.push(await live(next - 1));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, wave));
  const ended = lives.filter(({ isEnded }) => isEnded);
  const whole = lives.filter(({ isEnded }) => !isEnded);
  const answer = await new OpenRouterClient().chatCompletion(body({}));
  console.log(JSON.stringify({
    ended: [ended.length, [...new Set(ended.map(({ exit }) => exit))]],
    whole: [whole.length, [...new Set(whole.map(({ exit, deltas }) => `${exit}: ${deltas}`))]],
    answer: answer.object,
    activeStreams: getStats().activeStreams,
  }));
}

if (isMainThread) main();
else work();
