// Node modules that are loaded without evaluating each of their exports: importing `node:http`
// would load all of `fetch` (docs/decisions/0015-builtin-modules.md).

/** HTTP/1.1. */
export const http: typeof import('node:http') = process.getBuiltinModule('node:http')

/** Hashes and random numbers. */
export const crypto: typeof import('node:crypto') = process.getBuiltinModule('node:crypto')
