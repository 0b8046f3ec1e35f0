// Pings to silent peers (docs/hostile-inputs.md, rows R3, R9, T12, L11, L13 and L14).

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { performance } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Opcode } from '@ws/frame'
import { utf8 } from '@ws/testing'
import { expect, test } from 'vitest'
import type { Socket } from '../src/index.ts'
import { FramePeer, frame, ping, text } from './frame-peer.ts'
import { RecordingServer } from './recording-server.ts'

const SERVER = fileURLToPath(new URL('../src/index.ts', import.meta.url))

function pings(frames: readonly string[]): string[] {
  return frames.filter(line => line.startsWith('ping '))
}

function firstPing({ raw, head }: FramePeer): Uint8Array {
  const [opcode, length] = raw.received.subarray(head.length)
  expect([opcode, length]).toEqual([0x80 | Opcode.ping, 4])
  return raw.received.slice(head.length + 2, head.length + 6)
}

function pong(payload: Uint8Array): Uint8Array {
  return frame(Opcode.pong, payload)
}

test('R3, R9: pings a silent peer once, and terminates it without an answer', async () => {
  await using recorder = await RecordingServer.start({ pingInterval: 40, pongTimeout: 40 })
  const start = performance.now()
  await using peer = await FramePeer.open(recorder.port)
  const frames = await peer.ended()
  expect(performance.now() - start).toBeGreaterThan(70)
  expect(pings(frames)).toHaveLength(1)
  expect(frames).toHaveLength(1)
  const [report] = recorder.reports
  expect(report).toEqual({ code: 1006, reason: '', wasClean: false, by: 'local', cause: expect.any(Error) })
  expect(report!.cause).toMatchObject({ message: 'no sign of life within 40 ms of a ping' })
  expect(recorder.errors).toEqual([])
})

test('keeps a peer that answers, and measures its latency', async () => {
  await using recorder = await RecordingServer.start({ pingInterval: 40, pongTimeout: 40 })
  await using peer = await FramePeer.open(recorder.port)
  const [socket] = recorder.server.sockets
  expect(socket!.latency).toBeUndefined()
  await peer.frames(1)
  await peer.send(pong(firstPing(peer)))
  for (let count = 2; count < 6; count++) {
    expect(pings(await peer.frames(count))).toHaveLength(count)
    await peer.send(pong(utf8('unsolicited')))
  }
  expect(socket!.latency).toBeGreaterThan(0)
  expect(socket!.latency).toBeLessThan(1000)
  expect(recorder.reports).toEqual([])
})

test.each([
  ['messages', text('a')],
  ['pings', ping('a')],
  ['the bytes of a slow message', new Uint8Array([0])],
])('sends no ping while %s are received', async (_, bytes) => {
  await using recorder = await RecordingServer.start({ pingInterval: 60, pongTimeout: 60 })
  await using peer = await FramePeer.open(recorder.port)
  if (bytes.length === 1) await peer.send(frame(Opcode.binary, new Uint8Array(100)).subarray(0, 10))
  for (let i = 0; i < 30; i++) {
    await peer.send(bytes)
    await wait(10)
  }
  expect(recorder.reports).toEqual([])
  expect(peer.raw.received.length - peer.head.length).toBe(bytes[0] === 0x89 ? 30 * 3 : 0)
})

test('L14: keeps a peer whose pong was received while the event loop was blocked beyond pongTimeout', async () => {
  await using recorder = await RecordingServer.start({
    pingInterval: 40,
    pongTimeout: 40,
    message: (socket, data) => socket.send(data),
  })
  await using peer = await FramePeer.open(recorder.port)
  for (let stall = 1; stall <= 3; stall++) {
    const before = peer.raw.received.length
    await peer.raw.until(received => received.length >= before + 6)
    const sent = peer.send(pong(utf8('here I am')))
    const until = performance.now() + 400
    while (performance.now() < until);
    await sent
    await new Promise(setImmediate)
  }
  await peer.send(text('alive'))
  await peer.raw.until(received => received.includes(utf8('alive')[0]!))
  expect(recorder.reports).toEqual([])
})

test('L14: leaves peers pongTimeout to answer after the event loop was blocked between two checks', async () => {
  await using recorder = await RecordingServer.start({ pingInterval: 40, pongTimeout: 40 })
  await using peer = await FramePeer.open(recorder.port)
  const until = performance.now() + 400
  while (performance.now() < until);
  await peer.frames(1)
  await peer.send(pong(firstPing(peer)))
  expect(pings(await peer.frames(2))).toHaveLength(2)
  expect(recorder.reports).toEqual([])
})

test('L13: keeps a peer whose pong was received while the process was stopped', async () => {
  await using program = start(`
    import { WebSocketServer } from ${JSON.stringify(SERVER)}
    const server = new WebSocketServer({
      pingInterval: 40,
      pongTimeout: 40,
      message: (socket, data) => socket.send(data),
      close: (_, report) => console.log('closed', report.code),
    })
    const { port } = await server.listen(0)
    console.log(port)
  `)
  const [line] = (await once(program.child.stdout!, 'data')) as [Buffer]
  await using peer = await FramePeer.open(Number(line.toString()))
  await peer.frames(1)
  program.child.kill('SIGSTOP')
  await peer.send(pong(utf8('here I am')), text('alive'))
  await wait(400)
  program.child.kill('SIGCONT')
  await peer.raw.until(received => Buffer.from(received).includes('alive'))
  expect(peer.raw.received.length).toBeGreaterThan(0)
})

test('L11: does not keep the process alive with its timers', async () => {
  await using program = start(`
    import { Duplex } from 'node:stream'
    import { WebSocketServer } from ${JSON.stringify(SERVER)}
    const transport = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
    const lines = { Host: 'localhost', Upgrade: 'websocket', Connection: 'Upgrade',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version': '13' }
    const request = { method: 'GET', url: '/', httpVersion: '1.1', rawHeaders: Object.entries(lines).flat(), socket: {} }
    const server = new WebSocketServer({ pingInterval: 100, session: async socket => { for await (const _ of socket); } })
    server.handleUpgrade(request, transport, new Uint8Array(0))
    console.log(server.sockets.size)
  `)
  let output = ''
  program.child.stdout!.on('data', (data: Buffer) => {
    output += data.toString()
  })
  const [code] = (await once(program.child, 'close')) as [number]
  expect([code, output]).toEqual([0, '1\n'])
})

/** Runs a program in a process that is killed at the end of the scope. */
function start(source: string) {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  return {
    child,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await closed
    },
  }
}

test('a heartbeat of your own, as for `ws`, keeps the peers that answer and ends the others', async () => {
  const alive = new Set<Socket>()
  await using recorder = await RecordingServer.start({
    pingInterval: Number.POSITIVE_INFINITY,
    open: socket => void alive.add(socket),
    pong: socket => void alive.add(socket),
  })
  const heartbeat = () => {
    for (const socket of recorder.server.sockets) {
      if (alive.delete(socket)) socket.ping()
      else socket.terminate()
    }
  }
  await using healthy = await FramePeer.open(recorder.port)
  await using silent = await FramePeer.open(recorder.port)
  for (let beat = 1; beat <= 3; beat++) {
    heartbeat()
    // Our ping, and the answer to its ping, which follows its pong.
    expect(await healthy.frames(2 * beat - 1)).toHaveLength(2 * beat - 1)
    await healthy.send(pong(utf8('')), ping(`after ${beat}`))
    expect(await healthy.frames(2 * beat)).toContain(`pong after ${beat}`)
  }
  expect(await silent.ended()).toEqual(['ping '])
  expect(recorder.server.sockets.size).toBe(1)
})
