'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { PLATFORMS } = require('./packages.js');
const { engines, version } = require('../../package.json');

/** Advice for users who can build Rust code. */
const fromSource = (platform) => `To build it from source: npm run build in a checkout makes native/openrouter-native.${platform}.node, and OPENROUTER_NATIVE_LIBRARY_PATH can name it.`;

/**
 * Returns the error for an addon that could not be loaded. Its message has the system's own words first, then the platform
 * and the versions, then what the user can do.
 * @param {string} platform this platform, as in `platform.js`
 * @param {string} origin the file, package or variable from which the addon should have been loaded
 * @param {Error & { code?: string }} error the failure
 */
function loadError(platform, origin, error) {
  const lines = [
    `openrouter-native could not load its binary, ${origin}: ${error.message}`,
    `This is openrouter-native ${version} on ${platform}, Node.js ${process.versions.node}.`,
    ...advice(platform, origin, error),
  ];
  return Object.assign(new Error(lines.join('\n'), { cause: error }), { code: 'ERR_OPENROUTER_NATIVE', platform });
}

function advice(platform, origin, { code, message }) {
  if (origin.startsWith('OPENROUTER_NATIVE_LIBRARY_PATH')) return ['Correct the variable, or unset it to use what is installed.'];
  if (code === 'OTHER_VERSION' && path.isAbsolute(origin)) return ['Build it anew: npm run build'];
  if (code === 'OTHER_VERSION') return [`Install both anew: npm install openrouter-native@${version}`];
  if (code === 'NO_PACKAGE') return [`There are binaries for ${PLATFORMS.join(', ')}.`, fromSource(platform)];
  if (Number(process.versions.node.split('.', 1)[0]) < 20) return [`It needs Node.js ${engines.node}. npm leaves the binary out on an older one.`];
  if (code === 'NOT_INSTALLED') return [...missing(platform), fromSource(platform)];
  const copied = 'If node_modules was copied from another machine or image, delete it and install here.';
  return [/GLIBC_/.test(message) ? 'The binary needs glibc 2.17 or later.' : copied, fromSource(platform)];
}

function missing(platform) {
  const others = PLATFORMS.filter(isInstalled).map((other) => `openrouter-native-${other}`);
  return [
    others.length > 0
      ? `Installed is ${others.join(', ')}: node_modules, or the lock file, was made on another platform.`
      : 'It is an optional dependency. --omit=optional and --no-optional leave it out, and so may a lock file made on another platform.',
    'Delete node_modules and the lock file, and install again on this platform.',
    `Or keep them, and add the binary: npm install --save-optional openrouter-native-${platform}@${version}`,
  ];
}

/**
 * Whether a platform's package is installed. It is looked up as a folder, because bundlers cannot resolve a `require` of a
 * computed name.
 */
function isInstalled(platform) {
  return (module.paths ?? []).some((folder) => fs.existsSync(path.join(folder, `openrouter-native-${platform}`)));
}

module.exports.loadError = loadError;
