// Reads all sockets into one shared buffer. For each read of an accepted socket Node allocates 64
// KiB; a connecting socket can be given a buffer instead (`onread` of `net.Socket`), and one is
// enough for all, because they read one after another. This gives it to accepted sockets too
// (docs/decisions/0016-shared-read-buffer.md). Where that is impossible, `data` events are used.

import { Buffer } from 'node:buffer'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/**
 * Bytes that are read at a time: large messages need fewer reads than with the 64 KiB of Node
 * (`pnpm bench echo-64k`, `pnpm bench echo-large`).
 */
const READ_SIZE = 256 * 1024

/** Overwritten by the next read of any socket. */
const sharedBuffer = Buffer.allocUnsafeSlow(READ_SIZE)

/** Receives what its transport has read. The bytes are valid during the call only. */
export type Reader = (this: Duplex, bytes: Buffer) => void

/** The callback of `onread`; Node stops reading if it returns false. */
type OnRead = (this: Duplex, length: number, buffer: Buffer) => boolean

/**
 * Returns a function that starts giving everything that a transport reads to `reader`. Other `data`
 * listeners get nothing, unless the transport is to be shared with them.
 */
export function createReader(reader: Reader): (transport: Duplex, isShared?: boolean) => void {
  // The reader unmasks in place.
  const readCopy: Reader = function (bytes) {
    reader.call(this, Buffer.from(bytes))
  }
  const onread: OnRead = function (length, bytes) {
    reader.call(this, bytes.subarray(0, length))
    return true
  }
  const fields = findFields(onread)
  return (transport, isShared = false) => {
    if (isShared || fields === undefined || !canUseBuffer(transport)) {
      transport.on('data', isShared ? readCopy : reader)
      return
    }
    transport[fields.buffer] = sharedBuffer
    transport[fields.callback] = onread
    transport._handle.useUserBuffer(sharedBuffer)
  }
}

/** An accepted socket has the fields of one with `onread`, empty. */
interface AcceptedSocket extends Socket {
  [field: symbol]: unknown
  readonly _handle: { useUserBuffer(buffer: Uint8Array): void }
}

/**
 * The symbols under which Node keeps the buffer and the callback of a socket; undefined if not
 * found.
 */
function findFields(onread: OnRead): { readonly buffer: symbol; readonly callback: symbol } | undefined {
  // Not tried on Windows, where the system may write into the buffer later than libuv asks.
  if (process.platform === 'win32') return undefined
  const example = new Socket({
    onread: { buffer: sharedBuffer, callback: onread as () => boolean },
  }) as AcceptedSocket
  const fields = Object.getOwnPropertySymbols(example)
  const buffer = fields.find(field => example[field] === sharedBuffer)
  const callback = fields.find(field => example[field] === onread)
  return buffer === undefined || callback === undefined ? undefined : { buffer, callback }
}

/** Whether the socket has no other readers and no unread data. */
function canUseBuffer(transport: Duplex): transport is AcceptedSocket {
  return (
    transport instanceof Socket &&
    transport.readableLength === 0 &&
    transport.listenerCount('data') === 0 &&
    transport.listenerCount('readable') === 0 &&
    typeof (transport as Partial<AcceptedSocket>)._handle?.useUserBuffer === 'function'
  )
}
