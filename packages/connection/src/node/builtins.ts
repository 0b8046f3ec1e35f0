// Node modules that are loaded without evaluating each of their exports
// (docs/decisions/0015-builtin-modules.md).

/** Hashes and random numbers. */
export const crypto: typeof import('node:crypto') = process.getBuiltinModule('node:crypto')
