'use strict';

// Eight workers stream at the same time; half of them are ended in the middle. Prints what became of them.
const { once } = require('node:events');
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');

const { OpenRouterClient } = require('openrouter-native');

const WORKERS = 8;
const body = (emulator) => ({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }], user: `worker-${workerData?.at}`, emulator });

async function work() {
  // Those that are to be ended have a stream that stalls: what ends them is nothing but their end.
  const emulator = workerData.isEnded ? { chunks: 20, stall: 10 } : { chunks: 60, gap: 5 };
  const stream = await new OpenRouterClient().chatCompletion({ ...body(emulator), stream: true });
  let deltas = 0;
  for await (const chunk of stream) {
    if (chunk.choices[0]?.delta.content) deltas += 1;
    if (deltas === 5) parentPort.postMessage('reading');
  }
  parentPort.postMessage(deltas);
}

async function main() {
  const workers = Array.from({ length: WORKERS }, (_, at) => new Worker(__filename, { workerData: { at, isEnded: at % 2 === 0 } }));
  const exits = workers.map(async (worker) => (await once(worker, 'exit'))[0]);
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const counts = workers.filter((_, at) => at % 2 === 1).map(async (worker) => (await once(worker, 'message'))[0]);
  const ended = await Promise.all(workers.filter((_, at) => at % 2 === 0).map((worker) => worker.terminate()));
  const answer = await new OpenRouterClient().chatCompletion(body({}));
  console.log(JSON.stringify({ ended, counts: await Promise.all(counts), exits: await Promise.all(exits), answer: answer.object }));
}

if (isMainThread) main();
else work();
