'use strict';

// Loaded into a package manager, it makes it believe that this machine is another: `PRETEND=darwin-arm64`.
const os = require('node:os');

const [platform, arch] = process.env.PRETEND.split('-');
Object.defineProperty(process, 'platform', { value: platform });
Object.defineProperty(process, 'arch', { value: arch });
os.platform = () => platform;
os.arch = () => arch;
