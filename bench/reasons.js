'use strict';

/** Why a figure is not reached, by workload: what profiles showed. The report gives it where it is not. */
const REASONS = {};

module.exports = { REASONS };
