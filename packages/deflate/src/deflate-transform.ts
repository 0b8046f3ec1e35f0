// Compresses one message that is being sent (RFC 7692 §7.2.1): small pieces on the event loop,
// large ones in the thread pool.

import { Buffer } from 'node:buffer'
import type { MessageTransform, TransformOutput } from '@ws/protocol'
import { MAX_SYNC_INPUT, TAIL } from './constants.ts'
import type { Engine } from './engine.ts'
import type { EngineLease } from './engine-lease.ts'
import { looksRandom } from './looks-random.ts'
import { deflateOnce } from './one-shot.ts'
import { STEP_SIZE, withScratch } from './scratch-buffer.ts'
import type { Semaphore } from './semaphore.ts'

/** The payload of an empty message: an empty block without the tail (RFC 7692 §7.2.3.6). */
const EMPTY_BLOCK = Uint8Array.of(0x00)
const EMPTY = new Uint8Array(0)

/** Deflates one message. A message that does not get smaller is sent uncompressed. */
export class DeflateTransform implements MessageTransform {
  readonly #lease: EngineLease
  readonly #semaphore: Semaphore

  constructor(lease: EngineLease, semaphore: Semaphore) {
    this.#lease = lease
    this.#semaphore = semaphore
  }

  write(piece: Uint8Array, last: boolean, output: TransformOutput): void | Promise<void> {
    const lease = this.#lease
    if (piece.length === 0) this.#put(EMPTY, piece, last, output)
    else if (output.sendAsIs !== undefined && looksRandom(piece)) output.sendAsIs()
    else if (piece.length > MAX_SYNC_INPUT) return this.#writeLater(piece, last, output)
    else if (lease.isSync)
      withScratch(scratch => this.#put(deflateTo(scratch, lease.engine, piece), piece, last, output))
    else if (last && lease.isOneShot) this.#put(deflateOnce(piece, lease.options), piece, last, output)
    else return this.#writeLater(piece, last, output)
  }

  async #writeLater(piece: Uint8Array, last: boolean, output: TransformOutput): Promise<void> {
    const parts: Uint8Array[] = []
    await this.#lease.during(() =>
      this.#semaphore.run(async () => {
        if (!this.#lease.isClosed) await this.#lease.engine.run(piece, bytes => parts.push(bytes))
      }),
    )
    this.#put(join(parts), piece, last, output)
  }

  /** Outputs the compressed piece. The tail is removed from the last one. */
  #put(compressed: Uint8Array, piece: Uint8Array, last: boolean, output: TransformOutput): void {
    if (!last) {
      output.push(compressed)
      return
    }
    const end = compressed.length - TAIL.length
    const payload = end < 0 ? EMPTY_BLOCK : compressed.subarray(0, end)
    if (output.sendAsIs === undefined || payload.length < piece.length) output.push(payload)
    else {
      // The message is in the engine's history, but it will not be in the peer's.
      this.#lease.invalidate()
      output.sendAsIs()
    }
    this.#lease.endMessage()
  }
}

/** Deflates a piece and flushes. The result is in `scratch` if it fits. */
function deflateTo(scratch: Uint8Array, engine: Engine, piece: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = []
  for (let at = 0; ; ) {
    const { consumed, produced } = engine.step(piece, at, scratch, STEP_SIZE)
    const bytes = scratch.subarray(0, produced)
    if (produced < STEP_SIZE) return parts.length === 0 ? bytes : join([...parts, bytes])
    parts.push(new Uint8Array(bytes))
    at += consumed
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}
