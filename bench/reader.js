'use strict';

// The browsers of the workload `chat-server`: many requests at once, whose events are parsed as a page does it. It prints its
// figures as JSON, see `tasks/chat-server.js`.
const { setTimeout: sleep } = require('node:timers/promises');

const { Words, figuresOf } = require('./words.js');

async function main() {
  const { url, count, apartMs, words } = JSON.parse(process.argv[2]);
  const { createParser } = await import('eventsource-parser');
  const chats = Array.from({ length: count }, () => new Words());
  await Promise.all(
    chats.map(async (chat, at) => {
      await sleep(at * apartMs);
      let final = null;
      let text = '';
      const parser = createParser({
        onEvent({ data }) {
          const { event, data: step, ...others } = JSON.parse(data);
          if (event === 'on_message_delta') {
            const [part] = step.delta.content;
            chat.add(part.text);
            text += part.text;
          } else if (others.final) {
            final = others.responseMessage.content[0].text;
          }
        },
      });
      const response = await fetch(url, { method: 'POST' });
      const decoder = new TextDecoder();
      for await (const bytes of response.body) parser.feed(decoder.decode(bytes, { stream: true }));
      if (final === null || final !== text) throw new Error('The whole answer differs from its deltas.');
    }),
  );
  process.stdout.write(JSON.stringify(figuresOf(chats, words)), () => process.exit(0));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
