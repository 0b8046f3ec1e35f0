// The one thing here that Node does not document: a zlib object can be made to work at once on state that it keeps. Three times as
// fast as a call that makes its state anew (`pnpm bench deflate`); where a Node has it otherwise, `DIRECT` is false and nobody asks.

import { Buffer } from 'node:buffer'
import {
  constants,
  createDeflateRaw,
  createInflateRaw,
  type DeflateRaw,
  deflateRawSync,
  type InflateRaw,
} from 'node:zlib'

/** An object of `node:zlib` for raw DEFLATE, either way. */
export type RawStream = DeflateRaw | InflateRaw

/** What is behind such an object. */
interface Inside {
  readonly _handle: {
    /** Leaves in `_writeState` how much room is left in the output, and how much input. */
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

/** How far one step got, in bytes. */
export interface Step {
  readonly consumed: number
  readonly produced: number
}

/** Works on a stream at once. Makes no object for each step: the last one's result stands in its fields. */
export class DirectHandle implements Step {
  readonly #stream: RawStream
  readonly #handle: NonNullable<Inside['_handle']>
  readonly #state: Uint32Array
  consumed = 0
  produced = 0

  /** Throws a `TypeError` if the stream has no such inside. */
  constructor(stream: RawStream) {
    const { _handle: handle, _writeState: state } = stream as unknown as Partial<Inside>
    if (typeof handle?.writeSync !== 'function' || !(state instanceof Uint32Array))
      throw new TypeError('this zlib object cannot work at once')
    this.#stream = stream
    this.#handle = handle
    this.#state = state
  }

  /** Takes `input[start …]` and puts out at most `room` bytes to the beginning of `target`. Throws the error of zlib. */
  step(input: Uint8Array, start: number, target: Uint8Array, room: number): void {
    const length = input.length - start
    this.#handle.writeSync(constants.Z_SYNC_FLUSH, input, start, length, target, 0, room)
    const { errored } = this.#stream
    if (errored !== null) throw errored
    this.produced = room - this.#state[0]!
    this.consumed = length - this.#state[1]!
  }
}

/** Whether what is not documented is there, and does what it is thought to do. */
export const DIRECT: boolean = isSound(createDeflateRaw, createInflateRaw)

/** Tries it, from a round trip to an error, against calls that are documented. */
export function isSound(
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
    const fails = doesFail(inflater)
    deflater.close()
    return fails
  } catch {
    return false
  }
}

/** Five steps of up to 100 bytes are enough for both directions: the text has 400. */
function runInSteps(stream: RawStream, input: Uint8Array): Buffer {
  const handle = new DirectHandle(stream)
  const target = Buffer.alloc(100)
  const parts: Buffer[] = []
  for (let round = 0, at = 0; round < 5; round++, at += handle.consumed) {
    handle.step(input, at, target, target.length)
    parts.push(Buffer.from(target.subarray(0, handle.produced)))
  }
  return Buffer.concat(parts)
}

/** Whether garbage is found out, in the way that `step` looks for it. */
function doesFail(inflater: RawStream): boolean {
  inflater.on('error', () => undefined)
  try {
    new DirectHandle(inflater).step(Uint8Array.of(0xff, 0xff), 0, new Uint8Array(9), 9)
    return false
  } catch (error) {
    return error === inflater.errored
  }
}
