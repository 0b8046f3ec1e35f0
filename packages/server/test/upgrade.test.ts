// What `upgrade` may answer, how long it may take, and what becomes of the client meanwhile (HOSTILE.md T4, T5, T9, H10, H21–H24).

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { concat, type Lines, RawPeer, upgradeRequest } from '@ws/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
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

/** Asks for a WebSocket, and gives what is answered until the end. */
async function rejectionFrom(
  port: number,
  lines?: Lines,
  path?: string,
): Promise<{ head: string; body: string }> {
  await using peer = await RawPeer.connect(port)
  await peer.write(upgradeRequest(path, lines))
  return await readRefusal(peer)
}

async function readRefusal(peer: RawPeer): Promise<{ head: string; body: string }> {
  const [head = '', ...body] = Buffer.from(await peer.ended())
    .toString()
    .split('\r\n\r\n')
  peer.end()
  return { head, body: body.join('\r\n\r\n') }
}

/** A server whose `upgrade` waits; `asked` settles when it was called so many times. */
async function startWaiting(options: ServerOptions = {}) {
  const requests: UpgradeRequest[] = []
  const aborted: unknown[] = []
  const { opened, open } = gate()
  let look = (): void => {}
  const recorder = await RecordingServer.start({
    ...options,
    async upgrade(request) {
      requests.push(request)
      request.signal.addEventListener('abort', () => aborted.push(request.signal.reason))
      look()
      await opened
      return { data: requests.length }
    },
  })
  const asked = (count = 1): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    look = () => {
      if (requests.length >= count) resolve()
    }
    look()
    return promise
  }
  return {
    recorder,
    port: recorder.port,
    requests,
    aborted,
    asked,
    open,
    [Symbol.asyncDispose]: () => recorder[Symbol.asyncDispose](),
  }
}

const turns: [string, <T>(value: T) => T | Promise<T>][] = [
  ['at once', value => value],
  ['in a promise', value => Promise.resolve(value)],
  ['later', value => new Promise(resolve => setImmediate(resolve, value))],
]

describe.each(turns)('upgrade that answers %s', (_, answer) => {
  test('data is that of the socket in all that follows', async () => {
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

  test('the subprotocol it chose, and its headers, each cookie on a line of its own, are in the 101', async () => {
    const headers = new Headers({ 'X-Id': '7' })
    headers.append('Set-Cookie', 'a=1; Path=/')
    headers.append('Set-Cookie', 'b=2')
    await using recorder = await RecordingServer.start({
      subprotocols: ['one', 'two'],
      upgrade: () => answer({ data: undefined, protocol: 'two', headers }),
    })
    const lines = { 'Sec-WebSocket-Protocol': 'one, two' }
    await using peer = await FramePeer.open(recorder.port, { lines })
    expect(peer.head).toContain('\r\nSec-WebSocket-Protocol: two\r\n')
    expect(peer.head).toContain('\r\nset-cookie: a=1; Path=/\r\nset-cookie: b=2\r\n')
    expect(peer.head).toContain('\r\nx-id: 7\r\n')
    const [socket] = recorder.server.sockets
    expect(socket!.protocol).toBe('two')
  })

  test('without a choice, the first of `subprotocols` that was offered', async () => {
    await using recorder = await RecordingServer.start({
      subprotocols: ['one', 'two'],
      upgrade: () => answer({ data: undefined }),
    })
    const lines = { 'Sec-WebSocket-Protocol': 'two, one' }
    await using peer = await FramePeer.open(recorder.port, { lines })
    expect(peer.head).toContain('\r\nSec-WebSocket-Protocol: one\r\n')
    await using other = await FramePeer.open(recorder.port)
    expect(other.head).not.toContain('Sec-WebSocket-Protocol')
  })

  test('a Response refuses, with its status, headers and text', async () => {
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
    ['an object without data', () => ({ protocol: 'chat' })],
  ])('%s is a mistake: 500, and a TypeError that says what is expected', async (_name, make) => {
    const upgrade = (() => answer(make())) as NonNullable<Handlers['upgrade']>
    await using recorder = await RecordingServer.start({ upgrade })
    const { head } = await rejectionFrom(recorder.port)
    expect(head).toMatch(/^HTTP\/1\.1 500 Internal Server Error\r\n/)
    expect(recorder.errors).toEqual([expect.any(TypeError)])
    expect(String(recorder.errors[0])).toContain('upgrade must return { data }')
    expect(recorder.names).toEqual(['error'])
  })

  test('H10: a subprotocol that was not offered, or that is none, is a mistake: 500 before any 101', async () => {
    for (const protocol of ['other', 'chat\r\nX-Evil: 1', '']) {
      await using recorder = await RecordingServer.start({
        upgrade: () => answer({ data: undefined, protocol }),
      })
      const { head } = await rejectionFrom(recorder.port, { 'Sec-WebSocket-Protocol': 'chat' })
      expect(head).toMatch(/^HTTP\/1\.1 500 /)
      expect(head).not.toMatch(/101|evil/i)
      expect(recorder.errors).toEqual([expect.any(TypeError)])
      expect(String(recorder.errors[0])).toContain('the client did not offer the subprotocol')
      expect(recorder.names).toEqual(['error'])
    }
  })

  test('H24: a header that would split the response, or that the handshake writes itself, is a mistake', async () => {
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
        upgrade: () => answer({ data: undefined, headers }),
      })
      const { head } = await rejectionFrom(recorder.port)
      expect(head).toMatch(/^HTTP\/1\.1 500 /)
      expect(head).not.toMatch(/101|evil/i)
      expect(recorder.errors).toEqual([expect.any(TypeError)])
      expect(recorder.names).toEqual(['error'])
    }
  })
})

