// Sessions and `socket.streams()` (docs/hostile-inputs.md, rows L1, L5 and R6).

import { once } from 'node:events'
import type { ReadableStreamDefaultReader } from 'node:stream/web'
import { describe, expect, test } from 'vitest'
import type { Socket } from '../src/index.ts'
import { close, FramePeer, text } from './frame-peer.ts'
import { gate, RecordingServer } from './recording-server.ts'
import { TestServer, turns } from './test-server.ts'

const failure = new Error('test error')

describe('a session', () => {
  test('reads messages in order until the peer closes', async () => {
    const read: unknown[] = []
    await using testServer = await TestServer.start({
      async session(socket) {
        for await (const message of socket) {
          read.push(message)
          socket.send(message)
        }
        read.push('end')
      },
    })
    await using peer = await FramePeer.open(testServer.port, { first: text('a') })
    await peer.send(text('b'), text('c'), close(4000, 'enough'))
    expect(await peer.ended()).toEqual(['text a', 'text b', 'text c', 'close 4000 enough'])
    expect(await testServer.closed).toEqual({ code: 4000, reason: 'enough', wasClean: true, by: 'peer' })
    expect(read).toEqual(['a', 'b', 'c', 'end'])
    expect(testServer.reports).toHaveLength(1)
    expect(testServer.errors).toEqual([])
  })

  test('closes with 1000 when it returns, not when it leaves its loop', async () => {
    const left = gate()
    const { opened, open } = gate()
    await using testServer = await TestServer.start({
      async session(socket) {
        for await (const message of socket) if (message === 'last') break
        left.open()
        await opened
        socket.send('last words')
      },
    })
    await using peer = await FramePeer.open(testServer.port)
    await peer.send(text('first'), text('last'), text('dropped'))
    await left.opened
    expect(testServer.socket.state).toBe('open')
    open()
    expect(await peer.frames(2)).toEqual(['text last words', 'close 1000'])
    await peer.send(close(1000))
    expect(await testServer.closed).toEqual({ code: 1000, reason: '', wasClean: true, by: 'local' })
    expect(testServer.reports).toHaveLength(1)
  })

  test('closes with 1000 if it returns at once', async () => {
    await using testServer = await TestServer.start({ session() {} })
    await using peer = await FramePeer.open(testServer.port, { first: text('unread') })
    expect(await peer.frames(1)).toEqual(['close 1000'])
  })

  const failing: [string, (socket: Socket) => void | Promise<void>][] = [
    [
      'throws',
      () => {
        throw failure
      },
    ],
    ['rejects', () => Promise.reject(failure)],
    [
      'throws in its loop',
      async socket => {
        for await (const _ of socket) throw failure
      },
    ],
    [
      'throws after its loop',
      async socket => {
        for await (const _ of socket) break
        throw failure
      },
    ],
  ]
  test.each(failing)('L1: closes with 1011 and is reported once if it %s', async (_, session) => {
    await using testServer = await TestServer.start({ session })
    await using peer = await FramePeer.open(testServer.port, { first: text('a') })
    expect(await peer.ended()).toEqual(['close 1011 internal error'])
    expect(await testServer.closed).toEqual({
      code: 1011,
      reason: 'internal error',
      wasClean: false,
      by: 'local',
      cause: expect.objectContaining({ code: 'ERR_WS_INTERNAL_ERROR', cause: failure }),
    })
    expect(testServer.errors).toEqual([failure])
    expect(testServer.reports).toHaveLength(1)
  })

  test('leaves its loop when the connection is reset', async () => {
    const ended = gate()
    await using testServer = await TestServer.start({
      async session(socket) {
        for await (const _ of socket);
        ended.open()
      },
    })
    await using peer = await FramePeer.open(testServer.port)
    await turns()
    peer.raw.reset()
    await ended.opened
    expect(await testServer.closed).toMatchObject({ code: 1006, reason: '', wasClean: false, by: 'network' })
    expect(testServer.errors).toEqual([])
  })

  test('R6: pauses reading while it is busy, and loses no message', async () => {
    const { opened, open } = gate()
    let read = 0
    await using testServer = await TestServer.start({
      async session(socket) {
        for await (const _ of socket) if (++read === 1) await opened
      },
    })
    await using peer = await FramePeer.open(testServer.port)
    const [transport] = testServer.transports
    const paused = once(transport!, 'pause')
    const count = 32_000
    let written = false
    const sent = peer.send(...Array(count).fill(text('m'.repeat(1000)))).then(() => {
      written = true
    })
    await paused
    await turns(200)
    expect([written, read]).toEqual([false, 1])
    expect(transport!.bytesRead).toBeLessThan(512 * 1024)
    open()
    await sent
    await peer.send(close(1000))
    expect(await peer.ended()).toEqual(['close 1000'])
    expect(read).toBe(count)
  })

  test('can await closed without reading, even while a message is unread', async () => {
    const reports: unknown[] = []
    await using testServer = await TestServer.start({
      async session(socket) {
        reports.push(await socket.closed)
      },
    })
    await using peer = await FramePeer.open(testServer.port)
    await peer.send(close(1000, 'bye'))
    await peer.ended()
    const report = await testServer.closed
    await turns()
    expect(reports).toEqual([report])
    await using silent = await FramePeer.open(testServer.port)
    await silent.send(text('unread'), close(1000))
    expect(await silent.ended()).toEqual(['close 1000'])
    expect(reports[1]).toMatchObject({ code: 1000, wasClean: true, by: 'peer' })
  })

  test('does not prevent the server from closing, whether idle or busy', async () => {
    await using testServer = await TestServer.start({
      async session(socket) {
        for await (const _ of socket) await new Promise(() => {})
      },
    })
    await using idle = await FramePeer.open(testServer.port)
    await using _busy = await FramePeer.open(testServer.port, { first: text('a') })
    await turns(50)
    const closed = testServer.server.close({ timeout: 50 })
    expect(await idle.frames(1)).toEqual(['close 1001'])
    await idle.send(close(1001))
    idle.raw.end()
    expect(await closed).toMatchObject({ closed: 2, terminated: 1 })
  })
})

