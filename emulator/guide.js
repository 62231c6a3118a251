'use strict';

/** How to talk to a running emulator, for who has started it. */
function guide({ baseURL }) {
  return `OPENROUTER_BASE_URL=${baseURL}

Set that variable and any key that begins with sk-or-, for instance:

  OPENROUTER_API_KEY=sk-or-emulator

Then talk to it:

  curl ${baseURL}/chat/completions -H 'Authorization: Bearer sk-or-emulator' \\
    -H 'Content-Type: application/json' \\
    -d '{"model":"openrouter/auto","stream":true,"messages":[{"role":"user","content":"Hello"}]}'

A line such as "/emulate status=429" in a message asks for a fault; emulator/README.md lists them. Ctrl+C stops.`;
}

module.exports.guide = guide;
