// Garbage collection for tests of memory, which run on V8 only.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | undefined

/** Runs the garbage collector. On V8 only; see {@link onV8}. */
export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
}

/**
 * `test` or `describe` on V8 (Node, Deno), else its `skip`, which prints why:
 * `onV8(test)('name', () => { … })`.
 */
export function onV8<Runner extends { readonly skip: unknown }>(runner: Runner): Runner {
  if (process.versions.bun === undefined) return runner
  console.warn('skipped: what is asked of V8, which this runtime has not')
  return runner.skip as Runner
}
