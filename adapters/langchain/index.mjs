import { createRequire } from 'node:module';

import * as messages from '@langchain/core/messages';
import * as outputs from '@langchain/core/outputs';
import * as caller from '@langchain/core/utils/async_caller';
import * as openai from '@langchain/openai';

import chatModel from './chat-model.js';
import versions from './versions.js';

const load = (name) => (name === '@langchain/openai' ? openai : createRequire(import.meta.url)(name));

export const ChatOpenRouter = chatModel.defineChatOpenRouter({ ...versions.usableOpenAI(load), ...messages, ...outputs, ...caller });
