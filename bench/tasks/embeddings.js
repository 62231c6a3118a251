'use strict';

const { Meter } = require('../meter.js');

/** Measures requests for the embeddings of many texts, one after another. */
async function embeddings({ url, count, texts }, open) {
  const client = open(url);
  const input = Array.from({ length: texts }, (_, at) => `text ${at}`);
  let data = await client.embeddings(input);
  const meter = await Meter.start();
  for (let number = 0; number < count; number += 1) data = await client.embeddings(input);
  const { wallMs, cpuMs, mainMs, rssMiB } = await meter.stop();
  // The numbers must be there, too.
  const found = data.reduce((sum, { embedding }) => sum + embedding.length, 0);
  return { wallMs: wallMs / count, cpuMs: cpuMs / count, mainMs: mainMs / count, rssMiB, found };
}

module.exports = embeddings;
