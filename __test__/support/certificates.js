'use strict';

const fs = require('node:fs');
const path = require('node:path');

const FOLDER = path.join(__dirname, '..', '..', 'tests', 'it', 'support');
/** The authority of the tests. */
const CA_FILE = path.join(FOLDER, 'ca.pem');
/** A certificate for `localhost` and `127.0.0.1` that the authority has signed, with its key. */
const IDENTITY_FILE = path.join(FOLDER, 'server.pem');

module.exports.CA = fs.readFileSync(CA_FILE, 'utf8');
module.exports.CA_FILE = CA_FILE;
module.exports.IDENTITY = fs.readFileSync(IDENTITY_FILE, 'utf8');
module.exports.IDENTITY_FILE = IDENTITY_FILE;
