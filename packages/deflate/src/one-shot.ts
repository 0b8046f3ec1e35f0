// Small whole messages by zlib's documented synchronous functions, which allocate their state for
// each call: the fallback where `sync-zlib.ts` is not supported.

import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import type { EngineOptions } from './engine.ts'

const finishFlush = constants.Z_SYNC_FLUSH

/** Deflates a piece, its tail included. */
export function deflateOnce(piece: Uint8Array, { windowBits, level, memLevel }: EngineOptions): Uint8Array {
  return deflateRawSync(piece, { windowBits, level, memLevel, finishFlush })
}

/** The output, and the bytes of input used: fewer than there were if the data ended before. */
export interface Inflated {
  readonly bytes: Uint8Array
  readonly consumed: number
}

/**
 * Inflates a piece, or returns undefined above `maxLength` bytes of output. Throws zlib's error.
 */
export function inflateOnce(piece: Uint8Array, windowBits: number, maxLength: number): Inflated | undefined {
  try {
    // With `info` the result is not the Buffer that its type declares.
    const options = { windowBits, finishFlush, maxOutputLength: maxLength, info: true }
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
