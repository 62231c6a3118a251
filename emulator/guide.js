'use strict';

/** Returns the text that the command prints when the emulator listens: how to send requests to it. */
function guide({ baseURL }) {
  return `OPENROUTER_BASE_URL=${baseURL}

Set that variable, and any key that begins with sk-or-, for instance:

  OPENROUTER_API_KEY=sk-or-emulator

Then send a request:

  curl ${baseURL}/chat/completions -H 'Authorization: Bearer sk-or-emulator' \\
    -H 'Content-Type: application/json' \\
    -d '{"model":"openrouter/auto","stream":true,"messages":[{"role":"user","content":"Hello"}]}'

A line such as "/emulate status=429" in a message asks for a fault. emulator/README.md lists all of these directives.
Ctrl+C stops the emulator.`;
}

module.exports.guide = guide;
