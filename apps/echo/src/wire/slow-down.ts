// Sends bytes at a rate, within a frame too.

import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** Pieces per second, at most. */
const PIECES = 20

/** Called when a chunk has been written. */
type Done = (error?: Error | null) => void

/** The part of a stream that writes, as Node's streams call it. */
interface Writing {
  _write(chunk: string | Uint8Array, encoding: BufferEncoding, done: Done): void
  _writev?: unknown
}

/**
 * Slows a TCP connection down from now on. The stream itself waits, so that its backpressure and
 * the order of data and FIN stay as they are.
 */
export function slowDown(transport: Socket, bytesPerSecond: number): void {
  const writing = transport as unknown as Writing
  const writeAtOnce = writing._write
  const size = Math.max(1, Math.floor(bytesPerSecond / PIECES))
  /** Bytes of the present chunk that were written, which the stream still counts as unsent. */
  let passed = 0
  const writePiece = (piece: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      writeAtOnce.call(writing, piece, 'buffer' as BufferEncoding, error =>
        error ? reject(error) : resolve(),
      )
    })
  const writeSlowly = async (chunk: Uint8Array): Promise<void> => {
    for (let at = 0; at < chunk.length && !transport.destroyed; at += size) {
      const piece = chunk.subarray(at, at + size)
      await writePiece(piece)
      passed += piece.length
      await wait((piece.length / bytesPerSecond) * 1000)
    }
  }
  // Several chunks at once are written one by one.
  writing._writev = undefined
  writing._write = (chunk, encoding, done) => {
    const finish = (error?: Error): void => {
      passed = 0
      done(error)
    }
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk
    writeSlowly(bytes).then(() => finish(), finish)
  }
  const prototype: object = Object.getPrototypeOf(transport)
  Object.defineProperty(transport, 'writableLength', {
    get: () => Reflect.get(prototype, 'writableLength', transport) - passed,
  })
}
