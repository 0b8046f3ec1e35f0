// The `upgrade` handler (docs/hostile-inputs.md, rows T4, T5, T9, H10 and H21–H24).

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { concat, type Lines, RawPeer, upgradeRequest } from '@ws/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { observe } from '../src/diagnostics.ts'
import {
  type Handlers,
  type ServerOptions,
  type Socket,
  type UpgradeRequest,
  WebSocketServer,
} from '../src/index.ts'
import { binary, close, FramePeer, text } from './frame-peer.ts'
import { gate, RecordingServer } from './recording-server.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

async function rejectionFrom(
  port: number,
  lines?: Lines,
  path?: string,
): Promise<{ head: string; body: string }> {
  await using peer = await RawPeer.connect(port)
  await peer.write(upgradeRequest(path, lines))
  return await readRejection(peer)
}

async function readRejection(peer: RawPeer): Promise<{ head: string; body: string }> {
  const [head = '', ...body] = Buffer.from(await peer.ended())
    .toString()
    .split('\r\n\r\n')
  peer.end()
  return { head, body: body.join('\r\n\r\n') }
}

/** A server whose `upgrade` waits. `requested` resolves when it has been called `count` times. */
async function startWaiting(options: ServerOptions = {}) {
  const requests: UpgradeRequest[] = []
  const aborted: unknown[] = []
  const { opened, open } = gate()
  let check = (): void => {}
  const recorder = await RecordingServer.start({
    ...options,
    async upgrade(request) {
      requests.push(request)
      request.signal.addEventListener('abort', () => aborted.push(request.signal.reason))
      check()
      await opened
      return { data: requests.length }
    },
  })
  const requested = (count = 1): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    check = () => {
      if (requests.length >= count) resolve()
    }
    check()
    return promise
  }
  return {
    recorder,
    port: recorder.port,
    requests,
    aborted,
    requested,
    open,
    [Symbol.asyncDispose]: () => recorder[Symbol.asyncDispose](),
  }
}

const timings: [string, <T>(value: T) => T | Promise<T>][] = [
  ['at once', value => value],
  ['in a promise', value => Promise.resolve(value)],
  ['later', value => new Promise(resolve => setImmediate(resolve, value))],
]

