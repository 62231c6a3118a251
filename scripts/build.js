'use strict';

// `npm run build`: the release addon, so that `require` of this checkout works.
const { build, ensureDependencies } = require('./tools.js');

ensureDependencies();
build();
