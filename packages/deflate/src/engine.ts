// Raw DEFLATE on state that is kept from piece to piece, synchronously or in the thread pool.

import { constants, createDeflateRaw, createInflateRaw } from 'node:zlib'
import { type RawStream, type Step, SYNC_SUPPORTED, SyncZlib } from './sync-zlib.ts'

export interface EngineOptions {
  readonly direction: 'deflate' | 'inflate'
  readonly windowBits: number
  readonly level: number
  readonly memLevel: number
  /** Size of the output chunks in the thread pool, in bytes. The engine holds one of them. */
  readonly chunkSize: number
  /** False to do without `SyncZlib`; by default it is used where it is supported. */
  readonly sync?: boolean | undefined
}

/** Keeps one zlib stream, and replaces it when it has ended. Each piece of input is flushed. */
export class Engine {
  readonly #options: EngineOptions
  #stream: RawStream
  #sync: SyncZlib | undefined

  constructor(options: EngineOptions) {
    this.#options = options
    this.#stream = this.#create()
  }

  /**
   * Processes `input[start …]` and writes at most `room` bytes to the beginning of `target`. If all
   * of the room was used, there may be more output. If it was not and input is left, the data ended
   * before that input. Throws zlib's error. Only where `SyncZlib` is used.
   */
  step(input: Uint8Array, start: number, target: Uint8Array, room: number): Step {
    this.#sync!.step(input, start, target, room)
    return this.#sync!
  }

  /**
   * Processes a whole piece in the thread pool: calls `onOutput` with each chunk and resolves to
   * the bytes of input used. Rejects with zlib's error, or with the error that `onOutput` throws.
   */
  run(input: Uint8Array, onOutput: (bytes: Uint8Array) => void): Promise<number> {
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
        onOutput(bytes)
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

  /** Clears the history, and recovers from an error. */
  reset(): void {
    if (this.#stream.readableEnded || this.#stream.destroyed) {
      this.close()
      this.#stream = this.#create()
    } else this.#stream.reset()
  }

  /** Frees the memory. Call it when no work is in progress; the engine cannot be used after it. */
  close(): void {
    this.#stream.destroy()
  }

  #create(): RawStream {
    const { direction, windowBits, level, memLevel, chunkSize, sync = SYNC_SUPPORTED } = this.#options
    const flush = constants.Z_SYNC_FLUSH
    const stream =
      direction === 'deflate'
        ? createDeflateRaw({ flush, windowBits, level, memLevel, chunkSize })
        : createInflateRaw({ flush, windowBits, chunkSize })
    // Errors are read from the stream; without a listener they would end the process.
    stream.on('error', ignore)
    this.#sync = sync ? new SyncZlib(stream) : undefined
    return stream
  }
}

function ignore(): void {}