describe.each(timings)('an upgrade handler that answers %s', (_, answer) => {
  test('sets the data of the socket for all handlers', async () => {
    const seen: [string, unknown][] = []
    const closed = Promise.withResolvers<void>()
    await using server = new WebSocketServer({
      upgrade: ({ search }) => answer({ data: { search } }),
      open(socket) {
        seen.push(['open', socket.data.search])
      },
      message(socket) {
        seen.push(['message', socket.data.search])
      },
      close(socket) {
        seen.push(['close', socket.data.search])
        closed.resolve()
      },
    })
    const { port } = await server.listen(0)
    await using peer = await FramePeer.open(port, { path: '/?a', first: concat(text('1'), close(1000)) })
    await closed.promise
    expect(seen).toEqual([
      ['open', '?a'],
      ['message', '?a'],
      ['close', '?a'],
    ])
    expect(await peer.ended()).toEqual(['close 1000'])
    peer.raw.end()
  })

  test('sets the subprotocol and headers of the 101, with one line per cookie', async () => {
    const headers = new Headers({ 'X-Id': '7' })
    headers.append('Set-Cookie', 'a=1; Path=/')
    headers.append('Set-Cookie', 'b=2')
    await using recorder = await RecordingServer.start({
      protocols: ['one', 'two'],
      upgrade: () => answer({ protocol: 'two', headers }),
    })
    const lines = { 'Sec-WebSocket-Protocol': 'one, two' }
    await using peer = await FramePeer.open(recorder.port, { lines })
    expect(peer.head).toContain('\r\nSec-WebSocket-Protocol: two\r\n')
    expect(peer.head).toContain('\r\nset-cookie: a=1; Path=/\r\nset-cookie: b=2\r\n')
    expect(peer.head).toContain('\r\nx-id: 7\r\n')
    const [socket] = recorder.server.sockets
    expect(socket!.protocol).toBe('two')
  })

  test('leaves the choice to `protocols` if it returns no protocol', async () => {
    await using recorder = await RecordingServer.start({
      protocols: ['one', 'two'],
      upgrade: () => answer({}),
    })
    const lines = { 'Sec-WebSocket-Protocol': 'two, one' }
    await using peer = await FramePeer.open(recorder.port, { lines })
    expect(peer.head).toContain('\r\nSec-WebSocket-Protocol: one\r\n')
    await using other = await FramePeer.open(recorder.port)
    expect(other.head).not.toContain('Sec-WebSocket-Protocol')
  })

  test('rejects with the status, headers and body of a Response', async () => {
    const headers: [string, string][] = [
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
      ['X-Why', 'because'],
      ['Connection', 'keep-alive'],
    ]
    await using recorder = await RecordingServer.start({
      upgrade: () => answer(new Response('Wer bist du? ñ', { status: 401, headers })),
    })
    const { head, body } = await rejectionFrom(recorder.port)
    expect(head).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/)
    expect(head.split('\r\n').slice(1).sort()).toEqual([
      'Connection: close',
      'Content-Length: 15',
      'content-type: text/plain;charset=UTF-8',
      'set-cookie: a=1',
      'set-cookie: b=2',
      'x-why: because',
    ])
    expect(body).toBe('Wer bist du? ñ')
    expect(recorder.names).toEqual([])
    expect(recorder.server.stats()).toMatchObject({ refused: 1, opened: 0, errors: 0 })
  })

  test.each<[string, () => unknown]>([
    ['undefined', () => undefined],
    ['true', () => true],
    ['null', () => null],
    ['a list', () => []],
    ['a Map', () => new Map()],
    ['an unknown key', () => ({ data: 1, user: 'ann' })],
    ['a misspelled key', () => ({ date: 1 })],
    ['extensions that are not a list', () => ({ extensions: 'none' })],
  ])('causes a 500 and a TypeError that names the expected values if it returns %s', async (_name, make) => {
    const upgrade = (() => answer(make())) as NonNullable<Handlers['upgrade']>
    await using recorder = await RecordingServer.start({ upgrade })
    const { head } = await rejectionFrom(recorder.port)
    expect(head).toMatch(/^HTTP\/1\.1 500 Internal Server Error\r\n/)
    expect(recorder.errors).toEqual([expect.any(TypeError)])
    expect(String(recorder.errors[0])).toMatch(
      /upgrade must return an object such as \{ data \} to accept|extensions must be a list|unknown key "date" \(did you mean "data"\?\)|unknown key "user" \(expected one of data, protocol, headers, extensions\)/,
    )
    expect(recorder.names).toEqual(['error'])
  })

  test('accepts with an empty object, and data is undefined', async () => {
    await using recorder = await RecordingServer.start({ upgrade: () => answer({}) })
    await using _peer = await FramePeer.open(recorder.port)
    const [socket] = recorder.server.sockets
    expect(socket!.data).toBeUndefined()
  })

  test('H10: causes a 500 and no 101 if its subprotocol is invalid or was not offered', async () => {
    for (const protocol of ['other', 'chat\r\nX-Evil: 1', '']) {
      await using recorder = await RecordingServer.start({
        upgrade: () => answer({ protocol }),
      })
      const { head } = await rejectionFrom(recorder.port, { 'Sec-WebSocket-Protocol': 'chat' })
      expect(head).toMatch(/^HTTP\/1\.1 500 /)
      expect(head).not.toMatch(/101|evil/i)
      expect(recorder.errors).toEqual([expect.any(TypeError)])
      expect(String(recorder.errors[0])).toContain('the client did not offer the subprotocol')
      expect(recorder.names).toEqual(['error'])
    }
  })

  test('H24: causes a 500 if a header is invalid or reserved for the handshake', async () => {
    const bad: Record<string, string>[] = [
      { 'X-A': 'a\r\nX-Evil: 1' },
      { 'X-A': 'a\0b' },
      { 'X-Evil: 1\r\nX': 'a' },
      { 'X-A': 'ñ' },
      { 'Sec-WebSocket-Accept': 'evil' },
      { 'Content-Length': '4' },
    ]
    for (const headers of bad) {
      await using recorder = await RecordingServer.start({
        upgrade: () => answer({ headers }),
      })
      const { head } = await rejectionFrom(recorder.port)
      expect(head).toMatch(/^HTTP\/1\.1 500 /)
      expect(head).not.toMatch(/101|evil/i)
      expect(recorder.errors).toEqual([expect.any(TypeError)])
      expect(recorder.names).toEqual(['error'])
    }
  })
})

