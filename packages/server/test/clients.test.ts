// Other implementations as clients: npm `ws` and Node's WebSocket.

import { once } from 'node:events'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { type ClientOptions, WebSocket as NpmWebSocket } from 'ws'
import type { Socket } from '../src/index.ts'
import { RecordingServer } from './recording-server.ts'

const SIZES = [0, 1, 125, 126, 127, 65_535, 65_536, 2 ** 20, 2 ** 24]

const echo = {
  maxMessageSize: 2 ** 24,
  protocols: ['second', 'first'],
  message: (socket: Socket, data: string | Uint8Array) => socket.send(data),
}

function bytesOf(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, i) => i * 7)
}

/** A text of `size` bytes, with characters of all lengths where they fit. */
function textOf(size: number): string {
  const some = 'aé€𝄞'
  const length = Buffer.byteLength(some)
  return some.repeat(Math.floor(size / length)) + 'z'.repeat(size % length)
}

async function nextOf(client: NpmWebSocket): Promise<string | Uint8Array> {
  const [data, isBinary] = (await once(client, 'message')) as [Buffer, boolean]
  return isBinary ? new Uint8Array(data) : data.toString('utf8')
}

describe.each<[string, ClientOptions]>([
  ['with permessage-deflate offered', { perMessageDeflate: true }],
  ['without permessage-deflate', { perMessageDeflate: false }],
])('npm ws %s', (_, options) => {
  async function connect(port: number, protocols: string[] = []): Promise<NpmWebSocket> {
    const client = new NpmWebSocket(`ws://127.0.0.1:${port}/`, protocols, { ...options, maxPayload: 2 ** 25 })
    await once(client, 'open')
    return client
  }

  test('receives text and binary messages of all sizes back', async () => {
    await using recorder = await RecordingServer.start(echo)
    const client = await connect(recorder.port)
    expect(client.extensions).toBe('')
    for (const size of SIZES) {
      for (const message of [textOf(size), bytesOf(size)]) {
        client.send(message)
        const answer = await nextOf(client)
        expect(isDeepStrictEqual(answer, message)).toBe(true)
      }
    }
    client.close(1000)
    await once(client, 'close')
  }, 60_000)

  test('receives its fragments back as one message, and pongs for the pings between them', async () => {
    await using recorder = await RecordingServer.start(echo)
    const client = await connect(recorder.port)
    const pongs: string[] = []
    const answered = new Promise<void>(resolve => {
      client.on('pong', data => {
        if (pongs.push(data.toString()) === 10) resolve()
      })
    })
    const text = textOf(1000)
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; at += 100) {
      client.send(bytes.subarray(at, at + 100), { binary: false, fin: at + 100 >= bytes.length })
      client.ping(`${at}`)
    }
    expect(await nextOf(client)).toBe(text)
    await answered
    expect(pongs).toEqual(['0', '100', '200', '300', '400', '500', '600', '700', '800', '900'])
    client.close()
    await once(client, 'close')
    expect(recorder.reports).toEqual([{ code: 1005, reason: '', wasClean: true, by: 'peer' }])
  })

  test('negotiates a subprotocol, receives pings and sends a close code and reason', async () => {
    await using recorder = await RecordingServer.start(echo)
    const client = await connect(recorder.port, ['first', 'second'])
    expect(client.protocol).toBe('second')
    const [socket] = recorder.server.sockets
    const pinged = once(client, 'ping')
    socket!.ping(Uint8Array.of(1, 2, 3))
    expect(await pinged).toEqual([Buffer.of(1, 2, 3)])
    client.close(4321, 'my reason')
    expect(await once(client, 'close')).toEqual([4321, Buffer.from('my reason')])
    expect(recorder.reports).toEqual([{ code: 4321, reason: 'my reason', wasClean: true, by: 'peer' }])
  })

  test('receives the code and reason of the server', async () => {
    await using recorder = await RecordingServer.start(echo)
    const client = await connect(recorder.port)
    const [socket] = recorder.server.sockets
    socket!.close(4001, 'Grüße')
    expect(await once(client, 'close')).toEqual([4001, Buffer.from('Grüße')])
    await recorder.until('close')
    expect(recorder.reports).toEqual([{ code: 4001, reason: 'Grüße', wasClean: true, by: 'local' }])
  })

  test('receives 1009 for a message that is too large', async () => {
    await using recorder = await RecordingServer.start({ maxMessageSize: 1000 })
    const client = await connect(recorder.port)
    client.send(bytesOf(2 ** 22))
    const [code] = (await once(client, 'close')) as [number, Buffer]
    expect(code).toBe(1009)
  })

  test('emits an error for a rejection', async () => {
    await using recorder = await RecordingServer.start()
    const client = new NpmWebSocket(`ws://127.0.0.1:${recorder.port}/`, {
      ...options,
      origin: 'https://evil.example',
    })
    const [error] = (await once(client, 'error')) as [Error]
    expect(error.message).toBe('Unexpected server response: 403')
  })
})

describe("Node's WebSocket", () => {
  async function connect(port: number, protocols: string[] = []): Promise<WebSocket> {
    const client = new WebSocket(`ws://127.0.0.1:${port}/`, protocols)
    client.binaryType = 'arraybuffer'
    await once(client, 'open')
    return client
  }

  test('receives text and binary messages of all sizes back', async () => {
    await using recorder = await RecordingServer.start(echo)
    const client = await connect(recorder.port)
    for (const size of SIZES) {
      for (const message of [textOf(size), bytesOf(size)]) {
        client.send(message)
        const [{ data }] = (await once(client, 'message')) as [{ data: string | ArrayBuffer }]
        const answer = typeof data === 'string' ? data : new Uint8Array(data)
        expect(isDeepStrictEqual(answer, message)).toBe(true)
      }
    }
    client.close(1000)
    await once(client, 'close')
  }, 60_000)

  test('sends and receives close codes and reasons', async () => {
    await using recorder = await RecordingServer.start(echo)
    const first = await connect(recorder.port, ['first'])
    expect(first.protocol).toBe('first')
    first.close(3001, 'theirs')
    const [theirs] = (await once(first, 'close')) as [object]
    expect(theirs).toMatchObject({ code: 3001, reason: 'theirs', wasClean: true })
    expect(recorder.reports).toEqual([{ code: 3001, reason: 'theirs', wasClean: true, by: 'peer' }])

    const second = await connect(recorder.port)
    const [socket] = recorder.server.sockets
    socket!.close(3002, 'ours')
    const [ours] = (await once(second, 'close')) as [object]
    expect(ours).toMatchObject({ code: 3002, reason: 'ours', wasClean: true })
  })

  test('receives 1001 when the server closes', async () => {
    await using recorder = await RecordingServer.start(echo)
    const client = await connect(recorder.port)
    const closed = once(client, 'close')
    await recorder.server.close({ reason: 'bye' })
    expect((await closed)[0]).toMatchObject({ code: 1001, reason: 'bye', wasClean: true })
  })
})
