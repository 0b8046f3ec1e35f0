// Messages received by `stream` and sent by `sendStream`
// (docs/hostile-inputs.md, rows G9, U3, T8 and L1).

import type { MessageStream } from '@ws/connection'
import { Opcode } from '@ws/frame'
import { hex, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { binary, close, FramePeer, frame, ping, text } from './frame-peer.ts'
import { gate, RecordingServer } from './recording-server.ts'
import { externalMemory, TestServer, turns } from './test-server.ts'

const MEBIBYTE = 2 ** 20
const failure = new Error('test error')

function begin(payload: Uint8Array, opcode: number = Opcode.text): Uint8Array {
  return frame(opcode, payload, { fin: false })
}

function more(payload: Uint8Array): Uint8Array {
  return frame(Opcode.continuation, payload, { fin: false })
}

function last(payload: Uint8Array): Uint8Array {
  return frame(Opcode.continuation, payload)
}

function textOf(message: MessageStream): Promise<string> {
  if (message.type !== 'text') throw new Error('expected a text')
  return message.text()
}

describe('the stream handler', () => {
  test('receives 64 MiB in constant memory, while pings are answered', async () => {
    let received = 0
    let peak = 0
    await using testServer = await TestServer.start({
      async stream(socket, message) {
        const base = await externalMemory()
        let pieces = 0
        for await (const piece of message) {
          received += piece.length
          if (pieces++ % 250 === 0) peak = Math.max(peak, (await externalMemory()) - base)
          await new Promise(setImmediate)
        }
        socket.send(`${received}`)
      },
    })
    await using peer = await FramePeer.open(testServer.port)
    const fragment = more(new Uint8Array(64 * 1024))
    await peer.send(begin(new Uint8Array(0), Opcode.binary))
    for (let i = 0; i < 1024; i++) {
      await peer.send(fragment)
      if (i === 500) await peer.send(ping('in between'))
    }
    expect(await peer.frames(1)).toEqual(['pong in between'])
    await peer.send(last(new Uint8Array(0)))
    expect(await peer.frames(2)).toEqual(['pong in between', `text ${64 * MEBIBYTE}`])
    expect(peak).toBeLessThan(16 * MEBIBYTE)
  })

  test('holds the peer back while it is busy', async () => {
    const { opened, open } = gate()
    let received = 0
    await using testServer = await TestServer.start({
      async stream(_, message) {
        for await (const piece of message) {
          received += piece.length
          await opened
        }
      },
    })
    await using peer = await FramePeer.open(testServer.port)
    let written = false
    const sent = peer.send(binary(new Uint8Array(32 * MEBIBYTE))).then(() => {
      written = true
    })
    await turns(500)
    expect(written).toBe(false)
    expect(testServer.transports[0]!.bytesRead).toBeLessThan(512 * 1024)
    open()
    await sent
    await peer.send(close(1000))
    await peer.ended()
    expect(received).toBe(32 * MEBIBYTE)
  })

  test('delays the next message and a Close until it has settled', async () => {
    const { opened, open } = gate()
    const started: string[] = []
    await using testServer = await TestServer.start({
      async stream(_, message) {
        const whole = await textOf(message)
        started.push(whole)
        if (whole === 'first') await opened
      },
    })
    await using peer = await FramePeer.open(testServer.port)
    await peer.send(begin(utf8('fir')), last(utf8('st')), text('second'), close(1000))
    await turns(50)
    expect(started).toEqual(['first'])
    expect(testServer.reports).toEqual([])
    open()
    expect(await peer.ended()).toEqual(['close 1000'])
    expect(started).toEqual(['first', 'second'])
  })

  const careless: [string, (message: MessageStream) => void | Promise<void>][] = [
    ['reads nothing', () => {}],
    ['reads nothing and takes long', () => turns(10)],
    [
      'leaves its loop',
      async message => {
        for await (const _ of message) break
      },
    ],
  ]
  test.each(careless)('discards the rest of a message if it %s', async (_, handle) => {
    let handled = 0
    await using testServer = await TestServer.start({
      async stream(_socket, message) {
        handled++
        await handle(message)
      },
    })
    await using peer = await FramePeer.open(testServer.port)
    const large = [begin(new Uint8Array(MEBIBYTE), Opcode.binary), last(new Uint8Array(MEBIBYTE))]
    for (let i = 0; i < 4; i++) await peer.send(...large)
    await peer.send(ping('p'), close(1000))
    expect(await peer.ended()).toEqual(['pong p', 'close 1000'])
    expect(handled).toBe(4)
    expect(testServer.errors).toEqual([])
  })

  test.each([
    [
      'throws',
      () => {
        throw failure
      },
    ],
    ['rejects', () => Promise.reject(failure)],
    ['rejects later', () => turns(5).then(() => Promise.reject(failure))],
  ])('L1: closes with 1011 and is reported once if it %s', async (_, fail) => {
    await using testServer = await TestServer.start({ stream: fail })
    await using peer = await FramePeer.open(testServer.port, { first: begin(utf8('a')) })
    expect(await peer.ended()).toEqual(['close 1011 internal error'])
    expect(testServer.errors).toEqual([failure])
    expect(testServer.reports).toEqual([
      {
        code: 1011,
        reason: 'internal error',
        wasClean: false,
        by: 'local',
        cause: expect.objectContaining({ code: 'ERR_WS_INTERNAL_ERROR', cause: failure }),
      },
    ])
  })

  const broken: [string, number, Uint8Array, (peer: FramePeer) => void][] = [
    ['U3: invalid UTF-8 before the end of a text', 1007, more(hex('c3 28')), () => {}],
    ['G9: more than maxStreamSize', 1009, more(new Uint8Array(1000)), () => {}],
    ['a Close within the message', 1000, close(1000), () => {}],
    ['a reset', 1006, more(utf8('b')), peer => peer.raw.reset()],
  ]
  test.each(broken)('fails to read with the close report as the cause: %s', async (_, code, bytes, then) => {
    const errors: unknown[] = []
    const read: unknown[] = []
    await using testServer = await TestServer.start({
      maxStreamSize: 1000,
      async stream(_socket, message) {
        try {
          for await (const piece of message) read.push(piece)
        } catch (error) {
          errors.push(error)
          throw error
        }
      },
    })
    await using peer = await FramePeer.open(testServer.port, { first: begin(utf8('a')) })
    await turns(50)
    await peer.send(bytes)
    await turns(50)
    then(peer)
    const report = await testServer.closed
    expect(report.code).toBe(code)
    await turns()
    expect(read[0]).toBe('a')
    expect(errors).toHaveLength(1)
    expect((errors[0] as Error).cause).toBe(report)
    // Rethrowing the error of the stream is not an error of the handler.
    expect(testServer.errors).toEqual([])
  })

  test('is reported if it fails after the socket has closed', async () => {
    await using testServer = await TestServer.start({
      async stream(socket) {
        await socket.closed
        throw failure
      },
    })
    await using _peer = await FramePeer.open(testServer.port, { first: begin(utf8('a')) })
    testServer.socket.terminate()
    await testServer.closed
    await turns()
    expect(testServer.errors).toEqual([failure])
  })

  test('can await closed without reading', async () => {
    const reports: unknown[] = []
    await using testServer = await TestServer.start({
      async stream(socket) {
        reports.push(await socket.closed)
      },
    })
    await using peer = await FramePeer.open(testServer.port, { first: begin(new Uint8Array(0)) })
    await turns()
    await peer.send(close(4000))
    await peer.ended()
    await turns()
    expect(reports).toEqual(testServer.reports)
    await using _another = await FramePeer.open(testServer.port, { first: begin(utf8('a')) })
    await turns(50)
    testServer.socket.terminate()
    await turns()
    expect(reports).toHaveLength(2)
  })

  test('is awaited by a closing server', async () => {
    const { opened, open } = gate()
    await using testServer = await TestServer.start({
      async stream(socket, message) {
        const whole = await textOf(message)
        await opened
        socket.send(whole)
      },
    })
    await using peer = await FramePeer.open(testServer.port, { first: begin(utf8('a')) })
    await turns(50)
    const closed = testServer.server.close({ timeout: 2000 })
    await peer.send(last(utf8('b')))
    await turns(50)
    open()
    expect(await peer.frames(2)).toEqual(['text ab', 'close 1001'])
    await peer.send(close(1001))
    peer.raw.end()
    expect(await closed).toMatchObject({ closed: 1, terminated: 0 })
  })
})

describe('Socket.sendStream', () => {
  test('sends fragments, and later messages behind them', async () => {
    await using recorder = await RecordingServer.start({
      async message(socket) {
        const { opened, open } = gate()
        async function* source() {
          yield 'a'
          socket.send('behind it')
          await opened
          yield ''
          yield 'b'
        }
        const sent = socket.sendStream(source())
        await turns()
        socket.ping()
        open()
        await sent
        socket.close(1000)
      },
    })
    await using peer = await FramePeer.open(recorder.port, { first: text('go') })
    const frames = await peer.frames(6)
    expect(frames).toEqual(['text a', 'ping ', 'opcode 0', 'opcode 0', 'text behind it', 'close 1000'])
  })

  test('reads a source of 64 MiB only as fast as the peer reads', async () => {
    let produced = 0
    let sent = false
    let base = 0
    let peak = 0
    await using recorder = await RecordingServer.start({
      async message(socket) {
        base = await externalMemory()
        async function* source() {
          for (let i = 0; i < 1024; i++) {
            produced += 64 * 1024
            yield new Uint8Array(64 * 1024)
            peak = Math.max(peak, socket.bufferedAmount)
          }
        }
        await socket.sendStream(source())
        sent = true
      },
    })
    await using peer = await FramePeer.open(recorder.port, { first: text('go') })
    peer.raw.pause()
    const [socket] = recorder.server.sockets
    await turns(500)
    expect(sent).toBe(false)
    const before = produced
    socket!.send('behind it')
    await turns(500)
    // The socket buffers of the kernel hold some MiB.
    expect(produced).toBe(before)
    expect(socket!.bufferedAmount).toBeLessThan(MEBIBYTE)
    expect((await externalMemory()) - base).toBeLessThan(16 * MEBIBYTE)
    peer.raw.resume()
    const frames = await peer.frames(1026)
    expect(frames.at(-1)).toBe('text behind it')
    expect(peak).toBeLessThan(MEBIBYTE)
    expect(sent).toBe(true)
  })

  test('does not read a second source while the first is pending', async () => {
    const { opened, open } = gate()
    let produced = 0
    await using recorder = await RecordingServer.start()
    await using peer = await FramePeer.open(recorder.port)
    const [socket] = recorder.server.sockets
    async function* slow() {
      yield 'a'
      await opened
    }
    function* fast() {
      for (; produced < 1000; produced++) yield new Uint8Array(64 * 1024)
    }
    const first = socket!.sendStream(slow())
    const second = socket!.sendStream(fast())
    await turns(100)
    expect(produced).toBeLessThan(10)
    open()
    await first
    await second
    expect(produced).toBe(1000)
    expect(await peer.frames(1003)).toHaveLength(1003)
  })

  test('closes with 1011 and rejects if the source fails, without calling the error handler', async () => {
    const caught: unknown[] = []
    await using recorder = await RecordingServer.start({
      async message(socket) {
        async function* source() {
          yield 'a'
          throw failure
        }
        await socket.sendStream(source()).catch((error: unknown) => void caught.push(error))
      },
    })
    await using peer = await FramePeer.open(recorder.port, { first: text('go') })
    expect(await peer.ended()).toEqual(['text a', 'close 1011 internal error'])
    expect(caught).toEqual([failure])
    expect(recorder.errors).toEqual([])
    expect(recorder.reports).toMatchObject([
      {
        code: 1011,
        by: 'local',
        cause: expect.objectContaining({ code: 'ERR_WS_INTERNAL_ERROR', cause: failure }),
      },
    ])
  })

  test.each([
    ['waits for its source', 'a'],
    ['waits for room', new Uint8Array(32 * MEBIBYTE)],
  ])('T8: rejects after a reset for a handler that %s, and then reports the close', async (_, piece) => {
    const caught = Promise.withResolvers<unknown>()
    let stopped = 0
    await using recorder = await RecordingServer.start({
      async message(socket) {
        const source = {
          [Symbol.asyncIterator]() {
            let calls = 0
            return {
              next: () =>
                calls++ === 0
                  ? Promise.resolve({ done: false as const, value: piece })
                  : new Promise<never>(() => {}),
              return: async () => {
                stopped++
                return { done: true as const, value: undefined }
              },
            }
          },
        }
        await socket.sendStream(source).catch(caught.resolve)
      },
    })
    await using peer = await FramePeer.open(recorder.port)
    peer.raw.pause()
    await peer.send(text('go'))
    await recorder.until('message')
    await turns(50)
    expect(recorder.reports).toEqual([])
    peer.raw.reset()
    expect(await caught.promise).toBeInstanceOf(Error)
    await recorder.until('close')
    expect(recorder.names).toEqual(['open', 'message', 'close'])
    expect(recorder.reports).toMatchObject([{ code: 1006, by: 'network' }])
    expect(stopped).toBe(1)
  })
})
