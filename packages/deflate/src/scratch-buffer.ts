// The output buffer of synchronous steps, one for the process.

import { Buffer } from 'node:buffer'

/** The largest output of one step, in bytes. */
export const STEP_SIZE: number = 64 * 1024

let spare: Uint8Array | undefined

/** Calls `work` with a buffer of `STEP_SIZE` bytes. A nested call gets another buffer. */
export function withScratch<T>(work: (scratch: Uint8Array) => T): T {
  const scratch = spare ?? Buffer.allocUnsafeSlow(STEP_SIZE)
  spare = undefined
  try {
    return work(scratch)
  } finally {
    spare = scratch
  }
}
