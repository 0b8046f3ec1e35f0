// `send`, `ready`, `drain` and `bufferedAmount` with a peer that stops reading
// (docs/hostile-inputs.md, rows R5 and F13).

import type { IncomingMessage } from 'node:http'
import { Duplex } from 'node:stream'
import { upgradeRequest } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { WebSocketServer } from '../src/index.ts'
import { binary, FramePeer, ping, text } from './frame-peer.ts'
import { RecordingServer } from './recording-server.ts'

const MEBIBYTE = 2 ** 20
const UNCAPPED = { maxBufferedAmount: Number.POSITIVE_INFINITY }

describe.each([[undefined], [1], [1000], [4 * MEBIBYTE], [Number.POSITIVE_INFINITY]])(
  'a socket with highWaterMark %s',
  highWaterMark => {
    test('returns false from send once the kernel leaves that much, and signals ready and drain when the peer reads', async () => {
      await using recorder = await RecordingServer.start({
        ...UNCAPPED,
        ...(highWaterMark === undefined ? {} : { highWaterMark }),
      })
      await using peer = await FramePeer.open(recorder.port)
      peer.raw.pause()
      const [socket] = recorder.server.sockets
      const mark = highWaterMark ?? 65_536
      const count = 64
      let sent = 0
      for (let i = 0; i < count; i++) {
        const room = socket!.send(new Uint8Array(MEBIBYTE))
        sent += MEBIBYTE + 10
        expect(room).toBe(socket!.bufferedAmount < mark)
      }
      expect(socket!.bufferedAmount <= sent).toBe(true)
      await new Promise(setImmediate)
      expect(socket!.bufferedAmount).toBeGreaterThan(MEBIBYTE)
      expect(recorder.names).toEqual(['open'])
      const ready = socket!.ready
      expect(socket!.ready === ready || mark > sent).toBe(true)
      peer.raw.resume()
      await ready
      if (mark < sent) {
        expect(socket!.bufferedAmount).toBeLessThan(mark)
        await recorder.until('drain')
      }
      expect(await peer.frames(count)).toEqual(Array(count).fill('binary 1048576 bytes'))
      expect(recorder.names).toEqual(mark < sent ? ['open', 'drain'] : ['open'])
      expect(socket!.bufferedAmount).toBe(0)
    })
  },
)

test('ready resolves immediately below the high-water mark', async () => {
  await using recorder = await RecordingServer.start()
  await using _peer = await FramePeer.open(recorder.port)
  const [socket] = recorder.server.sockets
  expect(socket!.send('a')).toBe(true)
  await socket!.ready
})

test('a high-water mark of one byte holds nothing up while the kernel takes every message', async () => {
  const rooms: boolean[] = []
  await using recorder = await RecordingServer.start({
    highWaterMark: 1,
    open(socket) {
      for (const name of ['one', 'two', 'three']) rooms.push(socket.send(name))
      socket.close(1000)
    },
  })
  await using peer = await FramePeer.open(recorder.port)
  expect(await peer.frames(4)).toEqual(['text one', 'text two', 'text three', 'close 1000'])
  expect(rooms).toEqual([true, true, true])
  expect(recorder.names).toEqual(['open'])
})

test('an echo handler that awaits ready sends every message back to a slow peer', async () => {
  await using recorder = await RecordingServer.start({
    async message(socket, data) {
      if (!socket.send(data)) await socket.ready
    },
  })
  await using peer = await FramePeer.open(recorder.port)
  peer.raw.pause()
  const count = 20_000
  const sent = peer.send(...Array.from({ length: count }, (_, i) => text(`${i}`.padEnd(1000))))
  await recorder.until('message')
  peer.raw.resume()
  await sent
  const frames = await peer.frames(count)
  expect(frames.map(line => line.trimEnd())).toEqual(Array.from({ length: count }, (_, i) => `text ${i}`))
})

test('drain and ready are signaled for a high-water mark below that of the transport', async () => {
  const pendingWrites: (() => void)[] = []
  const transport = new Duplex({
    read() {},
    write: (_chunk, _encoding, done) => void pendingWrites.push(done),
  })
  const request = {
    method: 'GET',
    url: '/',
    httpVersion: '1.1',
    rawHeaders: requestHeaders(),
    socket: {},
  } as unknown as IncomingMessage
  const calls: string[] = []
  const server = new WebSocketServer({ highWaterMark: 1000, drain: () => void calls.push('drain') })
  server.handleUpgrade(request, transport, new Uint8Array(0))
  const [socket] = server.sockets
  expect(socket!.send('x'.repeat(2000))).toBe(false)
  await new Promise(setImmediate)
  expect(transport.writableNeedDrain).toBe(false)
  expect(socket!.bufferedAmount).toBeGreaterThan(2000)
  void socket!.ready.then(() => calls.push('ready'))
  for (let done = pendingWrites.shift(); done !== undefined; done = pendingWrites.shift()) done()
  await new Promise(setImmediate)
  expect(calls).toEqual(['drain', 'ready'])
  socket!.terminate()
  await server.close()
})

function requestHeaders(): string[] {
  const [, ...lines] = upgradeRequest().trimEnd().split('\r\n')
  return lines.flatMap(line => line.split(': '))
}

test('F13: answers every ping, but only the newest while nothing can be written', async () => {
  await using recorder = await RecordingServer.start(UNCAPPED)
  await using peer = await FramePeer.open(recorder.port)
  await peer.send(ping('a'), ping('b'))
  expect(await peer.frames(2)).toEqual(['pong a', 'pong b'])
  peer.raw.pause()
  const [socket] = recorder.server.sockets
  for (let i = 0; i < 32; i++) socket!.send(new Uint8Array(MEBIBYTE))
  await new Promise(setImmediate)
  await peer.send(...Array.from({ length: 1000 }, (_, i) => ping(`${i}`)), text('behind them'))
  await recorder.until('message')
  peer.raw.resume()
  const frames = await peer.frames(35)
  expect(frames.filter(line => line.startsWith('pong'))).toEqual(['pong a', 'pong b', 'pong 999'])
})

test('pause holds the peer back over TCP, and everything is received after resume', async () => {
  await using recorder = await RecordingServer.start({ open: socket => socket.pause() })
  await using peer = await FramePeer.open(recorder.port)
  const [socket] = recorder.server.sockets
  const message = binary(new Uint8Array(MEBIBYTE / 2))
  let isWritten = false
  const writing = peer.send(...Array<Uint8Array>(64).fill(message)).then(() => {
    isWritten = true
  })
  while (recorder.transports[0]?.isPaused() !== true) await new Promise(setImmediate)
  expect([isWritten, recorder.messages]).toEqual([false, []])
  socket!.resume()
  await writing
  await recorder.until('message', 64)
  expect(recorder.names).toEqual(['open', ...Array(64).fill('message')])
})
