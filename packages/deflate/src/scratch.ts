// The memory that steps put out to, one for the process: whoever needs it takes it away, so that what is called in between may need
// some, too.

import { Buffer } from 'node:buffer'

/** The most that one step puts out, in bytes. */
export const STEP_SIZE: number = 64 * 1024

let spare: Uint8Array | undefined

/** Calls `work` with memory of `STEP_SIZE` bytes, which is its own until it returns. */
export function withScratch<T>(work: (scratch: Uint8Array) => T): T {
  const scratch = spare ?? Buffer.allocUnsafeSlow(STEP_SIZE)
  spare = undefined
  try {
    return work(scratch)
  } finally {
    spare = scratch
  }
}
