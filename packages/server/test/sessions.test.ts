// One function for the whole life of a socket, over real sockets: `session`, its loop, and `socket.streams()` (HOSTILE.md L1, L5,
// R6).

import { once } from 'node:events'
import type { ReadableStreamDefaultReader } from 'node:stream/web'
import { describe, expect, test } from 'vitest'
import type { Socket } from '../src/index.ts'
import { close, FramePeer, text } from './frame-peer.ts'
import { gate, RecordingServer } from './recording-server.ts'
import { TestServer, turns } from './test-server.ts'

const failure = new Error('a bug')

describe('a session', () => {
  test('reads one message after the other, and its loop ends with the Close of the peer', async () => {
    const read: unknown[] = []
    await using served = await TestServer.start({
      async session(socket) {
        for await (const message of socket) {
          read.push(message)
          socket.send(message)
        }
        read.push('end')
      },
    })
    await using peer = await FramePeer.open(served.port, { first: text('a') })
    await peer.send(text('b'), text('c'), close(4000, 'enough'))
    expect(await peer.ended()).toEqual(['text a', 'text b', 'text c', 'close 4000'])
    expect(await served.closed).toEqual({ code: 4000, reason: 'enough', clean: true, by: 'peer' })
    expect(read).toEqual(['a', 'b', 'c', 'end'])
    expect(served.reports).toHaveLength(1)
    expect(served.errors).toEqual([])
  })

  test('that leaves its loop closes with 1000 when it returns, and not before', async () => {
    const left = gate()
    const { opened, open } = gate()
    await using served = await TestServer.start({
      async session(socket) {
        for await (const message of socket) if (message === 'last') break
        left.open()
        await opened
        socket.send('what was still to be said')
      },
    })
    await using peer = await FramePeer.open(served.port)
    await peer.send(text('first'), text('last'), text('dropped'))
    await left.opened
    expect(served.socket.state).toBe('open')
    open()
    expect(await peer.frames(2)).toEqual(['text what was still to be said', 'close 1000'])
    await peer.send(close(1000))
    expect(await served.closed).toEqual({ code: 1000, reason: '', clean: true, by: 'local' })
    expect(served.reports).toHaveLength(1)
  })

  test('that returns at once closes with 1000', async () => {
    await using served = await TestServer.start({ session() {} })
    await using peer = await FramePeer.open(served.port, { first: text('nobody reads it') })
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
      'throws behind its loop',
      async socket => {
        for await (const _ of socket) break
        throw failure
      },
    ],
  ]
  test.each(failing)('L1: that %s closes with 1011, reported once', async (_, session) => {
    await using served = await TestServer.start({ session })
    await using peer = await FramePeer.open(served.port, { first: text('a') })
    expect(await peer.ended()).toEqual(['close 1011 internal error'])
    expect(await served.closed).toEqual({
      code: 1011,
      reason: 'internal error',
      clean: false,
      by: 'local',
      cause: failure,
    })
    expect(served.errors).toEqual([failure])
    expect(served.reports).toHaveLength(1)
  })

  test('whose peer is gone has its loop ended', async () => {
    const over = gate()
    await using served = await TestServer.start({
      async session(socket) {
        for await (const _ of socket);
        over.open()
      },
    })
    await using peer = await FramePeer.open(served.port)
    await turns()
    peer.raw.reset()
    await over.opened
    expect(await served.closed).toMatchObject({ code: 1006, reason: '', clean: false, by: 'network' })
    expect(served.errors).toEqual([])
  })

  test('R6: holds a fast peer back by TCP while it is at work; nothing is lost', async () => {
    const { opened, open } = gate()
    let read = 0
    await using served = await TestServer.start({
      async session(socket) {
        for await (const _ of socket) if (++read === 1) await opened
      },
    })
    await using peer = await FramePeer.open(served.port)
    const [transport] = served.transports
    const paused = once(transport!, 'pause')
    const count = 32_000
    let taken = false
    const sent = peer.send(...Array(count).fill(text('m'.repeat(1000)))).then(() => {
      taken = true
    })
    await paused
    await turns(200)
    expect([taken, read]).toEqual([false, 1])
    expect(transport!.bytesRead).toBeLessThan(512 * 1024)
    open()
    await sent
    await peer.send(close(1000))
    expect(await peer.ended()).toEqual(['close 1000'])
    expect(read).toBe(count)
  })

  test('that never reads learns of the end by closed, unless a message lies before it', async () => {
    const reports: unknown[] = []
    await using served = await TestServer.start({
      async session(socket) {
        reports.push(await socket.closed)
      },
    })
    await using peer = await FramePeer.open(served.port)
    await peer.send(close(1000, 'bye'))
    await peer.ended()
    const report = await served.closed
    await turns()
    expect(reports).toEqual([report])
    await using silent = await FramePeer.open(served.port)
    await silent.send(text('nobody reads it'), close(1000))
    await turns(50)
    expect(reports).toHaveLength(1)
    served.socket.terminate()
    await turns()
    expect(reports[1]).toEqual({ code: 1006, reason: '', clean: false, by: 'local' })
  })

  test('does not keep a server from closing, whether it waits for a message or is at work on one', async () => {
    await using served = await TestServer.start({
      async session(socket) {
        for await (const _ of socket) await new Promise(() => {})
      },
    })
    await using idle = await FramePeer.open(served.port)
    await using _busy = await FramePeer.open(served.port, { first: text('a') })
    await turns(50)
    const closed = served.server.close({ timeout: 50 })
    expect(await idle.frames(1)).toEqual(['close 1001'])
    await idle.send(close(1001))
    idle.raw.end()
    expect(await closed).toMatchObject({ sockets: 2, terminated: 1 })
  })
})

