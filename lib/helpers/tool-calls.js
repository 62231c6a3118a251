'use strict';

const { OpenRouterError } = require('../errors.js');
const { after, now } = require('../util/timers.js');
const { withoutNulls } = require('./strict.js');

const { AbortController, DOMException } = globalThis;

/** The parts of content that the API takes in the result of a tool. */
const PARTS = new Set(['text', 'image_url', 'input_audio', 'video_url', 'file']);

/** What a run throws into the tools that it stops. */
const STOPPED = Symbol('stopped');

/**
 * Runs the tool calls of one answer, some at the same time.
 * @param {object[]} calls `tool_calls` of the message
 * @param {object} run `byName`, `concurrency`, `signal`, `approve(call)`, `context(call)`
 * @param {(event: object) => void} tell receives the events
 * @returns {Promise<Array<{ record: object, message: object | null, failure?: unknown }>>} for each call; `message` is null
 * if the caller has to run it
 */
async function runToolCalls(calls, run, tell) {
  const outcomes = new Array(calls.length);
  const waiting = [...calls.keys()];
  const work = async () => {
    for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
      outcomes[index] = await runToolCall(calls[index], run, tell);
    }
  };
  await Promise.all(Array.from({ length: Math.min(run.concurrency, calls.length) }, work));
  return outcomes;
}

async function runToolCall(call, run, tell) {
  const { name, arguments: text } = call.function ?? {};
  const record = { id: call.id, name, arguments: text };
  const tool = run.byName.get(name);
  if (tool !== undefined && tool.run === undefined) return { record, message: null };
  const started = now();
  let outcome = { record, message: null };
  try {
    if (run.signal.aborted) throw STOPPED;
    tell({ type: 'tool_start', call: record });
    record.arguments = await checkedArguments(tool, name, text, run);
    const approval = await run.approve(tool, record);
    if (approval !== true) throw new Refusal(approval);
    const result = await limited(tool, record, run);
    outcome.message = toolMessage(call, contentOf(result));
    record.result = result;
  } catch (error) {
    const failure = error instanceof HookFailure ? error.error : undefined;
    record.error = run.signal.aborted || failure !== undefined ? 'The run was stopped before this call had a result.' : textOf(error);
    outcome = { record, message: toolMessage(call, `Error: ${record.error}`), ...(failure !== undefined && { failure }) };
  }
  record.durationMs = now() - started;
  tell({ type: 'tool_end', call: record });
  return outcome;
}

/** Returns the arguments that the schema of the tool has checked. */
async function checkedArguments(tool, name, text, run) {
  if (tool === undefined) {
    const names = [...run.byName.keys()].join(', ');
    throw new Error(`There is no tool ${JSON.stringify(name ?? '')}. The tools are: ${names}.`);
  }
  let given;
  try {
    given = typeof text === 'string' ? JSON.parse(text.trim() === '' ? '{}' : text) : (text ?? {});
  } catch (error) {
    throw new Error(`The arguments are no JSON: ${error.message}`);
  }
  const isStrict = tool.sent.function.strict === true;
  const checked = await tool.schema.check(isStrict ? withoutNulls(tool.schema.json, given) : given);
  if (checked.problem !== undefined) throw new Error(`The arguments do not match the schema: ${checked.problem}.`);
  return checked.value;
}

/** Calls a tool, and gives up when its time is over or the run stops. The signal tells the tool. */
function limited(tool, record, run) {
  const controller = new AbortController();
  return new Promise((resolve, reject) => {
    const stop = () => {
      controller.abort(run.signal.reason);
      reject(STOPPED);
    };
    const forget = tool.timeout === undefined ? () => {} : after(tool.timeout, () => {
      const error = new DOMException(`The tool took longer than ${tool.timeout} ms.`, 'TimeoutError');
      controller.abort(error);
      reject(error);
    });
    run.signal.addEventListener('abort', stop, { once: true });
    if (run.signal.aborted) stop();
    const end = (settle) => (value) => {
      forget();
      run.signal.removeEventListener('abort', stop);
      settle(value);
    };
    // A tool that throws before its first await rejects, too.
    const call = async () => tool.run(record.arguments, run.context(record, controller.signal));
    if (!controller.signal.aborted) call().then(end(resolve), end(reject));
  });
}

/** The caller did not approve a call. */
class Refusal extends Error {
  constructor(reason) {
    super(`The call was not approved${reason === '' ? '.' : `: ${reason}`}`);
  }
}

/** A function of the caller that decides about calls has failed, which ends the run. */
class HookFailure {
  constructor(name, cause) {
    const message = `${name} failed: ${textOf(cause)} The tool was not run.`;
    this.error = new OpenRouterError(message, { code: 'invalid_option', cause });
  }
}

function textOf(error) {
  return error instanceof Error || typeof error?.message === 'string' ? error.message : String(error);
}

function toolMessage({ id }, content) {
  return { role: 'tool', tool_call_id: id, content };
}

/** Returns the result of a tool as content of a message: text and parts of content as they are, anything else as JSON. */
function contentOf(result) {
  if (typeof result === 'string') return result;
  if (Array.isArray(result) && result.length > 0 && result.every((part) => PARTS.has(part?.type))) return result;
  return JSON.stringify(result ?? null) ?? String(result);
}

module.exports = { HookFailure, runToolCalls };
