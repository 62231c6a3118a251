'use strict';

const { LIBRECHAT_OPTIONS } = require('../../lib/librechat-names.js');
const { compile } = require('../support/type-programs.js');

/** Compiles only if these are exactly the names that `LibreChatOptions` adds to the options of a client. */
const program = (names) => `import type { LibreChatOptions, OpenRouterClientOptions } from 'openrouter-native';
type Added = Exclude<keyof LibreChatOptions, keyof OpenRouterClientOptions>;
export const names: Record<Added, 0> = { ${names.map((name) => `${name}: 0`).join(', ')} };`;

test("the type LibreChatOptions adds exactly LibreChat's names, which the client knows at run time", () => {
  const names = [...LIBRECHAT_OPTIONS, 'openRouterApiKey'];
  const messages = compile({ same: program(names), less: program(names.slice(1)), more: program([...names, 'zrd']) });
  expect(messages.same).toEqual([]);
  expect([messages.less.length, messages.more.length]).toEqual([1, 1]);
});
