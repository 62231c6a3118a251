'use strict';

/** The enum of each age: only the fork's knows OpenRouter. */
const old = { openAI: 'openAI', agents: 'agents', custom: 'custom', openrouter: 'openrouter' };
const today = { openAI: 'openAI', agents: 'agents', custom: 'custom' };

/** Has no branch for OpenRouter, in either age. */
const getResponseSender = ({ endpoint, modelDisplayLabel }) => (endpoint === 'custom' ? (modelDisplayLabel ?? 'AI') : '');

module.exports = { old, today, getResponseSender };
