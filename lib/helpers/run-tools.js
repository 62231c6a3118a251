'use strict';

const { OpenRouterError, wrongOption } = require('../errors.js');
const { checkSignal } = require('../bridge/call.js');
const { Budget } = require('./budget.js');
const { ToolRun } = require('./tool-run.js');
const { readTools } = require('./tools.js');

/** How many requests a run makes at most, unless the caller says otherwise: as many as `runTools` of `openai`. */
const MAX_STEPS = 10;
/** How many tools run at the same time. */
const CONCURRENCY = 8;

/**
 * Lets a model call tools until it answers. `types/run-tools.d.ts` documents the parameters.
 * @returns {Promise<ToolRun | object>} the run with `stream: true`, else its result
 */
async function runTools(client, params) {
  const { tools, messages, maxSteps, maxTime, concurrency, maxCost, budget, onApproval, onProgress, signal, ...request } = params ?? {};
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new OpenRouterError('runTools needs messages, a list that is not empty.', { code: 'invalid_request' });
  }
  const { sent, byName } = readTools(tools);
  checkSignal(signal, runTools);
  for (const [name, hook] of Object.entries({ onApproval, onProgress })) {
    if (hook !== undefined && hook !== null && typeof hook !== 'function') throw wrongOption(name, 'a function');
  }
  const unasked = [...byName.values()].find((tool) => (tool.needsApproval ?? false) !== false && !onApproval);
  if (unasked !== undefined) {
    throw new OpenRouterError(`The tool ${unasked.name} needs approval: give runTools the function onApproval.`, { code: 'invalid_option' });
  }
  const budgets = [budget ?? [], maxCost === undefined || maxCost === null ? [] : new Budget({ maxCost })].flat();
  const run = new ToolRun(client, {
    ...request,
    ...(sent.length > 0 && { tools: sent }),
    ...(budgets.length > 0 && { budget: budgets }),
  }, {
    messages,
    byName,
    signal,
    maxSteps: positive('maxSteps', maxSteps, MAX_STEPS),
    maxTime: positive('maxTime', maxTime, undefined),
    concurrency: positive('concurrency', concurrency, CONCURRENCY),
    onApproval: onApproval ?? undefined,
    onProgress: onProgress ?? undefined,
  });
  return request.stream === true ? run : run.finalResult();
}

/** Returns a setting that must be a number above 0, or its default. `Infinity` means no limit. */
function positive(name, value, usual) {
  if (value === undefined || value === null) return usual;
  if (typeof value !== 'number' || !(value > 0)) throw wrongOption(name, 'a number above 0');
  return name === 'maxTime' && value === Infinity ? undefined : value;
}

module.exports = { runTools };
