// Measures the memory of array buffers, after a garbage collection.

import { collectGarbage } from '@ws/testing'

/** Bytes of array buffers that `run` allocated: those in use, and those not yet collected. */
export function countAllocated(run: () => void): number {
  collectGarbage()
  const before = process.memoryUsage().arrayBuffers
  run()
  return process.memoryUsage().arrayBuffers - before
}