describe('a Response', () => {
  test('redirects', async () => {
    await using recorder = await RecordingServer.start({
      upgrade: () => Response.redirect('https://example.com/ws', 307),
    })
    const { head, body } = await rejectionFrom(recorder.port)
    expect(head).toMatch(/^HTTP\/1\.1 307 Temporary Redirect\r\nlocation: https:\/\/example\.com\/ws\r\n/)
    expect(body).toBe('')
  })

  test('may be empty', async () => {
    await using recorder = await RecordingServer.start({
      upgrade: ({ path }) => new Response(null, { status: path === '/none' ? 204 : 403 }),
    })
    const forbidden = await rejectionFrom(recorder.port)
    expect(forbidden.head).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n[\s\S]*Content-Length: 0/)
    expect(forbidden.body).toBe('')
    const none = await rejectionFrom(recorder.port, {}, '/none')
    expect(none.head).toBe('HTTP/1.1 204 No Content\r\nConnection: close')
  })

  test('is waited for while its body comes', async () => {
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
    const { head, body } = await readRefusal(peer)
    expect(head).toMatch(/^HTTP\/1\.1 418 \r\n/)
    expect(body).toBe('slowly')
  })

  test('H21: whose body never ends is answered 503', async () => {
    await using recorder = await RecordingServer.start({
      handshakeTimeout: 20,
      upgrade: () => new Response(new ReadableStream()),
    })
    expect((await rejectionFrom(recorder.port)).head).toMatch(/^HTTP\/1\.1 503 /)
    expect(recorder.names).toEqual([])
  })

  test('that cannot be written is a mistake: 500', async () => {
    const used = new Response('a')
    await used.text()
    const responses = [
      () => Response.error(),
      () => used,
      () => new Response('a', { headers: { 'X-A': 'ñ' } }),
      () => new Response(new ReadableStream({ start: controller => controller.error(new Error('torn')) })),
    ]
    for (const upgrade of responses) {
      await using recorder = await RecordingServer.start({ upgrade })
      expect((await rejectionFrom(recorder.port)).head).toMatch(/^HTTP\/1\.1 500 /)
      expect(recorder.names).toEqual(['error'])
    }
  })
})

describe('H21: upgrade that fails', () => {
  const failure = new Error('a bug')
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

  test.each(failing)('%s: 500, reported once, and the place is free again', async (_, upgrade) => {
    const sockets: unknown[] = []
    await using recorder = await RecordingServer.start({
      upgrade,
      maxSockets: 1,
      onError: (_error, socket) => void sockets.push(socket),
    })
    for (let i = 1; i <= 3; i++) {
      const { head, body } = await rejectionFrom(recorder.port)
      expect(head).toMatch(/^HTTP\/1\.1 500 Internal Server Error\r\n/)
      expect(body).not.toContain('bug')
      expect(recorder.errors).toEqual(Array(i).fill(failure))
    }
    expect(recorder.names).toEqual(['error', 'error', 'error'])
    expect(sockets).toEqual([undefined, undefined, undefined])
    expect(recorder.server.stats()).toMatchObject({ errors: 3, refused: 3, opened: 0 })
  })

  test('without onError it is told to console.error', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    await using server = new WebSocketServer({ upgrade: () => Promise.reject(failure) })
    const { port } = await server.listen(0)
    expect((await rejectionFrom(port)).head).toMatch(/^HTTP\/1\.1 500 /)
    expect(log.mock.calls).toEqual([[failure]])
  })

  test('it is published as the failure of no socket', async () => {
    const published: unknown[] = []
    const listen = (message: unknown): void => void published.push(message)
    subscribe('ws:server:error', listen)
    await using recorder = await RecordingServer.start({ upgrade: () => Promise.reject(failure) })
    await rejectionFrom(recorder.port)
    unsubscribe('ws:server:error', listen)
    expect(published).toEqual([{ error: failure, socket: undefined }])
  })
})

