'use strict';

const { refusal } = require('./failure.js');

/** The parameters that `allow.parameters` need not name: a chat has them, and the privacy floors only add protection. */
const ALWAYS = ['messages', 'model', 'stream', 'zdr', 'dataCollection'];
/** The names of the limit of an answer's length. The API accepts either. */
const LENGTHS = ['max_tokens', 'max_completion_tokens'];
/** The plugin that a model's suffix `:online` and the parameter `web_search_options` stand for. */
const WEB = 'web';
const AUTO = 'openrouter/auto';
/** No setting of a plugin or a tool is nested deeper. */
const MAX_DEPTH = 10;

/**
 * What the owner of the server lets a browser ask for: the options `allow` and `limits` of the router, which `index.d.ts`
 * documents. Everything that a rule does not understand is refused, because it may be a way around the rule.
 */
class Rules {
  #models;
  #parameters;
  #limits;

  /**
   * @param {{ models?: string[], parameters?: string[] }} allow the checked option
   * @param {{ max_tokens?: number, n?: number, max_price?: object, plugins?: string[], tools?: string[] }} limits the checked
   * option
   */
  constructor(allow, limits) {
    this.#models = allow.models?.map(patternOf);
    this.#parameters = allow.parameters && new Set([...ALWAYS, ...allow.parameters]);
    this.#limits = limits;
  }

  /** Throws the error of a 400 response, which names the field, for a chat that the rules do not permit. */
  check(params) {
    this.#checkParameters(params);
    this.#checkModels(params);
    for (const name of [...LENGTHS, 'n']) checkCount(params[name], name, this.#limits[name === 'n' ? 'n' : 'max_tokens']);
    this.#checkPrices(params);
    this.#checkPlugins(params);
    this.#checkTools(params);
  }

  /**
   * Returns checked parameters with the limits as the values of those that are left out.
   * @param {object} params
   * @param {object | undefined} defaults the parameters that the client adds. The lower one of a default and a limit counts.
   */
  completed(params, defaults) {
    const { max_tokens: length, max_price: prices } = this.#limits;
    const all = { ...params };
    if (length !== undefined && LENGTHS.every((name) => isAbsent(params[name]))) {
      const own = LENGTHS.filter((name) => !isAbsent(defaults?.[name]));
      for (const name of own.length > 0 ? own : ['max_tokens']) all[name] = lower(defaults?.[name], length);
    }
    if (prices !== undefined) {
      const given = params.provider?.max_price;
      const usual = defaults?.provider?.max_price;
      const filled = { ...usual, ...given };
      for (const [kind, most] of Object.entries(prices)) if (isAbsent(given?.[kind])) filled[kind] = lower(usual?.[kind], most);
      all.provider = { ...defaults?.provider, ...params.provider, max_price: filled };
    }
    return all;
  }

  #checkParameters(params) {
    for (const name of Object.keys(params)) {
      if (this.#parameters && !this.#parameters.has(name)) throw refusal(400, `${shown(name)} is not allowed here.`);
    }
    // A preset is a stored request, which may have any model, plugin and tool.
    const isRuled = this.#models ?? this.#limits.plugins ?? this.#limits.tools;
    if (isRuled && !isAbsent(params.preset) && !this.#parameters?.has('preset')) {
      throw refusal(400, 'preset is not allowed here.');
    }
  }

  #checkModels({ model, models, autoRouter, plugins, tools }) {
    if (!this.#models) return;
    if (!isAbsent(model)) this.#checkModel(model, 'model');
    if (!isAbsent(models)) listOf(models, 'models').forEach((one, at) => this.#checkModel(one, `models[${at}]`));
    if (!isAbsent(autoRouter) && autoRouter !== false) this.#checkModel(AUTO, 'autoRouter');
    this.#checkNested(plugins, 'plugins');
    // The schema of a function tool is a text for the model, and no setting of OpenRouter.
    this.#checkNested(Array.isArray(tools) ? tools.map((tool) => (tool?.type === 'function' ? null : tool)) : tools, 'tools');
  }

  /** Checks the models that plugins and server tools use, for example `plugins[0].analysis_models`. */
  #checkNested(value, path, depth = 0) {
    if (value === null || typeof value !== 'object') return;
    if (depth === MAX_DEPTH) throw refusal(400, `${path} is nested too deeply.`);
    for (const [name, inner] of Object.entries(value)) {
      const field = Array.isArray(value) ? `${path}[${name}]` : `${path}.${shown(name)}`;
      if (/(?:^|_)models?$/.test(name) && !name.startsWith('excluded_') && !isAbsent(inner)) {
        for (const one of [inner].flat()) this.#checkModel(one, field);
      } else this.#checkNested(inner, field, depth + 1);
    }
  }

  #checkModel(model, field) {
    if (typeof model === 'string' && this.#models.some((pattern) => pattern.test(model))) return;
    throw refusal(400, `${field} is not one of the models that are allowed here.`);
  }

  #checkPrices({ provider }) {
    const { max_price: prices } = this.#limits;
    if (prices === undefined || isAbsent(provider)) return;
    const given = objectOf(provider, 'provider').max_price;
    if (isAbsent(given)) return;
    objectOf(given, 'provider.max_price');
    for (const [kind, most] of Object.entries(prices)) {
      // The API takes prices as numbers and as decimal texts.
      const price = given[kind];
      if (isAbsent(price)) continue;
      const isPrice = typeof price === 'number' || (typeof price === 'string' && /^\d+(\.\d+)?$/.test(price));
      if (!isPrice || price < 0 || price > most) throw refusal(400, `provider.max_price.${kind} must be from 0 to ${most}.`);
    }
  }

