import * as messages from '@langchain/core/messages';
import * as outputs from '@langchain/core/outputs';
import * as caller from '@langchain/core/utils/async_caller';
import * as openai from '@langchain/openai';

import chatModel from './chat-model.js';

export const ChatOpenRouter = chatModel.defineChatOpenRouter({ ...openai, ...messages, ...outputs, ...caller });
