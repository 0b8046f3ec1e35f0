// A message of the peer's (RFC 7692 §7.2.2): bytes to more bytes, never many more than there is room for. Small ones at once, large
// ones in the thread pool. Knows nothing of frames.

import { type MessageTransform, ProtocolError, type TransformOutput } from '@ws/protocol'
import type { Jobs } from './jobs.ts'
import { inflateOnce } from './once.ts'
import type { Use } from './pool.ts'
import { STEP_SIZE, withScratch } from './scratch.ts'
import { MOST_INPUT_AT_ONCE, MOST_OUTPUT_AT_ONCE, TAIL } from './size.ts'

/** One message, on an engine that has seen those before it where it may refer to them. */
export class Inflating implements MessageTransform {
  readonly #use: Use
  readonly #jobs: Jobs
  /** How much of the message has been put out. */
  #produced = 0

  constructor(use: Use, jobs: Jobs) {
    this.#use = use
    this.#jobs = jobs
  }

  write(piece: Uint8Array, last: boolean, output: TransformOutput): void | Promise<void> {
    try {
      const rest = this.#writeNow(piece, last, output)
      if (rest !== undefined) return this.#writeLater(rest, last, output)
    } catch (error) {
      throw toFault(error)
    }
    if (last) this.#use.end()
  }

  /** Does what can be done at once, with the tail of a last piece. Returns what is left of the piece, undefined if it is done. */
  #writeNow(piece: Uint8Array, last: boolean, output: TransformOutput): Uint8Array | undefined {
    if (piece.length > MOST_INPUT_AT_ONCE || this.#produced >= MOST_OUTPUT_AT_ONCE) return piece
    if (!this.#use.isDirect) return this.#isWhole(last) ? this.#inflateWhole(piece, output) : piece
    const rest = this.#inflateNow(piece, output)
    if (rest === undefined && last) this.#inflateNow(TAIL, output)
    return rest
  }

  async #writeLater(rest: Uint8Array, last: boolean, output: TransformOutput): Promise<void> {
    await this.#use.during(() =>
      this.#jobs.run(async () => {
        try {
          await this.#inflateLater(rest, output)
          if (last) await this.#inflateLater(TAIL, output)
        } catch (error) {
          throw toFault(error)
        }
      }),
    )
    if (last) this.#use.end()
  }

  // ── at once ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  #inflateNow(input: Uint8Array, output: TransformOutput): Uint8Array | undefined {
    return withScratch(scratch => this.#inflateTo(scratch, input, output))
  }

  #inflateTo(scratch: Uint8Array, input: Uint8Array, output: TransformOutput): Uint8Array | undefined {
    const { engine } = this.#use
    let at = 0
    for (;;) {
      const room = Math.min(STEP_SIZE, roomFor(output))
      const { consumed, produced } = engine.step(input, at, scratch, room)
      at += consumed
      if (produced > 0) this.#push(scratch.subarray(0, produced), output)
      if (produced === room) {
        if (this.#produced >= MOST_OUTPUT_AT_ONCE) return input.subarray(at)
      } else {
        if (at === input.length) return undefined
        // A block with BFINAL set: what follows it refers to nothing before. Nothing follows a message that ended with such a block.
        engine.reset()
        if (input === TAIL) return undefined
      }
    }
  }

  #push(bytes: Uint8Array, output: TransformOutput): void {
    const { room } = output
    this.#produced += bytes.length
    output.push(bytes)
    // Too much, and nobody minds: it goes nowhere.
    if (bytes.length > room) throw new Error('the connection is over')
  }

  // ── later ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

  async #inflateLater(input: Uint8Array, output: TransformOutput): Promise<void> {
    for (let rest = input; ; ) {
      if (this.#use.closed) return
      const { engine } = this.#use
      const consumed = await engine.later(rest, bytes => this.#push(bytes, output))
      if (consumed === rest.length) return
      engine.reset()
      if (input === TAIL) return
      rest = rest.subarray(consumed)
    }
  }

  // ── without what is not documented ────────────────────────────────────────────────────────────────────────────────────

  /** The message refers to no other and is all here. */
  #isWhole(last: boolean): boolean {
    return last && !this.#use.lasts && !this.#use.holds
  }

  #inflateWhole(piece: Uint8Array, output: TransformOutput): Uint8Array | undefined {
    const input = new Uint8Array(piece.length + TAIL.length)
    input.set(piece)
    input.set(TAIL, piece.length)
    for (let at = 0; at < piece.length; ) {
      if (this.#produced >= MOST_OUTPUT_AT_ONCE) return piece.subarray(at)
      const most = Math.min(MOST_OUTPUT_AT_ONCE - this.#produced, roomFor(output))
      const inflated = inflateOnce(input.subarray(at), this.#use.options.windowBits, most)
      // The engine begins anew with what has not been put out.
      if (inflated === undefined) return piece.subarray(at)
      at += inflated.consumed
      this.#push(inflated.bytes, output)
    }
    return undefined
  }
}

/** One byte more than there is room for: if that comes, it is too much. */
function roomFor({ room }: TransformOutput): number {
  return Math.floor(room) + 1
}

function toFault(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'Z_DATA_ERROR' && code !== 'Z_NEED_DICT') return error
  return new ProtocolError(1007, 'compressed data that is not DEFLATE (RFC 7692 §7.2.2)')
}