describe('a Response from upgrade', () => {
  test('can redirect', async () => {
    await using recorder = await RecordingServer.start({
      upgrade: () => Response.redirect('https://example.com/ws', 307),
    })
    const { head, body } = await rejectionFrom(recorder.port)
    expect(head).toMatch(/^HTTP\/1\.1 307 Temporary Redirect\r\nlocation: https:\/\/example\.com\/ws\r\n/)
    expect(body).toBe('')
  })

  test('can have an empty body', async () => {
    await using recorder = await RecordingServer.start({
      upgrade: ({ path }) => new Response(null, { status: path === '/none' ? 204 : 403 }),
    })
    const forbidden = await rejectionFrom(recorder.port)
    expect(forbidden.head).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n[\s\S]*Content-Length: 0/)
    expect(forbidden.body).toBe('')
    const none = await rejectionFrom(recorder.port, {}, '/none')
    expect(none.head).toBe('HTTP/1.1 204 No Content\r\nConnection: close')
  })

  test('can stream its body', async () => {
    const { opened, open } = gate()
    await using recorder = await RecordingServer.start({
      upgrade: () =>
        new Response(
          new ReadableStream({
            async start(controller) {
              controller.enqueue(new TextEncoder().encode('slow'))
              await opened
              controller.enqueue(new TextEncoder().encode('ly'))
              controller.close()
            },
          }),
          { status: 418 },
        ),
    })
    await using peer = await RawPeer.connect(recorder.port)
    await peer.write(upgradeRequest())
    open()
    const { head, body } = await readRejection(peer)
    expect(head).toMatch(/^HTTP\/1\.1 418 \r\n/)
    expect(body).toBe('slowly')
  })

  test('H21: is replaced by a 503 if its body never ends', async () => {
    await using recorder = await RecordingServer.start({
      handshakeTimeout: 20,
      upgrade: () => new Response(new ReadableStream()),
    })
    expect((await rejectionFrom(recorder.port)).head).toMatch(/^HTTP\/1\.1 503 /)
    expect(recorder.names).toEqual([])
  })

  test('causes a 500 if it cannot be sent', async () => {
    const used = new Response('a')
    await used.text()
    const responses = [
      () => Response.error(),
      () => used,
      () => new Response('a', { headers: { 'X-A': 'ñ' } }),
      () =>
        new Response(new ReadableStream({ start: controller => controller.error(new Error('test error')) })),
    ]
    for (const upgrade of responses) {
      await using recorder = await RecordingServer.start({ upgrade })
      expect((await rejectionFrom(recorder.port)).head).toMatch(/^HTTP\/1\.1 500 /)
      expect(recorder.names).toEqual(['error'])
    }
  })
})

