// Our client against a server that others wrote: `ws`, which would compress if it was asked to. Sizes, fragments, pings and closes
// from both sides. (Our server against the client of `ws` is in packages/server.)

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { Client } from './client.ts'
import { LARGEST } from './ends.ts'
import { bytesOf, textOf } from './payloads.ts'

/** A client that writes down what it gets, and the socket of `ws` at the other end. */
interface Meeting {
  readonly client: Client
  readonly there: WebSocket
  next(): Promise<string | Uint8Array>
}

describe('the server of ws', () => {
  let server: WebSocketServer
  beforeAll(async () => {
    server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: true, maxPayload: LARGEST })
    await once(server, 'listening')
  })
  afterAll(async () => {
    for (const socket of server.clients) socket.terminate()
    server.close()
    await once(server, 'close')
  })

  async function meet(): Promise<Meeting> {
    const messages: (string | Uint8Array)[] = []
    let look: () => void = () => undefined
    const connected = once(server, 'connection') as Promise<[WebSocket]>
    const { port } = server.address() as AddressInfo
    const client = await Client.open(port, LARGEST, (_, data) => {
      messages.push(data)
      look()
    })
    const [there] = await connected
    there.on('message', (data: Buffer, isBinary) => there.send(data, { binary: isBinary }))
    return {
      client,
      there,
      async next() {
        if (messages.length === 0) await new Promise<void>(resolve => (look = resolve))
        return messages.shift()!
      },
    }
  }

  test('messages of all sizes come back, text and binary', async () => {
    const { client, next } = await meet()
    for (const size of [0, 1, 125, 126, 127, 65_535, 65_536, 2 ** 20, LARGEST]) {
      const [asText, asBytes] = [textOf(size).toString(), bytesOf(size)]
      client.send(asText)
      expect((await next()) === asText, `text of ${size} bytes`).toBe(true)
      client.send(asBytes)
      expect(asBytes.equals((await next()) as Uint8Array), `${size} bytes`).toBe(true)
    }
    client.close(1000)
    expect(await client.closed).toEqual({ code: 1000, reason: '', wasClean: true, by: 'local' })
  })

  test('fragments of its own, with pings between', async () => {
    const { client, there, next } = await meet()
    const payload = textOf(1000)
    for (let at = 0; at < 1000; at += 100) {
      const ponged = once(there, 'pong')
      there.ping(`${at}`)
      there.send(payload.subarray(at, at + 100), { binary: false, fin: at === 900 })
      expect(String((await ponged)[0])).toBe(`${at}`)
    }
    expect(await next()).toBe(payload.toString())
    client.ping(Buffer.from('?'))
    expect(String((await once(there, 'ping'))[0])).toBe('?')
    there.close(4321, 'enough')
    expect(await client.closed).toEqual({ code: 4321, reason: 'enough', wasClean: true, by: 'peer' })
  })

  test.each([1000, 1001, 1003, 1008, 1011, 3000, 4999])('a close with %i from either side', async code => {
    const [ours, theirs] = [await meet(), await meet()]
    const closed = once(ours.there, 'close')
    ours.client.close(code, 'x'.repeat(123))
    const [heard, reason] = (await closed) as [number, Buffer]
    expect([heard, reason.toString()]).toEqual([code, 'x'.repeat(123)])
    expect(await ours.client.closed).toMatchObject({ code, wasClean: true, by: 'local' })

    theirs.there.close(code, '€'.repeat(41))
    expect(await theirs.client.closed).toEqual({ code, reason: '€'.repeat(41), wasClean: true, by: 'peer' })
  })

  test('one that is gone without a Close is reported as 1006', async () => {
    const { client, there } = await meet()
    there.terminate()
    expect(await client.closed).toMatchObject({ code: 1006, wasClean: false, by: 'network' })
  })
})
