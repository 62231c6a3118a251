// OpenAI's types are taken by this package, and this package's are taken by code that is written for OpenAI's. Compiled, never
// run.
import type OpenAI from 'openai';
import type { ResponseFormatJSONObject, ResponseFormatJSONSchema, ResponseFormatText } from 'openai/resources/shared';

import { OpenRouterClient } from 'openrouter-native';
import type { ChatCompletion, ChatCompletionChunk, ChatCompletionParams, ChatMessage, ContentPart, ResponseFormat, Tool, ToolCall, ToolChoice, Usage } from 'openrouter-native';

const client = new OpenRouterClient();

// ----------------------------------------------------------------------------------------------------------------- taken
export async function taken(
  messages: OpenAI.ChatCompletionMessageParam[],
  tools: OpenAI.ChatCompletionTool[],
  tool_choice: OpenAI.ChatCompletionToolChoiceOption,
  response_format: ResponseFormatJSONSchema,
  whole: OpenAI.ChatCompletionCreateParamsNonStreaming,
  streamed: OpenAI.ChatCompletionCreateParamsStreaming,
  answer: OpenAI.ChatCompletionMessage,
): Promise<void> {
  await client.chatCompletion({ model: 'openai/gpt-5-mini', messages, tools, tool_choice, response_format });
  const completion: ChatCompletion = await client.chatCompletion(whole);
  const stream = await client.chatCompletion(streamed);
  // An answer of OpenAI's client becomes history.
  await client.chatCompletion({ messages: [...messages, answer, ...asMessages(messages)] });
  console.log(completion.text, stream.model);
}

export function each(
  part: OpenAI.ChatCompletionContentPart,
  system: OpenAI.ChatCompletionSystemMessageParam,
  developer: OpenAI.ChatCompletionDeveloperMessageParam,
  user: OpenAI.ChatCompletionUserMessageParam,
  assistant: OpenAI.ChatCompletionAssistantMessageParam,
  tool: OpenAI.ChatCompletionToolMessageParam,
  call: OpenAI.ChatCompletionMessageFunctionToolCall,
  format: ResponseFormatText | ResponseFormatJSONObject | ResponseFormatJSONSchema,
  effort: OpenAI.ChatCompletionReasoningEffort,
): unknown[] {
  const parts: ContentPart[] = [part];
  const all: ChatMessage[] = [system, developer, user, assistant, tool];
  const calls: ToolCall[] = [{ ...call, function: { ...call.function } }];
  const formats: ResponseFormat[] = [format];
  const params: Omit<ChatCompletionParams, 'messages'> = { reasoning_effort: effort };
  return [parts, all, calls, formats, params];
}

const asMessages = (messages: OpenAI.ChatCompletionMessageParam[]): ChatMessage[] => messages;
export const asTools = (tools: OpenAI.ChatCompletionTool[]): Tool[] => tools;
export const asChoice = (choice: OpenAI.ChatCompletionToolChoiceOption): ToolChoice => choice;

// ------------------------------------------------------------------------------------------------------------- given back
export function given(completion: ChatCompletion, chunk: ChatCompletionChunk, usage: Usage): unknown[] {
  const history: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Hi' }];
  const [choice] = completion.choices;
  if (choice === undefined) return [];
  history.push(choice.message);

  const calls: OpenAI.ChatCompletionMessageToolCall[] = choice.message.tool_calls ?? [];
  for (const call of choice.message.tool_calls ?? []) history.push({ role: 'tool', tool_call_id: call.id, content: call.function.arguments });

  const counted: Pick<OpenAI.CompletionUsage, 'prompt_tokens' | 'completion_tokens' | 'total_tokens'> = usage;
  return [history, calls, counted, readCompletion(completion), readChunk(chunk)];
}

/** What code that is written for OpenAI's completions reads of them. */
type ReadOfCompletion = Pick<OpenAI.ChatCompletion, 'id' | 'created' | 'model' | 'object'> & {
  choices: Array<Pick<OpenAI.ChatCompletion.Choice, 'index'> & { message: Pick<OpenAI.ChatCompletionMessage, 'role' | 'content' | 'tool_calls' | 'function_call'> }>;
  usage?: Pick<OpenAI.CompletionUsage, 'total_tokens'> | null;
};

function readCompletion(completion: ReadOfCompletion): string {
  const { message } = completion.choices[0]!;
  return message.content ?? JSON.stringify(message.tool_calls) ?? completion.usage?.total_tokens;
}

/** What code that is written for OpenAI's chunks reads of them, where it does not insist on choices. */
type ReadOfChunk = Pick<OpenAI.ChatCompletionChunk, 'id' | 'created' | 'model' | 'object'> & {
  choices?: Array<{ index: number; delta: Pick<OpenAI.ChatCompletionChunk.Choice.Delta, 'content' | 'refusal'> }> | null;
};

function readChunk(chunk: ReadOfChunk): string {
  return chunk.choices?.[0]?.delta.content ?? '';
}
