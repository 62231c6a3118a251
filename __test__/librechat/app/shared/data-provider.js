'use strict';

/** `EModelEndpoint` of each version; only that of the fork has OpenRouter. */
const old = { openAI: 'openAI', agents: 'agents', custom: 'custom', openrouter: 'openrouter' };
const today = { openAI: 'openAI', agents: 'agents', custom: 'custom' };

/** Has no case for OpenRouter, as in both versions of LibreChat. */
const getResponseSender = ({ endpoint, modelDisplayLabel }) => (endpoint === 'custom' ? (modelDisplayLabel ?? 'AI') : '');

module.exports = { old, today, getResponseSender };
