'use strict';

const { counted } = require('../output/figures.js');
const { failed, failedWith, ok } = require('./outcome.js');

const models = {
  name: 'models',
  needs: ['addon', 'environment', 'network', 'proxy', 'tls'],
  async look(subject) {
    const { models: listed, error } = await subject.probe();
    if (error) return failedAt(subject, error);
    const { modelInfo } = require('../..');
    if (listed.length === 0) return failed('the API returned an empty list', 'Check OPENROUTER_BASE_URL, or try again later.');
    const free = listed.filter((model) => modelInfo(model).free).length;
    return ok(`${counted(listed.length, 'model')}, ${free} of them free`);
  },
};

/** Reports a failure; if the list is at another address below or above the base URL, with that address. */
async function failedAt(subject, error) {
  const isNoAPI = error.code === 'malformed_response' || error.status === 404 || error.status === 405;
  const better = isNoAPI ? await subject.findAPI() : null;
  return better === null ? failedWith(error) : failed(`${subject.shownURL} is not the API`, `Set OPENROUTER_BASE_URL to ${better}, where the API answers.`);
}

module.exports = { models };
