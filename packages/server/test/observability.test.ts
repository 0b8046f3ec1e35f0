import { spawn } from 'node:child_process'
import { channel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { text as readAll } from 'node:stream/consumers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { observe as observeConnections } from '@ws/connection/diagnostics'
import { RawPeer, upgradeRequest } from '@ws/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { observe, type ServerEvents } from '../src/diagnostics.ts'
import { prepare, type Socket, type Stats, WebSocketServer } from '../src/index.ts'
import { connectTo } from '../src/testing.ts'
import { binary, close, FramePeer, frame, ping, text } from './frame-peer.ts'
import { RecordingServer } from './recording-server.ts'

/** A message that the kernel does not take at once. */
const LARGE = new Uint8Array(2 ** 25)

const NAMES = ['handshake', 'open', 'close', 'error', 'backpressure', 'drain', 'receive', 'send'] as const
type Name = (typeof NAMES)[number]

const channelOf = (name: Name): string =>
  name === 'handshake' ? '@ws/server:handshake' : `@ws/connection:${name}`

afterEach(() => {
  vi.restoreAllMocks()
})

/** Records the events of these names until the scope ends. */
function record(names: readonly Name[] = NAMES) {
  const published: { readonly name: Name; readonly event: ServerEvents[Name] }[] = []
  const undo = names.map(name => observe(name, event => published.push({ name, event })))
  return {
    published,
    of: <Each extends Name>(name: Each): ServerEvents[Each][] =>
      published.filter(entry => entry.name === name).map(({ event }) => event as ServerEvents[Each]),
    [Symbol.dispose]() {
      for (const end of undo) end()
    },
  }
}

const echo = { message: (socket: Socket, data: string | Uint8Array) => socket.send(data) }

async function requestRejected(port: number, request: string): Promise<void> {
  await using peer = await RawPeer.connect(port)
  await peer.write(request)
  await peer.ended()
}

describe('diagnostics channels', () => {
  test('publish the events of a socket in order', async () => {
    using channels = record()
    await using recorder = await RecordingServer.start(echo)
    await using peer = await FramePeer.open(recorder.port, { first: text('hello') })
    await peer.frames(1)
    const { server } = recorder
    const [socket] = server.sockets
    const event = { socket, role: 'server', server }
    await peer.send(binary(Uint8Array.of(1, 2)), close(4000, 'bye'))
    await peer.ended()
    expect(channels.published.map(({ name }) => name)).toEqual([
      'handshake',
      'open',
      'receive',
      'send',
      'receive',
      'send',
      'close',
    ])
    expect(channels.of('handshake')).toEqual([{ request: expect.anything(), status: 101, server }])
    expect(channels.of('handshake')[0]!.request.url).toBe('/')
    const bytes = new Uint8Array([1, 2])
    expect(channels.of('open')).toEqual([event])
    expect(channels.of('receive')).toEqual([
      { ...event, data: 'hello' },
      { ...event, data: bytes },
    ])
    expect(channels.of('send')).toEqual([
      { ...event, data: 'hello' },
      { ...event, data: bytes },
    ])
    expect(channels.of('close')).toEqual([
      { ...event, info: { code: 4000, reason: 'bye', wasClean: true, by: 'peer' } },
    ])
    expect(channels.of('close')[0]!.info).toBe(recorder.reports[0])
  })

  test('include rejections in handshake', async () => {
    using channels = record(['handshake', 'open'])
    await using recorder = await RecordingServer.start({
      upgrade: request => {
        if (request.path === '/failing') throw new Error('a bug')
        return request.path === '/private' ? new Response('no', { status: 401 }) : {}
      },
    })
    await requestRejected(recorder.port, upgradeRequest('/', { 'Sec-WebSocket-Version': '8' }))
    await requestRejected(recorder.port, upgradeRequest('/private'))
    await requestRejected(recorder.port, upgradeRequest('/failing'))
    expect(channels.of('handshake').map(({ status }) => status)).toEqual([426, 401, 500])
    expect(channels.of('handshake')[0]!.reason).toContain('Sec-WebSocket-Version')
    expect(channels.of('open')).toEqual([])
  })

  test('include the socket of a failed handler in error', async () => {
    const failure = new Error('a bug')
    using channels = record(['error'])
    await using recorder = await RecordingServer.start({
      message: () => {
        throw failure
      },
    })
    await using peer = await FramePeer.open(recorder.port)
    const [socket] = recorder.server.sockets
    await peer.send(text('a'))
    await peer.ended()
    expect(channels.published).toEqual([
      { name: 'error', event: { error: failure, socket, role: 'server', server: recorder.server } },
    ])
  })

  test('include failures of upgrade in error, without a socket', async () => {
    const failure = new Error('a bug')
    using channels = record(['error'])
    await using recorder = await RecordingServer.start({ upgrade: () => Promise.reject(failure) })
    await requestRejected(recorder.port, upgradeRequest())
    expect(channels.published).toEqual([
      {
        name: 'error',
        event: { error: failure, socket: undefined, role: 'server', server: recorder.server },
      },
    ])
  })

  test('publish backpressure once with bufferedAmount, and then drain', async () => {
    using channels = record(['backpressure', 'drain'])
    await using recorder = await RecordingServer.start({ maxBufferedAmount: Number.POSITIVE_INFINITY })
    await using peer = await FramePeer.open(recorder.port)
    const [socket] = recorder.server.sockets
    const event = { socket, role: 'server', server: recorder.server }
    peer.raw.pause()
    for (let i = 0; i < 3; i++) socket!.send(LARGE)
    expect(channels.published).toEqual([
      { name: 'backpressure', event: { ...event, bufferedAmount: LARGE.length + 10 } },
    ])
    peer.raw.resume()
    await recorder.until('drain')
    expect(channels.of('drain')).toEqual([event])
  })

  test('publish in send the data passed to send, but not after close', async () => {
    using channels = record(['send'])
    await using recorder = await RecordingServer.start()
    await using peer = await FramePeer.open(recorder.port)
    const [socket] = recorder.server.sockets
    const message = prepare('many')
    socket!.send(message)
    socket!.subscribe('room')
    recorder.server.publish('room', 'all')
    socket!.close()
    socket!.send('too late')
    await peer.frames(3)
    const [first, second] = channels.of('send')
    expect(channels.published).toHaveLength(2)
    expect(first!.data).toBe(message)
    expect(second!.data).toMatchObject({ data: 'all' })
  })

  test('publish nothing without subscribers', async () => {
    const spies = NAMES.map(name => vi.spyOn(channel(channelOf(name)), 'publish'))
    await using recorder = await RecordingServer.start({
      message(socket, data) {
        if (data === 'fail') throw new Error('a bug')
        socket.send(LARGE)
      },
    })
    await using peer = await FramePeer.open(recorder.port, { first: text('a') })
    await recorder.until('drain')
    await peer.send(text('fail'))
    await peer.ended()
    await requestRejected(recorder.port, upgradeRequest('/', { 'Sec-WebSocket-Version': '8' }))
    expect(recorder.names).toEqual(['open', 'message', 'drain', 'message', 'error', 'close'])
    for (const spy of spies) expect(spy).not.toHaveBeenCalled()
  })

  test('check for subscribers before each message', async () => {
    await using recorder = await RecordingServer.start(echo)
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(text('before'))
    await peer.frames(1)
    {
      using channels = record(['receive'])
      await peer.send(text('during'))
      await peer.frames(2)
      expect(channels.of('receive').map(({ data }) => data)).toEqual(['during'])
    }
    const spy = vi.spyOn(channel('@ws/connection:receive'), 'publish')
    await peer.send(text('after'))
    await peer.frames(3)
    expect(spy).not.toHaveBeenCalled()
  })

  test('isolate sockets from a subscriber that throws, whose error is uncaught', async () => {
    const source = `
      import { observe } from ${JSON.stringify(new URL('../src/diagnostics.ts', import.meta.url).href)}
      import { WebSocketServer } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)}
      const caught = []
      process.on('uncaughtException', error => caught.push(error.message))
      for (const name of ${JSON.stringify(NAMES)}) {
        observe(name, () => { throw new Error(name) })
      }
      const server = new WebSocketServer({ message: (socket, data) => socket.send(data) })
      const { port } = await server.listen(0)
      const client = new WebSocket('ws://127.0.0.1:' + port)
      await new Promise(resolve => { client.onopen = resolve })
      client.send('hello')
      const { data } = await new Promise(resolve => { client.onmessage = resolve })
      client.close(1000)
      const { code } = await new Promise(resolve => { client.onclose = resolve })
      await server.close()
      console.log(JSON.stringify({ data, code, caught, errors: server.stats().errors }))`
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const output = readAll(child.stdout)
    expect(await once(child, 'close')).toEqual([0, null])
    expect(JSON.parse(await output)).toEqual({
      data: 'hello',
      code: 1000,
      caught: ['handshake', 'open', 'receive', 'send', 'close'],
      errors: 0,
    })
  })
})

describe('observe', () => {
  test('passes events of servers only', async () => {
    using channels = record(['open', 'receive'])
    const all: unknown[] = []
    const end = observeConnections('open', ({ role, server }) => all.push([role, server]))
    const server = new WebSocketServer({ message: (socket, data) => socket.send(data) })
    await using client = await connectTo(server)
    client.send('hello')
    for await (const answer of client) {
      expect(answer).toBe('hello')
      break
    }
    end()
    expect(all).toEqual([
      ['server', server],
      ['client', undefined],
    ])
    expect(channels.published.map(({ name, event }) => [name, event.server])).toEqual([
      ['open', server],
      ['receive', server],
    ])
  })

  test('returns a function that ends it, and only it', async () => {
    const calls: string[] = []
    const listener = () => calls.push('called')
    const undo = [observe('open', listener), observe('open', listener)]
    const server = new WebSocketServer()
    const connect = async () => {
      await using _client = await connectTo(server)
    }
    await connect()
    expect(calls).toHaveLength(2)
    undo[0]!()
    undo[0]!()
    await connect()
    expect(calls).toHaveLength(3)
    undo[1]!()
    await connect()
    expect(calls).toHaveLength(3)
    expect(channel('@ws/connection:open').hasSubscribers).toBe(false)
  })

  test('throws a TypeError for an unknown name or a listener that is not a function', () => {
    expect(() => observe('clos' as 'close', () => 0)).toThrow(
      new TypeError('unknown event "clos" (did you mean "close"?)'),
    )
    expect(() => observe('close', undefined as never)).toThrow(new TypeError('listener must be a function'))
  })
})

describe('stats', () => {
  const ZERO: Stats = {
    sockets: 0,
    buffered: 0,
    unread: 0,
    opened: 0,
    closed: 0,
    refused: 0,
    messagesReceived: 0,
    messagesSent: 0,
    bytesReceived: 0,
    bytesSent: 0,
    backpressure: 0,
    dropped: 0,
    overflowed: 0,
    errors: 0,
  }

  test('are zero at first, and a copy', async () => {
    await using recorder = await RecordingServer.start()
    const stats = recorder.server.stats()
    expect(stats).toEqual(ZERO)
    await using _peer = await FramePeer.open(recorder.port)
    expect(stats).toEqual(ZERO)
    expect(recorder.server.stats()).toEqual({ ...ZERO, sockets: 1, opened: 1 })
  })

  test('count messages and the bytes of all frames, without the handshake', async () => {
    await using recorder = await RecordingServer.start(echo)
    await using peer = await FramePeer.open(recorder.port)
    const [first, second] = [text('frag', { fin: false }), frame(0, Buffer.from('ment'))]
    const sent = [text('hello'), first, ping('p'), second, binary(new Uint8Array(1000)), close(1000)]
    await peer.send(...sent)
    await peer.ended()
    expect(recorder.server.stats()).toEqual({
      ...ZERO,
      opened: 1,
      closed: 1,
      messagesReceived: 3,
      messagesSent: 3,
      bytesReceived: sent.reduce((sum, { length }) => sum + length, 0),
      bytesSent: 7 + 3 + 10 + 1004 + 4,
    })
  })

  test('count bytes received with the request, while upgrade is pending', async () => {
    await using recorder = await RecordingServer.start({
      ...echo,
      async upgrade() {
        await nextTurn()
        return {}
      },
    })
    const first = text('early')
    await using peer = await FramePeer.open(recorder.port, { first })
    await peer.frames(1)
    expect(recorder.server.stats()).toMatchObject({ bytesReceived: first.length, bytesSent: 7 })
  })

  test('count rejections, but not clients that leave before the answer', async () => {
    const requested = Promise.withResolvers<AbortSignal>()
    await using recorder = await RecordingServer.start({
      upgrade(request) {
        if (request.path !== '/slow') return new Response('no', { status: 401 })
        requested.resolve(request.signal)
        return new Promise(() => {})
      },
    })
    await requestRejected(recorder.port, upgradeRequest('/', { 'Sec-WebSocket-Version': '8' }))
    await requestRejected(recorder.port, upgradeRequest())
    {
      await using leaving = await RawPeer.connect(recorder.port)
      await leaving.write(upgradeRequest('/slow'))
      const signal = await requested.promise
      const left = once(signal, 'abort')
      leaving.reset()
      await left
    }
    expect(recorder.server.stats()).toEqual({ ...ZERO, refused: 2 })
  })

  test('count errors of all handlers, upgrade and close included', async () => {
    const fail = () => {
      throw new Error('a bug')
    }
    await using recorder = await RecordingServer.start({
      upgrade: request => (request.path === '/' ? {} : fail()),
      message: fail,
      close: fail,
    })
    await requestRejected(recorder.port, upgradeRequest('/failing'))
    expect(recorder.server.stats()).toMatchObject({ errors: 1, refused: 1 })
    await using peer = await FramePeer.open(recorder.port, { first: text('a') })
    await peer.ended()
    expect(recorder.server.stats()).toMatchObject({ errors: 3, refused: 1, opened: 1, closed: 1 })
  })

  test('count sends above the high-water mark, and sum the buffered bytes', async () => {
    await using recorder = await RecordingServer.start()
    await using peer = await FramePeer.open(recorder.port)
    await using _other = await FramePeer.open(recorder.port)
    const [socket] = recorder.server.sockets
    for (let i = 1; i <= 3; i++) {
      socket!.send(LARGE)
      socket!.send(new Uint8Array(2 ** 20))
      const buffered = LARGE.length + 2 ** 20 + 20
      expect(recorder.server.stats()).toMatchObject({ backpressure: i, buffered, sockets: 2 })
      await recorder.until('drain', i)
      await peer.frames(2 * i)
      expect(recorder.server.stats().buffered).toBe(0)
    }
  })

  test('count messages dropped for slow subscribers, without those in the backlog', async () => {
    await using recorder = await RecordingServer.start({ open: socket => socket.subscribe('room') })
    await using peer = await FramePeer.open(recorder.port)
    const [socket] = recorder.server.sockets
    socket!.send(LARGE)
    const { buffered } = recorder.server.stats()
    for (let i = 0; i < 10; i++) recorder.server.publish('room', `${i}`, { slow: 'latest' })
    expect(recorder.server.stats()).toMatchObject({ dropped: 9, messagesSent: 1, buffered })
    expect(await peer.frames(2)).toEqual([`binary ${LARGE.length} bytes`, 'text 9'])
    expect(recorder.server.stats()).toMatchObject({ dropped: 9, messagesSent: 2, buffered: 0 })
  })
})
