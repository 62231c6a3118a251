'use strict';

/** The platforms for which a package with a binary is published. */
const PLATFORMS = [
  'linux-x64-gnu', 'linux-x64-musl', 'linux-arm64-gnu', 'linux-arm64-musl',
  'darwin-x64', 'darwin-arm64', 'win32-x64-msvc', 'win32-arm64-msvc',
];

/**
 * Returns the addon from a platform's package.
 *
 * Each `require` has a literal name and stands inside the `try`. Bundlers and file tracers then include the packages that
 * are installed, and accept that the others are missing.
 */
function packageOf(platform) {
  try {
    switch (platform) {
      case 'linux-x64-gnu': return require('openrouter-native-linux-x64-gnu');
      case 'linux-x64-musl': return require('openrouter-native-linux-x64-musl');
      case 'linux-arm64-gnu': return require('openrouter-native-linux-arm64-gnu');
      case 'linux-arm64-musl': return require('openrouter-native-linux-arm64-musl');
      case 'darwin-x64': return require('openrouter-native-darwin-x64');
      case 'darwin-arm64': return require('openrouter-native-darwin-arm64');
      case 'win32-x64-msvc': return require('openrouter-native-win32-x64-msvc');
      case 'win32-arm64-msvc': return require('openrouter-native-win32-arm64-msvc');
    }
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    throw Object.assign(new Error('It is not installed.', { cause: error }), { code: 'NOT_INSTALLED' });
  }
  throw Object.assign(new Error('There is no such package.'), { code: 'NO_PACKAGE' });
}

module.exports.PLATFORMS = PLATFORMS;

module.exports.packageOf = packageOf;
