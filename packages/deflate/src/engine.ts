// Raw DEFLATE on state that is kept from piece to piece: at once where Node allows it, or in the thread pool by the streams that
// it documents. Knows nothing of messages.

import { constants, createDeflateRaw, createInflateRaw } from 'node:zlib'
import { DIRECT, DirectHandle, type RawStream, type Step } from './direct.ts'

/** What an engine does. */
export interface EngineOptions {
  readonly does: 'deflate' | 'inflate'
  readonly windowBits: number
  readonly level: number
  readonly memLevel: number
  /** How much is put out at a time in the thread pool; so much memory is held, too. */
  readonly chunkSize: number
  /** False leaves out what Node does not document. */
  readonly direct?: boolean | undefined
}

/** One zlib object at a time, another when that is spent. Each piece of input is flushed: all that it says is put out. */
export class Engine {
  readonly #options: EngineOptions
  #stream: RawStream
  #direct: DirectHandle | undefined

  constructor(options: EngineOptions) {
    this.#options = options
    this.#stream = this.#create()
  }

  /**
   * Takes `input[start …]`, puts out at most `room` bytes to the beginning of `target`, and says how far it got. There is more to
   * put out only if all of the room was used; if less was used and input is left, the data has ended before. Throws the error of zlib.
   */
  step(input: Uint8Array, start: number, target: Uint8Array, room: number): Step {
    this.#direct!.step(input, start, target, room)
    return this.#direct!
  }

  /**
   * The same for a whole piece, in the thread pool: hands what is put out to `take`, and resolves to how much it took. Rejects with
   * the error of zlib, or with what `take` throws.
   */
  later(input: Uint8Array, take: (bytes: Uint8Array) => void): Promise<number> {
    const stream = this.#stream
    const before = stream.bytesWritten
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    let flushed = false
    const settle = (): void => resolve(stream.bytesWritten - before)
    const settleWhenEmpty = (): void => {
      if (flushed && stream.readableLength === 0) settle()
    }
    const onData = (bytes: Uint8Array): void => {
      try {
        take(bytes)
      } catch (error) {
        stream.destroy()
        reject(error)
      }
      settleWhenEmpty()
    }
    stream.on('data', onData).on('end', settle).on('error', reject)
    stream.write(input, () => {
      flushed = true
      settleWhenEmpty()
    })
    return promise.finally(() => stream.off('data', onData).off('end', settle).off('error', reject))
  }

  /** Forgets what it has seen. */
  reset(): void {
    if (this.#stream.readableEnded || this.#stream.destroyed) {
      this.close()
      this.#stream = this.#create()
    } else this.#stream.reset()
  }

  /** Frees its memory. To be called when no work is in progress; there is none after it. */
  close(): void {
    this.#stream.destroy()
  }

  #create(): RawStream {
    const { does, windowBits, level, memLevel, chunkSize, direct = DIRECT } = this.#options
    const flush = constants.Z_SYNC_FLUSH
    const stream =
      does === 'deflate'
        ? createDeflateRaw({ flush, windowBits, level, memLevel, chunkSize })
        : createInflateRaw({ flush, windowBits, chunkSize })
    // It is looked for where it occurs.
    stream.on('error', ignore)
    this.#direct = direct ? new DirectHandle(stream) : undefined
    return stream
  }
}

function ignore(): void {}
