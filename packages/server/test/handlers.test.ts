// Handlers that fail or take long (docs/hostile-inputs.md, rows L1–L6 and R6).

import { once } from 'node:events'
import { concat } from '@ws/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Handlers, WebSocketServer } from '../src/index.ts'
import { close, FramePeer, ping, text } from './frame-peer.ts'
import { gate, RecordingServer } from './recording-server.ts'

/** A message that the kernel does not take at once. */
const LARGE = new Uint8Array(2 ** 25)

afterEach(() => {
  vi.restoreAllMocks()
})

const failure = new Error('test error')
const failing: [string, () => void][] = [
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

describe.each(failing)('L1, L2, L3: a handler that %s', (_, fail) => {
  test.each(['open', 'message', 'drain'] as const)(
    'closes only its own socket with 1011 and is reported once: %s',
    async name => {
      const handlers: Handlers = {
        message: (socket, data) => socket.send(data),
        [name]: (socket: { path: string; send(data: string): boolean }) =>
          socket.path === '/failing' ? fail() : undefined,
      }
      await using recorder = await RecordingServer.start(handlers)
      await using other = await FramePeer.open(recorder.port)
      await using peer = await FramePeer.open(recorder.port, { path: '/failing' })
      if (name === 'message') await peer.send(text('fail'), text('never delivered'))
      if (name === 'drain') [...recorder.server.sockets][1]!.send(LARGE)
      const frames = await peer.ended()
      expect(frames.at(-1)).toBe('close 1011 internal error')
      expect(recorder.errors).toEqual([failure])
      expect(recorder.reports).toEqual([
        {
          code: 1011,
          reason: 'internal error',
          wasClean: false,
          by: 'local',
          cause: expect.objectContaining({ code: 'ERR_WS_INTERNAL_ERROR', cause: failure }),
        },
      ])
      expect(recorder.messages).toEqual(name === 'message' ? ['fail'] : [])
      await other.send(text('still open'))
      if (name !== 'message') expect(await other.frames(1)).toEqual(['text still open'])
      else await recorder.until('message', 2)
      expect(recorder.server.sockets.size).toBe(1)
    },
  )

  test('is reported once as a close handler', async () => {
    await using recorder = await RecordingServer.start({ close: fail })
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(close(1000))
    expect(await peer.ended()).toEqual(['close 1000'])
    await recorder.until('error')
    peer.raw.end()
    await new Promise(resolve => recorder.transports[0]!.on('close', resolve))
    expect(recorder.names).toEqual(['open', 'close', 'error'])
    expect(recorder.errors).toEqual([failure])
  })

  test('is logged with the original error when the error handler throws', async () => {
    const logged = Promise.withResolvers<unknown[]>()
    vi.spyOn(console, 'error').mockImplementation((...values) => logged.resolve(values))
    const cause = new Error('original error')
    await using recorder = await RecordingServer.start({
      open: () => {
        throw cause
      },
      error: fail,
    })
    await using peer = await FramePeer.open(recorder.port)
    expect(await logged.promise).toEqual([cause, failure])
    expect(await peer.ended()).toEqual(['close 1011 internal error'])
    expect(console.error).toHaveBeenCalledTimes(1)
  })

  test('is logged to console.error without an error handler', async () => {
    const logged = Promise.withResolvers<unknown[]>()
    vi.spyOn(console, 'error').mockImplementation((...values) => logged.resolve(values))
    await using server = new WebSocketServer({ open: fail })
    const { port } = await server.listen(0)
    await using peer = await FramePeer.open(port)
    expect(await peer.ended()).toEqual(['close 1011 internal error'])
    expect(await logged.promise).toEqual([failure])
    expect(console.error).toHaveBeenCalledTimes(1)
  })
})

test('a handler that fails after the socket has closed is still reported', async () => {
  const { opened, open } = gate()
  await using recorder = await RecordingServer.start({
    async message() {
      await opened
      throw failure
    },
  })
  await using peer = await FramePeer.open(recorder.port, { first: text('a') })
  await recorder.until('message')
  const [socket] = recorder.server.sockets
  socket!.terminate()
  expect(socket!.state).toBe('closed')
  await peer.ended()
  expect(recorder.reports).toHaveLength(0)
  open()
  await recorder.until('close')
  expect(recorder.names).toEqual(['open', 'message', 'error', 'close'])
})

test('a closed socket is terminated at closeTimeout even if a handler never settles', async () => {
  await using recorder = await RecordingServer.start({
    closeTimeout: 40,
    message: () => new Promise(() => {}),
  })
  await using peer = await FramePeer.open(recorder.port, { first: text('a') })
  await recorder.until('message')
  const paused = once(recorder.transports[0]!, 'pause')
  void peer.send(...Array.from({ length: 2000 }, () => text('b'.repeat(100))))
  await paused
  const closed = new Promise(resolve => recorder.transports[0]!.on('close', resolve))
  const [socket] = recorder.server.sockets
  socket!.send(new Uint8Array(2 ** 16))
  socket!.close()
  await closed
  expect(await socket!.closed).toMatchObject({ code: 1006, by: 'local' })
})

test('a socket that fails during a handler is read to its end, or terminated at closeTimeout', async () => {
  const handlers: Handlers = {
    message: () => new Promise(() => {}),
    drain() {
      throw failure
    },
  }
  for (const ending of [true, false]) {
    await using recorder = await RecordingServer.start({ ...handlers, closeTimeout: ending ? 10_000 : 40 })
    await using peer = await FramePeer.open(recorder.port, { first: text('a') })
    await recorder.until('message')
    const [transport] = recorder.transports
    const paused = once(transport!, 'pause')
    void peer.send(...Array.from({ length: 2000 }, () => text('b'.repeat(100))))
    await paused
    const closed = new Promise(resolve => transport!.on('close', resolve))
    const [socket] = recorder.server.sockets
    socket!.send(LARGE)
    expect(await socket!.closed).toMatchObject({ code: 1011, by: 'local' })
    expect((await peer.ended()).at(-1)).toBe('close 1011 internal error')
    if (ending) peer.raw.end()
    await closed
    expect(recorder.names).toEqual(['open', 'message', 'drain', 'error'])
  }
})

describe('a handler that returns a promise', () => {
  test('delays the next message of its own socket only', async () => {
    const { opened, open } = gate()
    await using recorder = await RecordingServer.start({
      async message(socket, data) {
        if (data === 'slow') await opened
        socket.send(data)
      },
    })
    await using peer = await FramePeer.open(recorder.port)
    await using other = await FramePeer.open(recorder.port)
    await peer.send(text('slow'), text('behind it'))
    await recorder.until('message')
    await other.send(text('beside it'))
    expect(await other.frames(1)).toEqual(['text beside it'])
    expect(recorder.messages).toEqual(['slow', 'beside it'])
    open()
    expect(await peer.frames(2)).toEqual(['text slow', 'text behind it'])
  })

  test('R6: pauses reading, so that TCP holds the peer back, and loses no message', async () => {
    const { opened, open } = gate()
    let received = 0
    await using recorder = await RecordingServer.start({
      message(_, data) {
        received += data.length
        return received === data.length ? opened : undefined
      },
    })
    await using peer = await FramePeer.open(recorder.port)
    const [transport] = recorder.transports
    const paused = once(transport!, 'pause')
    const message = text('m'.repeat(1000))
    const count = 32_000
    let written = false
    const sent = peer.send(...Array(count).fill(message)).then(() => {
      written = true
    })
    await paused
    // Other connections open and close, which leaves the server time to read too much.
    for (let i = 0; i < 20; i++) {
      await using other = await FramePeer.open(recorder.port)
      await other.send(close(1000))
      await other.ended()
    }
    expect(written).toBe(false)
    expect(recorder.messages).toHaveLength(1)
    expect(transport!.bytesRead).toBeLessThan(512 * 1024)
    open()
    await sent
    await recorder.until('message', count)
    expect(received).toBe(count * 1000)
    await peer.send(close(1000))
    expect(await peer.ended()).toEqual(['close 1000'])
  })

  test('sends its replies before the answer to a Close that was received in the meantime', async () => {
    const { opened, open } = gate()
    await using recorder = await RecordingServer.start({
      async message(socket, data) {
        await opened
        expect(socket.send(`reply to ${String(data)}`)).toBe(true)
      },
    })
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(text('a'), text('b'), close(1000))
    await recorder.until('message')
    open()
    expect(await peer.ended()).toEqual(['text reply to a', 'text reply to b', 'close 1000'])
    expect(recorder.reports).toMatchObject([{ code: 1000, wasClean: true }])
  })

  test.each([
    ['Close and FIN', close(1000), { code: 1000, wasClean: true, by: 'peer' }],
    ['FIN alone', new Uint8Array(0), { code: 1006, wasClean: false, by: 'network' }],
  ])('L6: delays %s until the queued messages are delivered', async (_, last, report) => {
    const { opened, open } = gate()
    await using recorder = await RecordingServer.start({
      message: (socket, data) => opened.then(() => void socket.send(data)),
    })
    await using peer = await FramePeer.open(recorder.port)
    const names = Array.from({ length: 10 }, (_, i) => `${i}`)
    await peer.send(...names.map(name => text(name)), last)
    const ended = once(recorder.transports[0]!, 'end')
    peer.raw.end()
    await ended
    expect(recorder.names).toEqual(['open', 'message'])
    open()
    const frames = await peer.ended()
    // Without a Close, nothing can be sent once the transport has ended.
    expect(frames.slice(0, 10)).toEqual(report.wasClean ? names.map(name => `text ${name}`) : [])
    await recorder.until('close')
    expect(recorder.messages).toEqual(names)
    expect(recorder.reports).toMatchObject([report])
  })

  test('delays a ping, which is then answered', async () => {
    const { opened, open } = gate()
    await using recorder = await RecordingServer.start({ message: () => opened })
    await using peer = await FramePeer.open(recorder.port, { first: concat(text('a'), ping('p')) })
    await recorder.until('message')
    open()
    expect(await peer.frames(1)).toEqual(['pong p'])
  })

  test('delays the close report after RST until the queued messages are delivered', async () => {
    const { opened, open } = gate()
    await using recorder = await RecordingServer.start({ message: () => opened })
    await using peer = await FramePeer.open(recorder.port, { first: concat(text('a'), text('b')) })
    await recorder.until('message')
    const closed = new Promise(resolve => recorder.transports[0]!.on('close', resolve))
    peer.raw.reset()
    await closed
    expect(recorder.names).toEqual(['open', 'message'])
    open()
    await recorder.until('close')
    expect(recorder.names).toEqual(['open', 'message', 'message', 'close'])
    expect(recorder.server.sockets.size).toBe(0)
  })
})
