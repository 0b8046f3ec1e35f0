// Sockets in both roles, over streams in memory and over TCP.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { type Duplex, duplexPair } from 'node:stream'
import type { CloseInfo } from '@ws/protocol'
import { describe, expect, test } from 'vitest'
import { type OpenSocketOptions, openSocket, type Socket } from '../src/index.ts'

type Pair = readonly [client: Duplex, server: Duplex]

async function tcpPair(): Promise<Pair> {
  const listener = createServer({ allowHalfOpen: true })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const client = connect({
    port: (listener.address() as AddressInfo).port,
    host: '127.0.0.1',
    allowHalfOpen: true,
  })
  const [[server]] = (await Promise.all([once(listener, 'connection'), once(client, 'connect')])) as [
    [Duplex],
    unknown,
  ]
  listener.close()
  return [client, server]
}

const TRANSPORTS: [string, () => Pair | Promise<Pair>][] = [
  ['in memory', () => duplexPair() as [Duplex, Duplex]],
  ['over TCP', tcpPair],
]

class Collector {
  readonly messages: (string | Uint8Array)[] = []
  #waiting: { count: number; resolve: () => void } | undefined

  readonly message = (_socket: Socket, data: string | Uint8Array): void => {
    this.messages.push(data)
    if (this.#waiting !== undefined && this.messages.length >= this.#waiting.count) this.#waiting.resolve()
  }

  /** Waits until this many messages have been received. */
  async take(count: number): Promise<(string | Uint8Array)[]> {
    if (this.messages.length < count)
      await new Promise<void>(resolve => {
        this.#waiting = { count, resolve }
      })
    return this.messages
  }
}

describe.each(TRANSPORTS)('a client and a server connected %s', (_name, createPair) => {
  async function open(
    client: OpenSocketOptions = {},
    server: OpenSocketOptions = {},
  ): Promise<{ client: Socket<undefined>; server: Socket<undefined> }> {
    const [clientSide, serverSide] = await createPair()
    return {
      server: openSocket('server', serverSide, server),
      client: openSocket('client', clientSide, client),
    }
  }

  test('exchange text and bytes in both directions', async () => {
    const [atClient, atServer] = [new Collector(), new Collector()]
    const { client, server } = await open({ message: atClient.message }, { message: atServer.message })
    client.send('from the client ü')
    client.send(Uint8Array.of(1, 2, 3))
    server.send('from the server')
    server.send(new Uint8Array(200_000).fill(7))
    expect(await atServer.take(2)).toEqual(['from the client ü', Uint8Array.of(1, 2, 3)])
    expect(await atClient.take(2)).toEqual(['from the server', new Uint8Array(200_000).fill(7)])
    client.terminate()
    server.terminate()
  })

  test.each(['client', 'server'] as const)(
    'close cleanly when the %s begins the closing handshake',
    async role => {
      const reports: Record<string, CloseInfo> = {}
      const report = (side: string): OpenSocketOptions => ({
        close: (_socket, given) => {
          reports[side] = given
        },
      })
      const sockets = await open(report('client'), report('server'))
      const other = role === 'client' ? 'server' : 'client'
      sockets[role].close(4001, 'bye')
      await Promise.all([sockets.client.closed, sockets.server.closed])
      expect(reports[role]).toMatchObject({ code: 4001, wasClean: true, by: 'local' })
      expect(reports[other]).toMatchObject({ code: 4001, reason: 'bye', wasClean: true, by: 'peer' })
      expect([sockets.client.state, sockets.server.state]).toEqual(['closed', 'closed'])
      expect(sockets.client.send('late')).toBe(false)
    },
  )

  test('deliver every message when a slow handler of the client holds the server back', async () => {
    const received: string[] = []
    const closed = Promise.withResolvers<unknown>()
    const { server } = await open({
      message: async (_socket, data) => {
        await new Promise(setImmediate)
        received.push(String(data).slice(0, 3))
      },
      close: closed.resolve,
    })
    // More than the kernel buffers.
    const sent = Array.from({ length: 100 }, (_, i) => String(100 + i))
    let waits = 0
    for (const name of sent) {
      if (server.send(name.padEnd(500_000, '.'))) continue
      waits++
      await server.ready
    }
    server.close(1000)
    await closed.promise
    expect(received).toEqual(sent)
    expect(waits).toBeGreaterThan(0)
  })

  test('transfer a message of 4 MiB from a session of the client to a stream handler of the server', async () => {
    let length = 0
    const { client, server } = await open(
      {
        session: async socket => {
          for await (const message of socket) {
            if (message !== 'go') continue
            const piece = new Uint8Array(64 * 1024)
            await socket.sendStream(
              (function* () {
                for (let i = 0; i < 64; i++) yield piece
              })(),
            )
            return
          }
        },
      },
      {
        stream: async (_socket, message) => {
          for await (const piece of message) length += piece.length
        },
      },
    )
    server.send('go')
    expect(await client.closed).toMatchObject({ code: 1000, wasClean: true, by: 'local' })
    expect(await server.closed).toMatchObject({ code: 1000, wasClean: true, by: 'peer' })
    expect(length).toBe(4 * 2 ** 20)
  })

  test('close with 1011 when a handler of the client throws, and report the error once', async () => {
    const errors: unknown[] = []
    const bug = new Error('a bug')
    const { client, server } = await open({
      message: () => {
        throw bug
      },
      error: error => void errors.push(error),
    })
    server.send('hello')
    expect(await server.closed).toMatchObject({ code: 1011, by: 'peer' })
    expect(await client.closed).toMatchObject({ code: 1011, by: 'local', cause: { cause: bug } })
    expect(errors).toEqual([bug])
  })

  test('measure their latency with pings, and terminate a peer that never answers', async () => {
    const [clientSide, silent] = await createPair()
    silent.resume()
    const client = openSocket('client', clientSide, { pingInterval: 20, pongTimeout: 20 })
    const report = await client.closed
    expect(report).toMatchObject({ code: 1006, wasClean: false, by: 'local' })
    expect(String(report.cause)).toContain('no sign of life within 20 ms of a ping')
    silent.destroy()

    const alive = await open({ pingInterval: 20, pongTimeout: 2000 })
    while (alive.client.latency === undefined) await new Promise(setImmediate)
    expect(alive.client.latency).toBeGreaterThan(0)
    alive.client.terminate()
    alive.server.terminate()
  })

  test('report 1006 when the transport ends without a Close frame', async () => {
    const [clientSide, serverSide] = await createPair()
    const client = openSocket('client', clientSide)
    serverSide.destroy()
    expect(await client.closed).toMatchObject({ code: 1006, wasClean: false, by: 'network' })
  })
})

test('a client masks its frames and rejects masked ones, and a server does not mask (RFC 6455 §5.1)', async () => {
  const [ours, peer] = duplexPair() as [Duplex, Duplex]
  const client = openSocket('client', ours)
  client.send('hello')
  const [sent] = (await once(peer, 'data')) as [Uint8Array]
  expect([...sent.subarray(0, 2)]).toEqual([0x81, 0x80 | 5])
  expect(sent).toHaveLength(2 + 4 + 5)
  peer.write(Uint8Array.of(0x81, 0x80, 1, 2, 3, 4))
  expect(await client.closed).toMatchObject({ code: 1002, wasClean: false, by: 'local' })

  const [servers, clients] = duplexPair() as [Duplex, Duplex]
  openSocket('server', servers).send('hello')
  const [reply] = (await once(clients, 'data')) as [Uint8Array]
  expect([...reply]).toEqual([0x81, 5, ...Buffer.from('hello')])
  clients.destroy()
})

test('openSocket delivers a message received with the opening handshake after `open`', async () => {
  const [ours] = duplexPair() as [Duplex, Duplex]
  const events: unknown[] = []
  openSocket('client', ours, {
    head: Uint8Array.of(0x81, 2, 0x68, 0x69),
    data: 7,
    handshake: { path: '/chat', protocol: 'chat', remoteAddress: '192.0.2.1' },
    open: socket => void events.push(socket.data, socket.path, socket.protocol, socket.remoteAddress),
    message: (socket, data) => {
      events.push(data)
      socket.terminate()
    },
  })
  expect(events).toEqual([7, '/chat', 'chat', '192.0.2.1', 'hi'])
})

test.each([
  [{ maxMesageSize: 1 }, 'unknown option "maxMesageSize" (did you mean "maxMessageSize"?)'],
  [{ highWaterMark: 0 }, 'highWaterMark must be a whole number above 0, or Infinity, not 0'],
  [{ message: 'hello' }, 'message must be a function'],
  [{ message() {}, stream() {} }, 'stream takes the place of message'],
  [{ byteRate: { perSecond: 1 } }, 'byteRate.burst must be a number'],
])('openSocket throws for the options %j and leaves the transport unchanged', (options, error) => {
  const [transport] = duplexPair() as [Duplex, Duplex]
  expect(() => openSocket('client', transport, options as OpenSocketOptions)).toThrow(error)
  expect(transport.listenerCount('error')).toBe(0)
})

test('openSocket throws for a transport that already has a socket', () => {
  const [transport] = duplexPair() as [Duplex, Duplex]
  const socket = openSocket('client', transport)
  expect(() => openSocket('client', transport)).toThrow('the transport is already in use by a WebSocket')
  socket.terminate()
})
