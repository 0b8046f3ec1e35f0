// Chooses what `ws` is for the modules that are loaded from now on.

import { registerHooks } from 'node:module'

export const IMPLEMENTATIONS = ['ws', '@ws/compat'] as const
export type Implementation = (typeof IMPLEMENTATIONS)[number]

/**
 * pnpm-workspace.yaml overrides `ws` by @ws/compat. With `ws`, each import of it is resolved as
 * the alias `ws-original` instead. Returns a function that throws an error when anything else
 * has been loaded as `ws`, or nothing has.
 */
export function useImplementation(implementation: Implementation): () => void {
  const urls = new Set<string>()
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (specifier !== 'ws' && !specifier.startsWith('ws/')) return nextResolve(specifier, context)
      const found =
        implementation === '@ws/compat'
          ? nextResolve(specifier, context)
          : nextResolve(`ws-original${specifier.slice(2)}`, { ...context, parentURL: import.meta.url })
      urls.add(found.url)
      return found
    },
  })
  const folder = implementation === '@ws/compat' ? '/packages/compat/' : '/node_modules/ws/'
  return () => {
    if (urls.size === 0) throw new Error('the program does not load ws')
    for (const url of urls)
      if (!url.includes(folder)) throw new Error(`expected ${implementation}, but the program loads ${url}`)
  }
}
