// Modules of Node that are loaded without a name for each of their exports: to give `import` those names, Node evaluates all of them,
// and with `node:http` it would load the whole of `fetch` (docs/decisions/0015-builtins.md).

/** HTTP/1.1. */
export const http: typeof import('node:http') = process.getBuiltinModule('node:http')

/** Hashes and random numbers. */
export const crypto: typeof import('node:crypto') = process.getBuiltinModule('node:crypto')
