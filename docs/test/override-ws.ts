// With `--import`: `ws` is @ws/compat, as an override in a package.json makes it.

import { registerHooks } from 'node:module'

registerHooks({
  resolve: (specifier, context, nextResolve) =>
    specifier === 'ws'
      ? nextResolve('@ws/compat', { ...context, parentURL: import.meta.url })
      : nextResolve(specifier, context),
})
