// Garbage collection on request, for tests of memory use. Only V8 is precise enough for them.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | undefined

/** Runs a full garbage collection. V8 only, see {@link onV8}. */
export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
}

/** Returns `test` or `describe`, or its `skip` with a warning if the engine is not V8. */
export function onV8<Runner extends { readonly skip: unknown }>(runner: Runner): Runner {
  if (process.versions.bun === undefined) return runner
  console.warn('skipped: this test needs V8')
  return runner.skip as Runner
}