describe('H21: an upgrade handler that fails', () => {
  const failure = new Error('test error')
  const failing: [string, () => Promise<never>][] = [
    [
      'throws',
      () => {
        throw failure
      },
    ],
    ['rejects', () => Promise.reject(failure)],
    [
      'rejects later',
      async () => {
        await new Promise(setImmediate)
        throw failure
      },
    ],
  ]

  test.each(failing)(
    'causes a 500, is reported once and releases its connection if it %s',
    async (_, upgrade) => {
      const sockets: unknown[] = []
      await using recorder = await RecordingServer.start({
        upgrade,
        maxSockets: 1,
        error: (_error, socket) => void sockets.push(socket),
      })
      for (let i = 1; i <= 3; i++) {
        const { head, body } = await rejectionFrom(recorder.port)
        expect(head).toMatch(/^HTTP\/1\.1 500 Internal Server Error\r\n/)
        expect(body).not.toContain('test error')
        expect(recorder.errors).toEqual(Array(i).fill(failure))
      }
      expect(recorder.names).toEqual(['error', 'error', 'error'])
      expect(sockets).toEqual([undefined, undefined, undefined])
      expect(recorder.server.stats()).toMatchObject({ errors: 3, refused: 3, opened: 0 })
    },
  )

  test('is logged to console.error without an error handler', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    await using server = new WebSocketServer({ upgrade: () => Promise.reject(failure) })
    const { port } = await server.listen(0)
    expect((await rejectionFrom(port)).head).toMatch(/^HTTP\/1\.1 500 /)
    expect(log.mock.calls).toEqual([[failure]])
  })

  test('is published without a socket', async () => {
    const published: unknown[] = []
    const end = observe('error', event => published.push(event))
    await using recorder = await RecordingServer.start({ upgrade: () => Promise.reject(failure) })
    await rejectionFrom(recorder.port)
    end()
    const { server } = recorder
    expect(published).toEqual([{ error: failure, socket: undefined, role: 'server', server }])
  })
})

