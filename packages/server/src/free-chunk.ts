// Memory of a read, given back as soon as it has been used up: the next read gets it while it is still in the cache, and the
// garbage collector, which counts bytes outside of its heap, has less to do. Knows nothing of what was read.

import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Of smaller reads there is too little to gain. */
const FREED_FROM = 16 * 1024

/**
 * Frees what `transport` told as `data` and nobody refers to any more: `chunk` is empty afterwards. Does nothing unless that is
 * the memory of one read alone, of a socket of Node to whose data nobody else listens.
 */
export function freeChunk(transport: Duplex, chunk: Uint8Array): void {
  const { buffer, byteLength } = chunk
  if (byteLength < FREED_FROM || byteLength !== buffer.byteLength) return
  if (!(transport instanceof Socket) || transport.listenerCount('data') !== 1)
    return // Measured by bench/echo.ts with messages of 64 KiB and 1 MiB.
  ;(buffer as ArrayBuffer).transfer(0)
}
