'use strict';

// Preloaded into a package manager, reports the platform of `PRETEND` as that of this machine: `PRETEND=darwin-arm64`.
const os = require('node:os');

const [platform, arch] = process.env.PRETEND.split('-');
Object.defineProperty(process, 'platform', { value: platform });
Object.defineProperty(process, 'arch', { value: arch });
os.platform = () => platform;
os.arch = () => arch;