describe('H21: upgrade that takes too long', () => {
  test('503 at handshakeTimeout, the signal aborted; what it says later is not heard', async () => {
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

  test('one that never settles keeps no place', async () => {
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

  test('its later failure is not reported: it was told to stop', async () => {
    await using recorder = await RecordingServer.start({
      handshakeTimeout: 20,
      upgrade: ({ signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    })
    expect((await rejectionFrom(recorder.port)).head).toMatch(/^HTTP\/1\.1 503 /)
    expect(recorder.names).toEqual([])
  })

  test('a client that has sent more than is read ahead reads its 503 all the same', async () => {
    await using waiting = await startWaiting({ handshakeTimeout: 100 })
    await using peer = await RawPeer.connect(waiting.port)
    await peer.write(upgradeRequest())
    await waiting.asked()
    void peer.write(new Uint8Array(2 ** 20))
    expect((await readRefusal(peer)).head).toMatch(/^HTTP\/1\.1 503 /)
    await peer.closed()
  })
})

describe('a client that leaves while upgrade is at work', () => {
  const leaving: [string, (peer: RawPeer) => void][] = [
    ['T5: by FIN', peer => peer.end()],
    ['T4: by RST', peer => peer.reset()],
  ]

  test.each(leaving)(
    'H21: %s: no 101, no socket, the signal aborted, the place free again',
    async (_, leave) => {
      await using waiting = await startWaiting({
        maxSockets: 1,
        maxSocketsPerAddress: 1,
        maxPendingUpgrades: 1,
      })
      const { recorder } = waiting
      await using peer = await RawPeer.connect(waiting.port)
      await peer.write(upgradeRequest())
      await waiting.asked()
      const gone = new Promise(resolve => recorder.transports[0]!.on('close', resolve))
      leave(peer)
      await gone
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

  test('the signal of one who looks late is aborted already', async () => {
    const { opened, open } = gate()
    const asked = gate()
    const looked = Promise.withResolvers<boolean>()
    await using recorder = await RecordingServer.start({
      async upgrade(request) {
        asked.open()
        await opened
        looked.resolve(request.signal.aborted)
        return { data: undefined }
      },
    })
    await using peer = await RawPeer.connect(recorder.port)
    await peer.write(upgradeRequest())
    await asked.opened
    const gone = new Promise(resolve => recorder.transports[0]!.on('close', resolve))
    peer.end()
    await gone
    open()
    expect(await looked.promise).toBe(true)
    expect(recorder.names).toEqual([])
  })

  test('the signal is not aborted by a socket that was opened and closes later', async () => {
    let signal: AbortSignal | undefined
    await using recorder = await RecordingServer.start({
      async upgrade(request) {
        signal = request.signal
        await new Promise(setImmediate)
        return { data: undefined }
      },
    })
    await using peer = await FramePeer.open(recorder.port)
    peer.raw.end()
    await recorder.until('close')
    expect(signal!.aborted).toBe(false)
  })
})

describe('what the client sends while upgrade is at work', () => {
  test('T9: comes in order after open, a Close among it', async () => {
    await using waiting = await startWaiting()
    const { recorder } = waiting
    await using peer = await RawPeer.connect(waiting.port)
    const request = Buffer.from(upgradeRequest())
    const second = text('second')
    await peer.write(concat(request, text('first'), second.subarray(0, 3)))
    await waiting.asked()
    await peer.write(concat(second.subarray(3), text('third')))
    await peer.write(concat(close(1000, 'bye'), text('ignored')))
    waiting.open()
    await recorder.until('close')
    expect(recorder.names).toEqual(['open', 'message', 'message', 'message', 'close'])
    expect(recorder.messages).toEqual(['first', 'second', 'third'])
    expect(recorder.reports).toEqual([{ code: 1000, reason: 'bye', clean: true, by: 'peer' }])
    await peer.ended()
    peer.end()
  })

  test('T9: waits for an open that takes its time as well', async () => {
    const { opened, open } = gate()
    await using waiting = await startWaiting({ open: () => opened })
    const { recorder } = waiting
    await using peer = await RawPeer.connect(waiting.port)
    await peer.write(concat(Buffer.from(upgradeRequest()), text('a')))
    await waiting.asked()
    await peer.write(text('b'))
    waiting.open()
    await recorder.until('open')
    await peer.write(text('c'))
    expect(recorder.names).toEqual(['open'])
    open()
    await recorder.until('message', 3)
    expect(recorder.messages).toEqual(['a', 'b', 'c'])
  })

  test('200 KiB and more: TCP makes the client wait, and nothing is lost', async () => {
    await using waiting = await startWaiting()
    const { recorder } = waiting
    await using peer = await RawPeer.connect(waiting.port)
    const count = 200
    await peer.write(upgradeRequest())
    await waiting.asked()
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
    expect(recorder.reports).toMatchObject([{ code: 1000, clean: true }])
    await peer.ended()
    peer.end()
  })
})

describe('upgrade and the end of the server', () => {
  test('H23: those who wait are answered 503 when it closes, and so are those who come', async () => {
    await using waiting = await startWaiting()
    const { recorder } = waiting
    await using peer = await RawPeer.connect(waiting.port)
    await peer.write(upgradeRequest())
    await waiting.asked()
    const closed = recorder.server.close()
    const { head, body } = await readRefusal(peer)
    expect(head).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\nRetry-After: 5\r\n/)
    expect(body).toContain('the server is closing')
    expect(waiting.aborted.map(String)).toEqual([expect.stringContaining('the server is closing')])
    await closed
    waiting.open()
    await new Promise(setImmediate)
    expect(recorder.names).toEqual([])
  })

  test('with a server that listens by itself too, which then ends', async () => {
    const asked = gate()
    const server = new WebSocketServer({
      upgrade() {
        asked.open()
        return new Promise<never>(() => {})
      },
    })
    const { port } = await server.listen(0)
    await using peer = await RawPeer.connect(port)
    await peer.write(upgradeRequest())
    await asked.opened
    const closed = server.close()
    expect((await readRefusal(peer)).head).toMatch(/^HTTP\/1\.1 503 /)
    expect(await closed).toMatchObject({ sockets: 0, terminated: 0 })
  })

  test('a server that closes while upgrade is called, by upgrade itself, opens nothing', async () => {
    await using recorder: RecordingServer = await RecordingServer.start({
      async upgrade() {
        void recorder.server.close()
        return { data: undefined }
      },
    })
    expect((await rejectionFrom(recorder.port)).head).toMatch(/^HTTP\/1\.1 503 /)
    expect(recorder.names).toEqual([])
  })
})

describe('admission', () => {
  test('maxPendingUpgrades: one more is answered 503, until one has been answered', async () => {
    await using waiting = await startWaiting({ maxPendingUpgrades: 2 })
    await using first = await RawPeer.connect(waiting.port)
    await using second = await RawPeer.connect(waiting.port)
    await first.write(upgradeRequest())
    await second.write(upgradeRequest())
    await waiting.asked(2)
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
    'H23: %s counts those in their handshake, and not those who were refused',
    async name => {
      const { opened, open } = gate()
      const asked = gate()
      await using recorder = await RecordingServer.start({
        [name]: 2,
        async upgrade({ path }) {
          if (path === '/no') return new Response('no', { status: 403 })
          if (path === '/slow') {
            asked.open()
            await opened
          }
          return { data: undefined }
        },
      } satisfies ServerOptions)
      const full = name === 'maxSockets' ? /^HTTP\/1\.1 503 / : /^HTTP\/1\.1 429 /
      for (let i = 0; i < 3; i++) {
        expect((await rejectionFrom(recorder.port, {}, '/no')).head).toMatch(/^HTTP\/1\.1 403 /)
        expect((await rejectionFrom(recorder.port, { Origin: 'null' })).head).toMatch(/^HTTP\/1\.1 403 /)
      }
      await using slow = await RawPeer.connect(recorder.port)
      await slow.write(upgradeRequest('/slow'))
      await asked.opened
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

  test('trustProxy: each client of a proxy is counted by itself, and known by its own address', async () => {
    const addresses: string[] = []
    await using recorder = await RecordingServer.start({
      trustProxy: ['loopback'],
      maxSocketsPerAddress: 1,
      upgrade({ remoteAddress }) {
        addresses.push(remoteAddress)
        return { data: undefined }
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
    const gone = new Promise(resolve => recorder.transports[0]!.on('close', resolve))
    await first[Symbol.asyncDispose]()
    await gone
    await using third = await FramePeer.open(recorder.port, { lines: from('192.0.2.1') })
    expect([second, third].map(({ head }) => head.slice(0, 12))).toEqual(Array(2).fill('HTTP/1.1 101'))
  })

  test('without trustProxy nobody can choose an address', async () => {
    await using recorder = await RecordingServer.start({ maxSocketsPerAddress: 1 })
    await using _peer = await FramePeer.open(recorder.port, { lines: { 'X-Forwarded-For': '192.0.2.1' } })
    const { head } = await rejectionFrom(recorder.port, { 'X-Forwarded-For': '192.0.2.2' })
    expect(head).toMatch(/^HTTP\/1\.1 429 Too Many Requests\r\nRetry-After: 5\r\n/)
    const [socket]: Socket[] = [...recorder.server.sockets]
    expect(socket!.remoteAddress).toBe('127.0.0.1')
  })
})
