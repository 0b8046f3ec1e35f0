// A message of ours (RFC 7692 §7.2.1): bytes to fewer bytes, or left as they are where that fails. Small ones at once, large ones in
// the thread pool. Knows nothing of frames.

import type { MessageTransform, TransformOutput } from '@ws/protocol'
import type { Engine } from './engine.ts'
import type { Jobs } from './jobs.ts'
import { deflateOnce } from './once.ts'
import type { Use } from './pool.ts'
import { looksRandom } from './sample.ts'
import { STEP_SIZE, withScratch } from './scratch.ts'
import { MOST_INPUT_AT_ONCE, TAIL } from './size.ts'

/** What an empty message, or the empty end of one, is: the header of an empty block whose rest is the tail (RFC 7692 §7.2.3.6). */
const EMPTY_BLOCK = Uint8Array.of(0x00)
const NOTHING = new Uint8Array(0)

/** One message, on an engine that has seen those before it where it may refer to them. */
export class Deflating implements MessageTransform {
  readonly #use: Use
  readonly #jobs: Jobs

  constructor(use: Use, jobs: Jobs) {
    this.#use = use
    this.#jobs = jobs
  }

  write(piece: Uint8Array, last: boolean, output: TransformOutput): void | Promise<void> {
    if (piece.length === 0) this.#put(NOTHING, piece, last, output)
    else if (output.sendAsIs !== undefined && looksRandom(piece)) output.sendAsIs()
    else if (piece.length > MOST_INPUT_AT_ONCE) return this.#writeLater(piece, last, output)
    else if (this.#use.isDirect)
      withScratch(scratch => this.#put(deflateTo(scratch, this.#use.engine, piece), piece, last, output))
    else if (last && !this.#use.lasts && !this.#use.holds)
      this.#put(deflateOnce(piece, this.#use.options), piece, last, output)
    else return this.#writeLater(piece, last, output)
  }

  async #writeLater(piece: Uint8Array, last: boolean, output: TransformOutput): Promise<void> {
    const parts: Uint8Array[] = []
    await this.#use.during(() =>
      this.#jobs.run(async () => {
        if (!this.#use.closed) await this.#use.engine.later(piece, bytes => parts.push(bytes))
      }),
    )
    this.#put(join(parts), piece, last, output)
  }

  /** Puts out what was made of the piece, the last without its tail. */
  #put(made: Uint8Array, piece: Uint8Array, last: boolean, output: TransformOutput): void {
    if (!last) {
      output.push(made)
      return
    }
    const end = made.length - TAIL.length
    const payload = end < 0 ? EMPTY_BLOCK : made.subarray(0, end)
    if (output.sendAsIs === undefined || payload.length < piece.length) output.push(payload)
    else {
      // The peer will not have seen it.
      this.#use.forget()
      output.sendAsIs()
    }
    this.#use.end()
  }
}

/** Deflates a piece and flushes: what is returned stands in `scratch` if there is room for it. */
function deflateTo(scratch: Uint8Array, engine: Engine, piece: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = []
  for (let at = 0; ; ) {
    const { consumed, produced } = engine.step(piece, at, scratch, STEP_SIZE)
    const made = scratch.subarray(0, produced)
    if (produced < STEP_SIZE) return parts.length === 0 ? made : join([...parts, made])
    parts.push(new Uint8Array(made))
    at += consumed
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
