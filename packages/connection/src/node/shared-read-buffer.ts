// How what a transport reads reaches its connection. Node makes new memory of 64 KiB for each read; a socket that was told where to
// read to (`onread` of `net.Socket`) makes none, and all sockets can be told the same place, for they read one after another. Node
// offers that to those who connect and not to those who accept, so an accepted socket gets here what it would have been made with
// (docs/decisions/0016-one-place-to-read-to.md). Where that cannot be done, all is as always.

import { Buffer } from 'node:buffer'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** As much as Node reads at a time. */
const READ_SIZE = 64 * 1024

/** Where all sockets read to: what stands there is gone with the next read of any of them. */
const place = Buffer.allocUnsafeSlow(READ_SIZE)

/** Takes what its transport has read, for this call only. */
export type Reader = (this: Duplex, bytes: Buffer) => void

/** What a socket of Node is told by `onread`, and calls after each read; false would stop it. */
type OnRead = (this: Duplex, length: number, place: Buffer) => boolean

/** How to have everything that a transport reads from then on given to `reader`. */
export function createReader(reader: Reader): (transport: Duplex) => void {
  const onread: OnRead = function (length, bytes) {
    reader.call(this, bytes.subarray(0, length))
    return true
  }
  const fields = findFields(onread)
  return transport => {
    if (fields === undefined || !canBeTold(transport)) {
      transport.on('data', reader)
      return
    }
    transport[fields.buffer] = place
    transport[fields.callback] = onread
    transport._handle.useUserBuffer(place)
  }
}

/** An accepted socket: it has the fields of one that was told, empty. */
interface Accepted extends Socket {
  [field: symbol]: unknown
  readonly _handle: { useUserBuffer(buffer: Uint8Array): void }
}

/** Where Node keeps what a socket is told, as seen on one that is; undefined if it is not in plain sight. */
function findFields(onread: OnRead): { readonly buffer: symbol; readonly callback: symbol } | undefined {
  // The system of Windows may write into it later than libuv asks, as far as we know: nobody has tried.
  if (process.platform === 'win32') return undefined
  const told = new Socket({ onread: { buffer: place, callback: onread as () => boolean } }) as Accepted
  const fields = Object.getOwnPropertySymbols(told)
  const buffer = fields.find(field => told[field] === place)
  const callback = fields.find(field => told[field] === onread)
  return buffer === undefined || callback === undefined ? undefined : { buffer, callback }
}

/** Whether nobody else reads, and nothing has been read that nobody has taken. */
function canBeTold(transport: Duplex): transport is Accepted {
  return (
    transport instanceof Socket &&
    transport.readableLength === 0 &&
    transport.listenerCount('data') === 0 &&
    transport.listenerCount('readable') === 0 &&
    typeof (transport as Partial<Accepted>)._handle?.useUserBuffer === 'function'
  )
}
