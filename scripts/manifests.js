'use strict';

// Makes the package.json files of the published packages.
const fs = require('node:fs');
const path = require('node:path');

const { ROOT, binaryName } = require('./tools.js');

/** Fields that the published package.json leaves out, because only a checkout needs them. */
const LEFT_OUT = ['devDependencies', 'jest', 'scripts'];
/** The entry of `files` for a binary that an install from git builds. The published main package contains no binary. */
const GIT_ONLY = 'native/*.node';
const LICENSES = 'THIRD-PARTY-LICENSES.md';

const own = () => JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
const packageName = (platform) => `${own().name}-${platform}`;

/** Returns the package.json of the main package. It depends on the given platform packages in exactly its own version. */
function mainManifest(platforms) {
  const manifest = { ...own(), ...origin() };
  for (const name of LEFT_OUT) delete manifest[name];
  manifest.files = manifest.files.filter((name) => name !== GIT_ONLY);
  manifest.optionalDependencies = Object.fromEntries(platforms.map((platform) => [packageName(platform), manifest.version]));
  return manifest;
}

/** Returns the package.json of a platform package, as it is committed in `npm/<platform>/`. */
function platformManifest({ platform, os, cpu, libc }) {
  const { name, version, license, engines } = own();
  const binary = binaryName(platform);
  return {
    name: packageName(platform),
    version,
    description: `The ${platform} binary of ${name}`,
    license,
    type: 'commonjs',
    main: binary,
    files: [binary, LICENSES],
    engines,
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
  };
}

/** Returns the README of a platform package. */
function platformReadme({ platform, triple }) {
  const { name } = own();
  return `# ${packageName(platform)}

The \`${triple}\` binary of [${name}](https://www.npmjs.com/package/${name}).
Install \`${name}\`: npm then installs this package where the platform matches.
`;
}

/**
 * Returns the fields that name the repository, by default the one whose workflow publishes. npm refuses provenance if
 * `repository` is another one, and its website resolves the links of the README by it.
 */
function origin() {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = process.env;
  const { repository, homepage, bugs } = own();
  const url = `${server}/${name}`;
  const published = server && name ? { repository: { type: 'git', url: `git+${url}.git` }, homepage: `${url}#readme`, bugs: { url: `${url}/issues` } } : {};
  const set = Object.entries({ repository, homepage, bugs }).filter(([, value]) => value !== undefined);
  return { ...published, ...Object.fromEntries(set) };
}

module.exports = { LICENSES, mainManifest, origin, packageName, platformManifest, platformReadme };
