// Decompresses one received message (RFC 7692 §7.2.2), with little more output than there is room
// for: small pieces on the event loop, large ones in the thread pool.

import { type MessageTransform, ProtocolError, type TransformOutput } from '@ws/protocol'
import { MAX_SYNC_INPUT, MAX_SYNC_OUTPUT, TAIL } from './constants.ts'
import type { EngineLease } from './engine-lease.ts'
import { inflateOnce } from './one-shot.ts'
import { STEP_SIZE, withScratch } from './scratch-buffer.ts'
import type { Semaphore } from './semaphore.ts'

/** Inflates one message. */
export class InflateTransform implements MessageTransform {
  readonly #lease: EngineLease
  readonly #semaphore: Semaphore
  /** Bytes of output so far. */
  #produced = 0

  constructor(lease: EngineLease, semaphore: Semaphore) {
    this.#lease = lease
    this.#semaphore = semaphore
  }

  write(piece: Uint8Array, last: boolean, output: TransformOutput): void | Promise<void> {
    try {
      const rest = this.#writeNow(piece, last, output)
      if (rest !== undefined) return this.#writeLater(rest, last, output)
    } catch (error) {
      throw toProtocolError(error)
    }
    if (last) this.#lease.endMessage()
  }

  /** Inflates as much as may be done synchronously. Returns the rest of the piece, if any. */
  #writeNow(piece: Uint8Array, last: boolean, output: TransformOutput): Uint8Array | undefined {
    if (piece.length > MAX_SYNC_INPUT || this.#produced >= MAX_SYNC_OUTPUT) return piece
    if (!this.#lease.isSync) return last && this.#lease.isOneShot ? this.#inflateWhole(piece, output) : piece
    const rest = this.#inflateNow(piece, output)
    if (rest === undefined && last) this.#inflateNow(TAIL, output)
    return rest
  }

  async #writeLater(rest: Uint8Array, last: boolean, output: TransformOutput): Promise<void> {
    await this.#lease.during(() =>
      this.#semaphore.run(async () => {
        try {
          await this.#inflateLater(rest, output)
          if (last) await this.#inflateLater(TAIL, output)
        } catch (error) {
          throw toProtocolError(error)
        }
      }),
    )
    if (last) this.#lease.endMessage()
  }

  // ── synchronously ───────────────────────────────────────────────────────────────────────────

  #inflateNow(input: Uint8Array, output: TransformOutput): Uint8Array | undefined {
    return withScratch(scratch => this.#inflateTo(scratch, input, output))
  }

  #inflateTo(scratch: Uint8Array, input: Uint8Array, output: TransformOutput): Uint8Array | undefined {
    const { engine } = this.#lease
    let at = 0
    for (;;) {
      const room = Math.min(STEP_SIZE, roomFor(output))
      const { consumed, produced } = engine.step(input, at, scratch, room)
      at += consumed
      if (produced > 0) this.#push(scratch.subarray(0, produced), output)
      if (produced === room) {
        if (this.#produced >= MAX_SYNC_OUTPUT) return input.subarray(at)
      } else {
        if (at === input.length) return undefined
        // A block with BFINAL set. Data after it does not refer to data before it; after the last
        // block of a message there is only the tail.
        engine.reset()
        if (input === TAIL) return undefined
      }
    }
  }

  #push(bytes: Uint8Array, output: TransformOutput): void {
    const { room } = output
    this.#produced += bytes.length
    output.push(bytes)
    // `push` throws above `room`, except when the connection is closed: then the work stops here.
    if (bytes.length > room) throw new Error('the connection is closed')
  }

  // ── in the thread pool ──────────────────────────────────────────────────────────────────────

  async #inflateLater(input: Uint8Array, output: TransformOutput): Promise<void> {
    for (let rest = input; ; ) {
      if (this.#lease.isClosed) return
      const { engine } = this.#lease
      const consumed = await engine.run(rest, bytes => this.#push(bytes, output))
      if (consumed === rest.length) return
      engine.reset()
      if (input === TAIL) return
      rest = rest.subarray(consumed)
    }
  }

  // ── without `SyncZlib` ──────────────────────────────────────────────────────────────────────

  #inflateWhole(piece: Uint8Array, output: TransformOutput): Uint8Array | undefined {
    const input = new Uint8Array(piece.length + TAIL.length)
    input.set(piece)
    input.set(TAIL, piece.length)
    for (let at = 0; at < piece.length; ) {
      if (this.#produced >= MAX_SYNC_OUTPUT) return piece.subarray(at)
      const maxLength = Math.min(MAX_SYNC_OUTPUT - this.#produced, roomFor(output))
      const inflated = inflateOnce(input.subarray(at), this.#lease.options.windowBits, maxLength)
      // Too large: the thread pool inflates this part again.
      if (inflated === undefined) return piece.subarray(at)
      at += inflated.consumed
      this.#push(inflated.bytes, output)
    }
    return undefined
  }
}

/** One byte more than there is room for, so that a message that is too large is noticed. */
function roomFor({ room }: TransformOutput): number {
  return Math.floor(room) + 1
}

function toProtocolError(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'Z_DATA_ERROR' && code !== 'Z_NEED_DICT') return error
  return new ProtocolError('compressed data is not valid DEFLATE', {
    code: 'ERR_WS_INVALID_DEFLATE',
    closeCode: 1007,
    section: 'RFC 7692 §7.2.2',
    cause: error,
  })
}
