'use strict';

const { counted } = require('../output/figures.js');
const { failed, failedWith, ok } = require('./outcome.js');

const models = {
  name: 'models',
  needs: ['addon', 'environment', 'network', 'proxy', 'tls'],
  async look(subject) {
    const { models: listed, error } = await subject.probe();
    if (error) return failedWith(error);
    const { modelInfo } = require('../..');
    if (listed.length === 0) return failed('the API returned an empty list', 'Check OPENROUTER_BASE_URL, or try again later.');
    const free = listed.filter((model) => modelInfo(model).free).length;
    return ok(`${counted(listed.length, 'model')}, ${free} of them free`);
  },
};

module.exports = { models };
