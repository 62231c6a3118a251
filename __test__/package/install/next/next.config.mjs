import path from 'node:path';

const root = path.dirname(import.meta.dirname);

export default { serverExternalPackages: ['openrouter-native'], output: 'standalone', outputFileTracingRoot: root, turbopack: { root } };