test('the loop of a socket without a session throws a TypeError, and so do its streams', async () => {
  await using recorder = await RecordingServer.start()
  await using _peer = await FramePeer.open(recorder.port)
  const [socket] = recorder.server.sockets
  await expect(async () => {
    for await (const _ of socket!);
  }).rejects.toThrow(TypeError)
  expect(() => socket!.streams()).toThrow(TypeError)
})

test('I4, L5: after the end nothing throws', async () => {
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

describe('streams', () => {
  test('undici#5503: the readable asks for nothing by itself, and each read lets one message through', async () => {
    const opened = Promise.withResolvers<ReadableStreamDefaultReader<string | Uint8Array>>()
    await using served = await TestServer.start({
      async session(socket) {
        const { readable } = socket.streams()
        opened.resolve(readable.getReader())
        await socket.closed
      },
    })
    await using peer = await FramePeer.open(served.port)
    const reader = await opened.promise
    const [transport] = served.transports
    const paused = once(transport!, 'pause')
    const count = 32_000
    let taken = false
    const sent = peer.send(...Array(count).fill(text('m'.repeat(1000)))).then(() => {
      taken = true
    })
    await paused
    expect((await reader.read()).value).toHaveLength(1000)
    await turns(200)
    expect(taken).toBe(false)
    expect(served.server.stats().messagesReceived).toBeLessThanOrEqual(2)
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

  test('the writable waits for a peer that does not read, and closes with 1000', async () => {
    let written = 0
    await using served = await TestServer.start({
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
    await using peer = await FramePeer.open(served.port)
    peer.raw.pause()
    await turns(500)
    expect(written).toBeLessThan(64)
    expect(served.socket.bufferedAmount).toBeLessThan(2 * 2 ** 20)
    peer.raw.resume()
    const frames = await peer.frames(65)
    expect(frames.at(-1)).toBe('close 1000')
    await peer.send(close(1000))
    expect(await served.closed).toEqual({ code: 1000, reason: '', clean: true, by: 'local' })
    expect(served.errors).toEqual([])
  })

  test('an echo by a pipe ends with its peer', async () => {
    await using served = await TestServer.start({
      async session(socket) {
        const { readable, writable } = socket.streams()
        await readable.pipeTo(writable).catch(() => {})
      },
    })
    await using peer = await FramePeer.open(served.port, { first: text('a') })
    await peer.send(text('b'), close(1000))
    expect(await peer.ended()).toEqual(['text a', 'text b', 'close 1000'])
    expect(served.errors).toEqual([])
  })

  test('the readable errors when the peer is gone, and closes the socket when it is cancelled', async () => {
    const ends: unknown[] = []
    await using served = await TestServer.start({
      async session(socket) {
        const { readable } = socket.streams()
        if (socket.path === '/cancelled') await readable.cancel({ closeCode: 4001, reason: 'no more' })
        else await readable.getReader().closed.catch((error: unknown) => void ends.push(error))
      },
    })
    await using cancelled = await FramePeer.open(served.port, { path: '/cancelled' })
    expect(await cancelled.frames(1)).toEqual(['close 4001 no more'])
    await cancelled.send(close(4001))
    expect(await cancelled.ended()).toHaveLength(1)
    await using peer = await FramePeer.open(served.port)
    await turns()
    peer.raw.reset()
    await peer.raw.closed()
    await turns(50)
    expect(ends).toMatchObject([{ name: 'WebSocketError', closeCode: 1006 }])
    expect(served.errors).toEqual([])
  })
})
