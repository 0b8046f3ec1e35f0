// Synchronous zlib on state that is kept between calls. Node does not document this way, which is
// three times as fast as a documented call with new state (`pnpm bench deflate`). Where a Node
// version works differently, `SYNC_SUPPORTED` is false and this file is unused.

import { Buffer } from 'node:buffer'
import {
  constants,
  createDeflateRaw,
  createInflateRaw,
  type DeflateRaw,
  deflateRawSync,
  type InflateRaw,
} from 'node:zlib'

/** A stream of `node:zlib` for raw DEFLATE, in either direction. */
export type RawStream = DeflateRaw | InflateRaw

/** The undocumented part of such a stream. */
interface Internals {
  readonly _handle: {
    /** Stores the room that is left in the output in `_writeState[0]`, unused input in `[1]`. */
    writeSync(
      flush: number,
      input: Uint8Array,
      inputStart: number,
      inputLength: number,
      output: Uint8Array,
      outputStart: number,
      outputLength: number,
    ): void
  } | null
  readonly _writeState: Uint32Array
}

/** The result of one step, in bytes. */
export interface Step {
  readonly consumed: number
  readonly produced: number
}

/** Runs a stream synchronously. The result of the last step is in its fields. */
export class SyncZlib implements Step {
  readonly #stream: RawStream
  readonly #handle: NonNullable<Internals['_handle']>
  readonly #state: Uint32Array
  consumed = 0
  produced = 0

  /** Throws a `TypeError` if the stream does not have the expected internals. */
  constructor(stream: RawStream) {
    const { _handle: handle, _writeState: state } = stream as unknown as Partial<Internals>
    if (typeof handle?.writeSync !== 'function' || !(state instanceof Uint32Array))
      throw new TypeError('this zlib stream has no synchronous handle')
    this.#stream = stream
    this.#handle = handle
    this.#state = state
  }

  /**
   * Processes `input[start …]` and writes at most `room` bytes to `target`. Throws zlib's error.
   */
  step(input: Uint8Array, start: number, target: Uint8Array, room: number): void {
    const length = input.length - start
    this.#handle.writeSync(constants.Z_SYNC_FLUSH, input, start, length, target, 0, room)
    const { errored } = this.#stream
    if (errored !== null) throw errored
    this.produced = room - this.#state[0]!
    this.consumed = length - this.#state[1]!
  }
}

/** Whether `SyncZlib` works on this platform. */
export const SYNC_SUPPORTED: boolean = supportsSync(createDeflateRaw, createInflateRaw)

/** Compares `SyncZlib` with documented calls: round trips, a reset, and an error. */
export function supportsSync(
  createDeflater: (options: object) => RawStream,
  createInflater: (options: object) => RawStream,
): boolean {
  const text = Buffer.from('Hello, hello, hello.'.repeat(20))
  const whole = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH })
  try {
    const deflater = createDeflater({})
    const inflater = createInflater({})
    for (let round = 0; round < 2; round++) {
      if (!whole.equals(runInSteps(deflater, text)) || !text.equals(runInSteps(inflater, whole))) return false
      deflater.reset()
      inflater.reset()
    }
    const reportsErrors = throwsForGarbage(inflater)
    deflater.close()
    return reportsErrors
  } catch {
    return false
  }
}

/** Five steps of up to 100 bytes are enough in both directions: the text has 400 bytes. */
function runInSteps(stream: RawStream, input: Uint8Array): Buffer {
  const zlib = new SyncZlib(stream)
  const target = Buffer.alloc(100)
  const parts: Buffer[] = []
  for (let round = 0, at = 0; round < 5; round++, at += zlib.consumed) {
    zlib.step(input, at, target, target.length)
    parts.push(Buffer.from(target.subarray(0, zlib.produced)))
  }
  return Buffer.concat(parts)
}

function throwsForGarbage(inflater: RawStream): boolean {
  inflater.on('error', () => undefined)
  try {
    new SyncZlib(inflater).step(Uint8Array.of(0xff, 0xff), 0, new Uint8Array(9), 9)
    return false
  } catch (error) {
    return error === inflater.errored
  }
}