  #checkPlugins({ plugins, model, models, web_search_options: search }) {
    const { plugins: allowed } = this.#limits;
    if (allowed === undefined) return;
    if (!isAbsent(plugins)) {
      listOf(plugins, 'plugins').forEach((plugin, at) => {
        if (allowed.includes(plugin?.id)) return;
        throw refusal(400, `plugins[${at}].id is not one of the plugins that are allowed here.`);
      });
    }
    if (allowed.includes(WEB)) return;
    if (!isAbsent(search)) throw refusal(400, 'web_search_options is not allowed here.');
    for (const [field, named] of [['model', model], ['models', models]]) {
      if ([named].flat().some((one) => /:online\b/i.test(one))) throw refusal(400, `${field} must not have the suffix :online.`);
    }
  }

  #checkTools({ tools, tool_choice: choice, functions }) {
    const { tools: allowed } = this.#limits;
    if (allowed === undefined) return;
    const types = isAbsent(tools) ? [] : listOf(tools, 'tools').map((tool, at) => [`tools[${at}].type`, tool?.type]);
    // A tool that is chosen by its type need not be in the list of tools.
    if (choice !== null && typeof choice === 'object') types.push(['tool_choice.type', choice.type]);
    // The older form of function tools.
    if (!isAbsent(functions)) types.push(['functions', 'function']);
    for (const [field, type] of types) {
      if (!allowed.includes(type)) throw refusal(400, `${field} is not one of the tools that are allowed here.`);
    }
  }
}

/**
 * Returns the regular expression for a pattern of model ids. A `*` matches neither `:` nor `@`, because a variant such as
 * `:online` and a preset may cost more than the model.
 */
function patternOf(pattern) {
  const texts = pattern.split('*').map((text) => text.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${texts.join('[^:@]*')}$`);
}

function checkCount(value, name, most) {
  if (most === undefined || isAbsent(value)) return;
  if (!Number.isSafeInteger(value) || value < 1 || value > most) {
    throw refusal(400, `${name} must be a whole number from 1 to ${most}.`);
  }
}

function listOf(value, field) {
  if (!Array.isArray(value)) throw refusal(400, `${field} must be a list.`);
  return value;
}

function objectOf(value, field) {
  if (typeof value !== 'object' || Array.isArray(value)) throw refusal(400, `${field} must be an object.`);
  return value;
}

/** The API treats a parameter that is null as one that is left out. */
function isAbsent(value) {
  return value === undefined || value === null;
}

/** Returns the lower one of a default, which may be absent or a decimal text, and a limit. */
function lower(usual, most) {
  const value = isAbsent(usual) ? NaN : Number(usual);
  return value >= 0 && value < most ? value : most;
}

/** Returns the name of a field for a message. It comes from the browser, so it is not repeated if it is no usual name. */
function shown(name) {
  return /^[\w-]{1,64}$/.test(name) ? name : 'A parameter';
}

module.exports.Rules = Rules;
