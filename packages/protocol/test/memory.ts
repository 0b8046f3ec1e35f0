// What memory is held, for tests that judge it: array buffers, not the heap, and only after a collection.

import { collectGarbage } from '@ws/testing'

/** Bytes of array buffers that `run` made: those that are still there, and those that it outgrew and are not yet collected. */
export function countAllocated(run: () => void): number {
  collectGarbage()
  const before = process.memoryUsage().arrayBuffers
  run()
  return process.memoryUsage().arrayBuffers - before
}
