// Whole small messages by the calls that Node documents, which make their state anew each time: for where nothing faster is there.

import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import type { EngineOptions } from './engine.ts'

const finishFlush = constants.Z_SYNC_FLUSH

/** Deflates a piece, its tail included. */
export function deflateOnce(piece: Uint8Array, { windowBits, level, memLevel }: EngineOptions): Uint8Array {
  return deflateRawSync(piece, { windowBits, level, memLevel, finishFlush })
}

/** What came out, and how much of the input was used: not all, where the data ended before. */
export interface Inflated {
  readonly bytes: Uint8Array
  readonly consumed: number
}

/** Inflates a piece; undefined if more than `most` bytes would come out. Throws the error of zlib. */
export function inflateOnce(piece: Uint8Array, windowBits: number, most: number): Inflated | undefined {
  try {
    // With `info` it returns more than its type says.
    const options = { windowBits, finishFlush, maxOutputLength: most, info: true }
    const { buffer, engine } = inflateRawSync(piece, options) as unknown as {
      readonly buffer: Uint8Array
      readonly engine: { readonly bytesWritten: number }
    }
    return { bytes: buffer, consumed: engine.bytesWritten }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined
    throw error
  }
}
