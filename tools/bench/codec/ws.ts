// `ws` without a socket: its receiver and its sender, set up as its server does. A text comes out of the receiver as bytes that are
// valid UTF-8, not as a string; one that is sent leaves the sender as a string, and the bytes that a socket would make of it are made here.

import { loadWs } from '../servers/load-ws.ts'
import { packages, serve } from './program.ts'

/** As much of `ws` as is used here. */
interface Ws {
  Receiver: new (
    options: object,
  ) => {
    on(event: 'message', listener: (data: Buffer) => void): unknown
    on(event: 'error', listener: (error: Error) => void): unknown
    write(chunk: Buffer): boolean
  }
  Sender: new (socket: object) => { send(data: string | Uint8Array, options: object): void }
}

const { Receiver, Sender } = loadWs<Ws>(packages)
const MAX_PAYLOAD = 32 * 2 ** 20

/** A socket of Node makes the bytes of a text of up to so many on its stack, those of a longer one in memory of their own. */
const STACK = 16 * 1024
const scratch = Buffer.alloc(STACK)
/** Takes what is written and does nothing with it but that. */
const fakeSocket = {
  cork() {},
  uncork() {},
  write(data: string | Uint8Array) {
    if (typeof data !== 'string') return
    if (data.length <= STACK) scratch.write(data, 'utf8')
    else Buffer.from(data)
  },
}

await serve({
  createDecoder(told) {
    const receiver = new Receiver({ isServer: true, allowSynchronousEvents: true, maxPayload: MAX_PAYLOAD })
    receiver.on('message', told)
    receiver.on('error', error => {
      throw error
    })
    return chunk => receiver.write(chunk)
  },
  createEncoder(write) {
    const sender = new Sender(write === undefined ? fakeSocket : { ...fakeSocket, write: writeTo(write) })
    return (message, times) => {
      const options = { binary: typeof message !== 'string', mask: false, compress: false, fin: true }
      for (let i = 0; i < times; i++) sender.send(message, options)
    }
  },
})

function writeTo(write: (bytes: Uint8Array) => void): (data: string | Uint8Array) => void {
  return data => write(Buffer.from(data as Uint8Array))
}