describe('H21: an upgrade handler that exceeds handshakeTimeout', () => {
  test('causes a 503, aborts its signal, and has its later answer ignored', async () => {
    await using waiting = await startWaiting({ handshakeTimeout: 20, maxSockets: 1 })
    const { head, body } = await rejectionFrom(waiting.port)
    expect(head).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\nRetry-After: 5\r\n/)
    expect(body).toContain('the handshake took too long')
    expect(waiting.aborted.map(String)).toEqual([expect.stringContaining('the handshake took too long')])
    waiting.open()
    await new Promise(setImmediate)
    expect(waiting.recorder.names).toEqual([])
    await using other = await FramePeer.open(waiting.port)
    expect(other.head).toContain('101')
  })

  test('does not count against the limits if it never settles', async () => {
    const upgrade = (): Promise<never> => new Promise(() => {})
    await using recorder = await RecordingServer.start({
      upgrade,
      handshakeTimeout: 5,
      maxSockets: 1,
      maxPendingUpgrades: 1,
    })
    for (let i = 0; i < 3; i++) {
      expect((await rejectionFrom(recorder.port)).body).toContain('the handshake took too long')
    }
  })

  test('is not reported if it fails because of its signal', async () => {
    await using recorder = await RecordingServer.start({
      handshakeTimeout: 20,
      upgrade: ({ signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    })
    expect((await rejectionFrom(recorder.port)).head).toMatch(/^HTTP\/1\.1 503 /)
    expect(recorder.names).toEqual([])
  })

  test('causes a 503 even if the client has sent more than the server reads ahead', async () => {
    await using waiting = await startWaiting({ handshakeTimeout: 100 })
    await using peer = await RawPeer.connect(waiting.port)
    await peer.write(upgradeRequest())
    await waiting.requested()
    void peer.write(new Uint8Array(2 ** 20))
    expect((await readRejection(peer)).head).toMatch(/^HTTP\/1\.1 503 /)
    await peer.closed()
  })
})

describe('a client that leaves while upgrade is pending', () => {
  const leaving: [string, (peer: RawPeer) => void][] = [
    ['T5: by FIN', peer => peer.end()],
    ['T4: by RST', peer => peer.reset()],
  ]

  test.each(leaving)(
    'H21: gets no socket, aborts the signal, and releases its connection: %s',
    async (_, leave) => {
      await using waiting = await startWaiting({
        maxSockets: 1,
        maxSocketsPerAddress: 1,
        maxPendingUpgrades: 1,
      })
      const { recorder } = waiting
      await using peer = await RawPeer.connect(waiting.port)
      await peer.write(upgradeRequest())
      await waiting.requested()
      const closed = new Promise(resolve => recorder.transports[0]!.on('close', resolve))
      leave(peer)
      await closed
      expect(waiting.aborted.map(String)).toEqual(['Error: the client has left'])
      waiting.open()
      await using other = await FramePeer.open(waiting.port)
      await recorder.until('open')
      expect(other.head).toContain('101')
      expect(recorder.names).toEqual(['open'])
      expect(peer.received.length).toBe(0)
      expect(recorder.server.sockets.size).toBe(1)
    },
  )

  test('has aborted the signal when a handler reads it late', async () => {
    const { opened, open } = gate()
    const requested = gate()
    const aborted = Promise.withResolvers<boolean>()
    await using recorder = await RecordingServer.start({
      async upgrade(request) {
        requested.open()
        await opened
        aborted.resolve(request.signal.aborted)
        return {}
      },
    })
    await using peer = await RawPeer.connect(recorder.port)
    await peer.write(upgradeRequest())
    await requested.opened
    const closed = new Promise(resolve => recorder.transports[0]!.on('close', resolve))
    peer.end()
    await closed
    open()
    expect(await aborted.promise).toBe(true)
    expect(recorder.names).toEqual([])
  })

  test('does not abort the signal after its socket has opened', async () => {
    let signal: AbortSignal | undefined
    await using recorder = await RecordingServer.start({
      async upgrade(request) {
        signal = request.signal
        await new Promise(setImmediate)
        return {}
      },
    })
    await using peer = await FramePeer.open(recorder.port)
    peer.raw.end()
    await recorder.until('close')
    expect(signal!.aborted).toBe(false)
  })
})

describe('frames sent while upgrade is pending', () => {
  test('T9: are delivered in order after open, a Close included', async () => {
    await using waiting = await startWaiting()
    const { recorder } = waiting
    await using peer = await RawPeer.connect(waiting.port)
    const request = Buffer.from(upgradeRequest())
    const second = text('second')
    await peer.write(concat(request, text('first'), second.subarray(0, 3)))
    await waiting.requested()
    await peer.write(concat(second.subarray(3), text('third')))
    await peer.write(concat(close(1000, 'bye'), text('ignored')))
    waiting.open()
    await recorder.until('close')
    expect(recorder.names).toEqual(['open', 'message', 'message', 'message', 'close'])
    expect(recorder.messages).toEqual(['first', 'second', 'third'])
    expect(recorder.reports).toEqual([{ code: 1000, reason: 'bye', wasClean: true, by: 'peer' }])
    await peer.ended()
    peer.end()
  })

  test('T9: wait for an asynchronous open handler', async () => {
    const { opened, open } = gate()
    await using waiting = await startWaiting({ open: () => opened })
    const { recorder } = waiting
    await using peer = await RawPeer.connect(waiting.port)
    await peer.write(concat(Buffer.from(upgradeRequest()), text('a')))
    await waiting.requested()
    await peer.write(text('b'))
    waiting.open()
    await recorder.until('open')
    await peer.write(text('c'))
    expect(recorder.names).toEqual(['open'])
    open()
    await recorder.until('message', 3)
    expect(recorder.messages).toEqual(['a', 'b', 'c'])
  })

  test('pause reading and are not lost if they exceed the read-ahead', async () => {
    await using waiting = await startWaiting()
    const { recorder } = waiting
    await using peer = await RawPeer.connect(waiting.port)
    const count = 200
    await peer.write(upgradeRequest())
    await waiting.requested()
    const [transport] = recorder.transports
    const paused = new Promise(resolve => transport!.on('pause', resolve))
    const frames = Array.from({ length: count }, (_, i) => binary(new Uint8Array(1024).fill(i)))
    const written = peer.write(concat(...frames, close(1000)))
    await paused
    expect(transport!.bytesRead).toBeLessThan(200 * 1024)
    waiting.open()
    await recorder.until('close')
    await written
    expect(recorder.messages).toEqual(Array.from({ length: count }, (_, i) => new Uint8Array(1024).fill(i)))
    expect(recorder.reports).toMatchObject([{ code: 1000, wasClean: true }])
    await peer.ended()
    peer.end()
  })
})

describe('a server that closes while upgrade is pending', () => {
  test('H23: answers pending requests with 503', async () => {
    await using waiting = await startWaiting()
    const { recorder } = waiting
    await using peer = await RawPeer.connect(waiting.port)
    await peer.write(upgradeRequest())
    await waiting.requested()
    const closed = recorder.server.close()
    const { head, body } = await readRejection(peer)
    expect(head).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\nRetry-After: 5\r\n/)
    expect(body).toContain('the server is closing')
    expect(waiting.aborted.map(String)).toEqual([expect.stringContaining('the server is closing')])
    await closed
    waiting.open()
    await new Promise(setImmediate)
    expect(recorder.names).toEqual([])
  })

  test('answers pending requests with 503 and resolves if it listens by itself', async () => {
    const requested = gate()
    const server = new WebSocketServer({
      upgrade() {
        requested.open()
        return new Promise<never>(() => {})
      },
    })
    const { port } = await server.listen(0)
    await using peer = await RawPeer.connect(port)
    await peer.write(upgradeRequest())
    await requested.opened
    const closed = server.close()
    expect((await readRejection(peer)).head).toMatch(/^HTTP\/1\.1 503 /)
    expect(await closed).toMatchObject({ closed: 0, terminated: 0 })
  })

  test('opens no socket if upgrade itself closes it', async () => {
    await using recorder: RecordingServer = await RecordingServer.start({
      async upgrade() {
        void recorder.server.close()
        return {}
      },
    })
    expect((await rejectionFrom(recorder.port)).head).toMatch(/^HTTP\/1\.1 503 /)
    expect(recorder.names).toEqual([])
  })
})

