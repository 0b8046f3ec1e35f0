// Backpressure while an asynchronous extension is busy, in both directions.

import { Opcode } from '@ws/frame'
import type { Extension, MessageTransform, NegotiableExtension } from '@ws/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket as Client } from 'ws'
import { WebSocketServer } from '../src/index.ts'
import { turns } from './test-server.ts'

/** An extension by the name that npm `ws` offers, which passes bytes unchanged once it is open. */
class GatedExtension implements NegotiableExtension {
  readonly name = 'permessage-deflate'
  readonly offers = []
  pieces = 0
  #open = Promise.withResolvers<void>()

  accept() {
    return { params: [], create: () => this.#create() }
  }

  confirm(): string {
    return 'unexpected'
  }

  open(): void {
    this.#open.resolve()
  }

  #create(): Extension {
    const transform: MessageTransform = {
      write: async (piece, _last, output) => {
        this.pieces++
        await this.#open.promise
        output.push(piece)
      },
    }
    return {
      name: this.name,
      reservedBits: 0b100,
      receiving: () => transform,
      sending: () => ({ bits: 0, transform }),
      close() {},
    }
  }
}

let gate: GatedExtension
let server: WebSocketServer<unknown>
let client: Client

beforeEach(() => {
  gate = new GatedExtension()
})

afterEach(async () => {
  client.terminate()
  await server.close({ timeout: 0 })
})

async function connect(options: ConstructorParameters<typeof WebSocketServer>[0]): Promise<void> {
  server = new WebSocketServer({ ...options, extensions: [gate] })
  const { port } = await server.listen({ host: '127.0.0.1' })
  client = new Client(`ws://127.0.0.1:${port}/`)
  await new Promise(resolve => client.on('open', resolve))
}

test('a server stops reading ahead while an extension transforms a received message', async () => {
  let messages = 0
  const all = Promise.withResolvers<void>()
  await connect({
    message() {
      if (++messages === 400) all.resolve()
    },
  })
  // With RSV1, as in a compressed message.
  const transport = (client as unknown as { _socket: import('node:net').Socket })._socket
  const frame = Buffer.concat([
    Buffer.of(0xc0 | Opcode.binary, 0x80 | 126, 0x40, 0, 0, 0, 0, 0),
    Buffer.alloc(16_384),
  ])
  for (let i = 0; i < 400; i++) transport.write(frame)
  await turns(200)
  const { bytesReceived } = server.stats()
  expect(gate.pieces).toBe(1)
  expect(bytesReceived).toBeLessThan(512 * 1024)
  await turns(200)
  expect(server.stats().bytesReceived).toBe(bytesReceived)
  gate.open()
  await all.promise
  expect(server.stats().bytesReceived).toBe(400 * frame.length)
})

test('sendStream takes no more pieces while an extension transforms one', async () => {
  let yielded = 0
  function* source() {
    for (; yielded < 100; yielded++) yield new Uint8Array(1000)
  }
  let sent: Promise<void> | undefined
  await connect({
    open(socket) {
      sent = socket.sendStream(source())
    },
  })
  await turns(50)
  expect([gate.pieces, yielded < 4]).toEqual([1, true])
  const message = new Promise<Buffer>(resolve => client.on('message', data => resolve(data as Buffer)))
  gate.open()
  await sent
  expect(await message).toHaveLength(100_000)
})
