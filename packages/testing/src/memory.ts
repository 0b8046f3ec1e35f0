<<<<<<< HEAD
// Garbage collection for tests of memory, which run on V8 only.
=======
// Garbage collection on request, for tests of memory use. Only V8 is precise enough for them.
>>>>>>> prose-connection

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | undefined

<<<<<<< HEAD
/** Runs the garbage collector. On V8 only; see {@link onV8}. */
=======
/** Runs a full garbage collection. V8 only, see {@link onV8}. */
>>>>>>> prose-connection
export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
}

<<<<<<< HEAD
/**
 * `test` or `describe` on V8 (Node, Deno), else its `skip`, which prints why:
 * `onV8(test)('name', () => { … })`.
 */
=======
/** Returns `test` or `describe`, or its `skip` with a warning if the engine is not V8. */
>>>>>>> prose-connection
export function onV8<Runner extends { readonly skip: unknown }>(runner: Runner): Runner {
  if (process.versions.bun === undefined) return runner
  console.warn('skipped: this test needs V8')
  return runner.skip as Runner
}