describe('connection limits', () => {
  test('reject with 503 at maxPendingUpgrades, until a request is answered', async () => {
    await using waiting = await startWaiting({ maxPendingUpgrades: 2 })
    await using first = await RawPeer.connect(waiting.port)
    await using second = await RawPeer.connect(waiting.port)
    await first.write(upgradeRequest())
    await second.write(upgradeRequest())
    await waiting.requested(2)
    const { head, body } = await rejectionFrom(waiting.port)
    expect(head).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\nRetry-After: 5\r\n/)
    expect(body).toContain('too many handshakes are under way')
    expect(waiting.requests).toHaveLength(2)
    waiting.open()
    expect(await first.head()).toContain('101')
    expect(await second.head()).toContain('101')
    await using third = await FramePeer.open(waiting.port)
    expect(third.head).toContain('101')
  })

  test.each(['maxSockets', 'maxSocketsPerAddress'] as const)(
    'H23: include pending handshakes in %s, but not rejected requests',
    async name => {
      const { opened, open } = gate()
      const requested = gate()
      await using recorder = await RecordingServer.start({
        [name]: 2,
        async upgrade({ path }) {
          if (path === '/no') return new Response('no', { status: 403 })
          if (path === '/slow') {
            requested.open()
            await opened
          }
          return {}
        },
      } satisfies ServerOptions)
      const full = name === 'maxSockets' ? /^HTTP\/1\.1 503 / : /^HTTP\/1\.1 429 /
      for (let i = 0; i < 3; i++) {
        expect((await rejectionFrom(recorder.port, {}, '/no')).head).toMatch(/^HTTP\/1\.1 403 /)
        expect((await rejectionFrom(recorder.port, { Origin: 'null' })).head).toMatch(/^HTTP\/1\.1 403 /)
      }
      await using slow = await RawPeer.connect(recorder.port)
      await slow.write(upgradeRequest('/slow'))
      await requested.opened
      const peer = await FramePeer.open(recorder.port)
      expect((await rejectionFrom(recorder.port)).head).toMatch(full)
      await peer[Symbol.asyncDispose]()
      await recorder.until('close')
      await vi.waitFor(() => expect(recorder.transports.at(-2)!.destroyed).toBe(true))
      await using again = await FramePeer.open(recorder.port)
      expect((await rejectionFrom(recorder.port)).head).toMatch(full)
      open()
      expect(await slow.head()).toContain('101')
      expect((await rejectionFrom(recorder.port)).head).toMatch(full)
      await again.send(close(1000))
    },
  )

  test('count each client of a trusted proxy by its own address', async () => {
    const addresses: string[] = []
    await using recorder = await RecordingServer.start({
      trustProxy: ['loopback'],
      maxSocketsPerAddress: 1,
      upgrade({ remoteAddress }) {
        addresses.push(remoteAddress)
        return {}
      },
    })
    const from = (address: string): Lines => ({ 'X-Forwarded-For': address })
    await using first = await FramePeer.open(recorder.port, { lines: from('192.0.2.1') })
    await using second = await FramePeer.open(recorder.port, { lines: from('192.0.2.1, 192.0.2.2') })
    expect((await rejectionFrom(recorder.port, from('192.0.2.1'))).head).toMatch(/^HTTP\/1\.1 429 /)
    expect((await rejectionFrom(recorder.port, from('203.0.113.9, 192.0.2.2'))).head).toMatch(
      /^HTTP\/1\.1 429 /,
    )
    expect(addresses).toEqual(['192.0.2.1', '192.0.2.2'])
    expect(Array.from(recorder.server.sockets, ({ remoteAddress }) => remoteAddress)).toEqual(addresses)
    const closed = new Promise(resolve => recorder.transports[0]!.on('close', resolve))
    await first[Symbol.asyncDispose]()
    await closed
    await using third = await FramePeer.open(recorder.port, { lines: from('192.0.2.1') })
    expect([second, third].map(({ head }) => head.slice(0, 12))).toEqual(Array(2).fill('HTTP/1.1 101'))
  })

  test('ignore X-Forwarded-For without trustProxy', async () => {
    await using recorder = await RecordingServer.start({ maxSocketsPerAddress: 1 })
    await using _peer = await FramePeer.open(recorder.port, { lines: { 'X-Forwarded-For': '192.0.2.1' } })
    const { head } = await rejectionFrom(recorder.port, { 'X-Forwarded-For': '192.0.2.2' })
    expect(head).toMatch(/^HTTP\/1\.1 429 Too Many Requests\r\nRetry-After: 5\r\n/)
    const [socket]: Socket[] = [...recorder.server.sockets]
    expect(socket!.remoteAddress).toBe('127.0.0.1')
  })
})

