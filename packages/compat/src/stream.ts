// The function `createWebSocketStream`: a WebSocket as a stream of Node.

import { Duplex, type DuplexOptions } from 'node:stream'
import type { RawData, WebSocket } from './web-socket.ts'

/**
 * A stream of the messages of a WebSocket, whose chunks are sent as messages. It closes the
 * WebSocket at its end, and ends it at once when it is destroyed. A text is a string with the option
 * `readableObjectMode`.
 */
export function createWebSocketStream(socket: WebSocket, options: DuplexOptions = {}): Duplex {
  const readsObjects = (options.readableObjectMode ?? options.objectMode) === true
  const stream = new Duplex({
    ...options,
    objectMode: false,
    readableObjectMode: readsObjects,
    writableObjectMode: false,
    read() {
      if (socket.isPaused) socket.resume()
    },
    write(chunk: Buffer | string, _encoding, callback) {
      whenOpen(socket, () => socket.send(chunk, callback))
    },
    final(callback) {
      whenOpen(socket, () => {
        socket.close()
        callback()
      })
    },
    destroy(error, callback) {
      if (socket.readyState === socket.CLOSED) {
        callback(error)
        return
      }
      socket.once('close', () => callback(error))
      // An error of the socket has ended it already.
      if (!hasFailed) socket.terminate()
    },
  })
  let hasFailed = false
  socket.on('message', (data: RawData, isBinary) => {
    const chunk = !isBinary && readsObjects ? data.toString() : data
    if (!stream.push(chunk)) socket.pause()
  })
  socket.once('error', error => {
    hasFailed = true
    stream.destroy(error)
  })
  socket.once('close', () => {
    if (stream.destroyed) return
    stream.push(null)
    // What is written now could not be sent.
    stream.end()
  })
  return stream
}

function whenOpen(socket: WebSocket, act: () => void): void {
  if (socket.readyState === socket.CONNECTING) socket.once('open', act)
  else act()
}
