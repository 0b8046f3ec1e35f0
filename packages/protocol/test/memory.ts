// What memory is held, for tests that judge it: array buffers, not the heap, and only after a collection.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')

/** Collects what nothing refers to. */
export const collect = runInNewContext('gc') as () => void

/** Bytes of array buffers that `run` made: those that are still there, and those that it outgrew and are not yet collected. */
export function countAllocated(run: () => void): number {
  collect()
  const before = process.memoryUsage().arrayBuffers
  run()
  return process.memoryUsage().arrayBuffers - before
}