describe('what a peer sends makes no property of the request throw', () => {
  /** Reads all properties of a request in `upgrade`, and returns the status of its answer. */
  async function readAll(lines: Lines, target = '/'): Promise<{ status: string; errors: unknown[] }> {
    const errors: unknown[] = []
    await using server = new WebSocketServer({ error: error => void errors.push(error) })
    server.route('/:name/*', {
      upgrade(request) {
        const { url, headers, path, search, origin, params, protocols, remoteAddress, signal, raw } = request
        const read = [
          url.href,
          url.host,
          [...headers],
          raw.headers,
          raw.headersDistinct,
          raw.url,
          signal.aborted,
        ]
        return { data: [read, path, search, origin, { ...params }, [...protocols], remoteAddress].length }
      },
    })
    const http = createServer({ insecureHTTPParser: true })
    server.attach(http)
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const { port } = http.address() as AddressInfo
    await using peer = await RawPeer.connect(port)
    await peer.write(upgradeRequest(target, lines))
    const status = (await peer.head()).slice('HTTP/1.1 '.length, 'HTTP/1.1 101'.length)
    await server.close({ timeout: 0 })
    http.close()
    return { status, errors }
  }

  test.each([
    '256.256.256.256',
    '1.2.3.4.5',
    'a.0x100000000',
    '[:::]',
    '[fe80::1%25eth0]',
    '[::ffff:1.2.3]',
    'ex%61mple.com',
    'a%00b',
    'a|b',
    'a^b',
    'b\xfccher.example',
    'a:99999',
    'u@a',
  ])('the Host %j gets 400', async Host => {
    expect(await readAll({ Host }, '/a/b')).toEqual({ status: '400', errors: [] })
    expect(await readAll({}, `http://${Host.replace('\xfc', '%FC')}/a/b`)).toEqual({
      status: '400',
      errors: [],
    })
  })

  test.each<[string, Lines, string?]>([
    ['an address with a number of one part', { Host: '2130706433' }],
    ['an IPv4-mapped address', { Host: '[::ffff:127.0.0.1]:80' }],
    ['a Host in Punycode', { Host: 'xn--bcher-kva.example' }],
    ['bytes above 0x7F', { 'X-A': '\xff\xa0\x80' }],
    ['a NUL, which a lenient parser passes', { 'X-A': 'a\0b' }],
    ['control characters', { 'X-A': 'a\x01\x7f\x0bb' }],
    ['an empty field', { 'X-A': '' }],
    ['the field __proto__', { ['__proto__']: 'x', constructor: 'y' }],
    ['an Origin that is not valid', { Origin: [] as string[] }],
    ['many slashes', {}, '//evil.example/%2e%2e//x'],
    ['a target with escapes', {}, '/%41/%FF?%zz&%'],
    ['backslashes and odd characters', {}, '/a\\b/|^`{}"<>?\\'],
  ])('%s is accepted', async (_, lines, target = '/a/b') => {
    const { status, errors } = await readAll(lines, target)
    expect(errors).toEqual([])
    expect(['101', '404']).toContain(status)
  })
})