test('iteration and streams throw a TypeError on a socket without a session', async () => {
  await using recorder = await RecordingServer.start()
  await using _peer = await FramePeer.open(recorder.port)
  const [socket] = recorder.server.sockets
  await expect(async () => {
    for await (const _ of socket!);
  }).rejects.toThrow(TypeError)
  expect(() => socket!.streams()).toThrow(TypeError)
})

test('I4, L5: methods of a closed socket do not throw', async () => {
  const sockets: Socket[] = []
  await using recorder = await RecordingServer.start({
    open: socket => void sockets.push(socket),
    close(socket) {
      expect(socket.send('late')).toBe(false)
      socket.close()
      socket.ping()
    },
  })
  await using peer = await FramePeer.open(recorder.port)
  await peer.send(close(1000))
  await peer.ended()
  const [socket] = sockets
  expect(socket!.send('later')).toBe(false)
  socket!.close(1000, 'again')
  socket!.ping()
  socket!.terminate()
  await socket!.ready
  const [report] = recorder.reports
  expect(await socket!.closed).toBe(report)
  await expect(socket!.sendStream(['a'])).rejects.toMatchObject({ cause: report })
  expect([socket!.state, socket!.bufferedAmount, socket!.subscribe('topic')]).toEqual(['closed', 0, false])
  expect(recorder.names).toEqual(['open', 'close'])
})

describe('Socket.streams', () => {
  test('undici#5503: reads one message ahead at most, and one more for each read', async () => {
    const opened = Promise.withResolvers<ReadableStreamDefaultReader<string | Uint8Array>>()
    await using testServer = await TestServer.start({
      async session(socket) {
        const { readable } = socket.streams()
        opened.resolve(readable.getReader())
        await socket.closed
      },
    })
    await using peer = await FramePeer.open(testServer.port)
    const reader = await opened.promise
    const [transport] = testServer.transports
    const paused = once(transport!, 'pause')
    const count = 32_000
    let written = false
    const sent = peer.send(...Array(count).fill(text('m'.repeat(1000)))).then(() => {
      written = true
    })
    await paused
    expect((await reader.read()).value).toHaveLength(1000)
    await turns(200)
    expect(written).toBe(false)
    expect(testServer.server.stats().messagesReceived).toBeLessThanOrEqual(2)
    expect(transport!.bytesRead).toBeLessThan(512 * 1024)
    let read = 1
    const rest = (async () => {
      for (let next = await reader.read(); !next.done; next = await reader.read()) read++
    })()
    await sent
    await peer.send(close(1000))
    await rest
    expect(read).toBe(count)
    expect(await peer.ended()).toEqual(['close 1000'])
  })

  test('writes as fast as the peer reads, and closes with 1000', async () => {
    let written = 0
    await using testServer = await TestServer.start({
      async session(socket) {
        const writer = socket.streams().writable.getWriter()
        for (let i = 0; i < 64; i++) {
          await writer.write(new Uint8Array(2 ** 20))
          written++
        }
        await writer.close()
        await socket.closed
      },
    })
    await using peer = await FramePeer.open(testServer.port)
    peer.raw.pause()
    await turns(500)
    expect(written).toBeLessThan(64)
    expect(testServer.socket.bufferedAmount).toBeLessThan(2 * 2 ** 20)
    peer.raw.resume()
    const frames = await peer.frames(65)
    expect(frames.at(-1)).toBe('close 1000')
    await peer.send(close(1000))
    expect(await testServer.closed).toEqual({ code: 1000, reason: '', wasClean: true, by: 'local' })
    expect(testServer.errors).toEqual([])
  })

  test('ends a pipe when the peer closes', async () => {
    await using testServer = await TestServer.start({
      async session(socket) {
        const { readable, writable } = socket.streams()
        await readable.pipeTo(writable).catch(() => {})
      },
    })
    await using peer = await FramePeer.open(testServer.port, { first: text('a') })
    await peer.send(text('b'), close(1000))
    expect(await peer.ended()).toEqual(['text a', 'text b', 'close 1000'])
    expect(testServer.errors).toEqual([])
  })

  test('fails to read after a reset, and closes the socket when the readable is canceled', async () => {
    const ends: unknown[] = []
    await using testServer = await TestServer.start({
      async session(socket) {
        const { readable } = socket.streams()
        if (socket.path === '/canceled') await readable.cancel({ closeCode: 4001, reason: 'no more' })
        else await readable.getReader().closed.catch((error: unknown) => void ends.push(error))
      },
    })
    await using canceled = await FramePeer.open(testServer.port, { path: '/canceled' })
    expect(await canceled.frames(1)).toEqual(['close 4001 no more'])
    await canceled.send(close(4001))
    expect(await canceled.ended()).toHaveLength(1)
    await using peer = await FramePeer.open(testServer.port)
    await turns()
    peer.raw.reset()
    await peer.raw.closed()
    await turns(50)
    expect(ends).toMatchObject([{ name: 'WebSocketError', closeCode: 1006 }])
    expect(testServer.errors).toEqual([])
  })
})
