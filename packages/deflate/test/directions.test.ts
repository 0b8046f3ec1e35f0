// All combinations of window bits and takeover per direction, read with node:zlib, and with ws as
// the other end.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { constants, inflateRawSync } from 'node:zlib'
import { decodeFrames } from '@ws/frame'
import { type Extension, Protocol, type Role } from '@ws/protocol'
import { WebSocketServer } from '@ws/server'
import { concat, randomFrom } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { WebSocket as Client, WebSocketServer as WsServer } from 'ws'
import { permessageDeflate } from '../src/index.ts'
import { OwnClient } from './client.ts'
import { agree, createDeflate } from './ends.ts'

const BITS = [8, 9, 10, 11, 12, 13, 14, 15]
const BOTH = [false, true]
const TAIL = Uint8Array.of(0x00, 0x00, 0xff, 0xff)

/** Text without repetition, sent twice: only takeover with a window that reaches back helps. */
const TEXT = (() => {
  const random = randomFrom(11)
  return Array.from({ length: 20 }, () => Math.floor(random() * 2 ** 48).toString(36)).join(' ')
})()

/** Sends the texts and inflates each with node:zlib. Returns the sizes of the payloads. */
function sendAndInflate(
  role: Role,
  extension: Extension,
  { windowBits, takeover }: { readonly windowBits: number; readonly takeover: boolean },
): number[] {
  const protocol = new Protocol(role, { message: () => undefined, close: () => undefined }, { extension })
  let history = new Uint8Array(0)
  return [TEXT, TEXT, `${TEXT}, and more`].map(text => {
    protocol.send(text, { compress: true })
    const output = concat(...protocol.takeOutput())
    const [frame] = decodeFrames(role === 'server' ? 'client' : 'server', output).frames
    const bytes = Buffer.from(text)
    if (frame!.rsv === 0) expect(Buffer.from(frame!.payload).equals(bytes)).toBe(true)
    else {
      const inflated = inflateRawSync(concat(frame!.payload, TAIL), {
        windowBits,
        finishFlush: constants.Z_SYNC_FLUSH,
        ...(takeover && history.length > 0 && { dictionary: history.subarray(-(2 ** windowBits)) }),
      })
      expect(inflated.equals(bytes)).toBe(true)
      history = concat(history, bytes)
    }
    return frame!.payload.length
  })
}

describe.each(BOTH.flatMap(server => BOTH.map(client => [server, client] as const)))(
  'with serverNoContextTakeover %s and clientNoContextTakeover %s',
  (serverNoContextTakeover, clientNoContextTakeover) => {
    test.each(BITS.flatMap(server => BITS.map(client => [server, client] as const)))(
      'node:zlib reads a server with %i bits and a client with %i',
      (serverMaxWindowBits, clientMaxWindowBits) => {
        const options = {
          serverNoContextTakeover,
          clientNoContextTakeover,
          serverMaxWindowBits,
          clientMaxWindowBits,
          threshold: 0,
        }
        const { server, client } = agree(createDeflate(options), createDeflate(options))
        const ends = [
          ['server', server, serverMaxWindowBits, !serverNoContextTakeover],
          ['client', client, clientMaxWindowBits, !clientNoContextTakeover],
        ] as const
        for (const [role, extension, windowBits, takeover] of ends) {
          const [first, second] = sendAndInflate(role, extension, { windowBits, takeover })
          // A window of 256 bytes does not reach back to the start of the text before.
          if (!takeover) expect(second).toBe(first)
          else if (windowBits > 9) expect(second).toBeLessThan(first! / 2)
        }
      },
    )

    test.each([
      [9, 15],
      [15, 9],
      [12, 12],
    ])(
      'ws exchanges messages, with %i bits for the server and %i for the client',
      async (serverMaxWindowBits, clientMaxWindowBits) => {
        const options = {
          serverNoContextTakeover,
          clientNoContextTakeover,
          serverMaxWindowBits,
          clientMaxWindowBits,
          threshold: 0,
        }
        await using server = new WebSocketServer({
          extensions: [permessageDeflate(options)],
          message: (socket, data) => socket.send(data),
        })
        const { port } = await server.listen(0)
        const client = new Client(`ws://127.0.0.1:${port}/`, { perMessageDeflate: { threshold: 0 } })
        await once(client, 'open')
        for (const text of [TEXT, TEXT, `${TEXT}!`]) {
          client.send(text)
          const [data] = (await once(client, 'message')) as [Buffer]
          expect(String(data)).toBe(text)
        }
        client.terminate()

        const ws = new WsServer({ port: 0, host: '127.0.0.1', perMessageDeflate: { threshold: 0 } })
        ws.on('connection', socket => socket.on('message', (data, binary) => socket.send(data, { binary })))
        await once(ws, 'listening')
        const own = await OwnClient.connect((ws.address() as AddressInfo).port, permessageDeflate(options))
        for (const text of [TEXT, TEXT, `${TEXT}!`]) own.send(text)
        await own.received(3)
        expect(own.messages).toEqual([TEXT, TEXT, `${TEXT}!`])
        own.transport.destroy()
        ws.close()
      },
    )
  },
)