test.each([
  [
    'same-host',
    'pages of "https://app.example" may not connect: it is not that of the host "app.internal:3001", as the server sees it: a proxy must leave Host unchanged, or the option origin list it (RFC 6455 §4.2.2, §10.2)',
  ],
  [
    ['https://other.example'],
    'pages of "https://app.example" may not connect: the option origin does not list it; the request was for the host "app.internal:3001" (RFC 6455 §4.2.2, §10.2)',
  ],
] as const)(
  'with the origin %j, the body of a 403 and the channel say which origin was compared with which host',
  async (origin, reason) => {
    const seen: unknown[] = []
    const stop = observe('handshake', ({ request, server, ...rest }) => seen.push(rest))
    await using recorder = await RecordingServer.start({ origin })
    const lines = { Host: 'app.internal:3001', Origin: 'https://app.example' }
    const { head, body } = await rejectionFrom(recorder.port, lines)
    expect(head).toMatch(/^HTTP\/1\.1 403 /)
    expect(head).toContain('\r\nContent-Type: text/plain; charset=utf-8\r\n')
    expect(body).toBe(reason)
    await using _accepted = await FramePeer.open(recorder.port)
    stop()
    expect(seen).toMatchObject([{ status: 403, reason }, { status: 101 }])
    expect(seen[1]).not.toHaveProperty('reason')
  },
)
