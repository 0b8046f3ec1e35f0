// Connections that end during something else: a transform at work, an error beside a close, a jump
// of the system clock (L7, L9 and L12 of docs/hostile-inputs.md).

import { once } from 'node:events'
import type { Socket as NetSocket } from 'node:net'
import { End, settled, text as textFrame } from '@ws/protocol/test/end'
import { RSV1, turn, XorExtension } from '@ws/protocol/test/xor'
import { close, FramePeer, frame, text } from '@ws/server/test/frame-peer'
import { RecordingServer } from '@ws/server/test/recording-server'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { ServerApart } from './apart.ts'

describe('L7: terminate while a message is being transformed', () => {
  test.each([false, true])('that comes in: nothing of it is told (streamed: %s)', async streamed => {
    const extension = new XorExtension({ mode: 'jobs' })
    const end = new End('server', { extension, streamed })
    end.receive({ ...textFrame('late'), payload: turn(new TextEncoder().encode('late')), rsv: RSV1 })
    expect(extension.jobs).toHaveLength(1)
    end.protocol.terminate()
    expect(extension.closed).toBe(1)
    extension.jobs[0]!()
    await settled()
    expect(end.events).toEqual(['closed abnormally by local: 1006'])
    expect(end.protocol.transportAction).toBe('destroy')
    expect(extension.late).toBe(0)
  })

  test('that goes out, with others behind it: nothing of them is written', async () => {
    const extension = new XorExtension({ mode: 'jobs' })
    const end = new End('server', { extension })
    for (const message of ['one', 'two', 'three']) expect(end.protocol.send(message)).toBe(true)
    expect(extension.jobs).toHaveLength(1)
    end.protocol.terminate()
    end.protocol.takeOutput()
    for (let settledJobs = 0; settledJobs < extension.jobs.length; settledJobs++) {
      extension.jobs[settledJobs]!()
      await settled()
    }
    expect(end.written()).toEqual([])
    expect(end.events).toEqual(['closed abnormally by local: 1006'])
    expect(end.protocol.bufferedLength).toBe(0)
    expect(extension).toMatchObject({ closed: 1, late: 0 })
  })

  test.each(['resolves', 'rejects'])('from within: the transform then %s, and nobody is told', async how => {
    const fault = how === 'rejects' ? { fault: () => new Error('late') } : {}
    const extension = new XorExtension({ mode: 'later', ...fault })
    const end = new End('server', { extension, on: (_, protocol) => protocol.terminate() })
    end.protocol.send('out')
    end.receive(textFrame('in clear'))
    await settled()
    expect(end.events).toEqual(['text: in clear', 'closed abnormally by local: 1006'])
    expect(extension.closed).toBe(1)
  })
})

describe('L9: an error and a close in the same tick are one event', () => {
  const broken = frame(1, new Uint8Array([0xff]))
  type Act = (transport: NetSocket, peer: FramePeer) => void

  test.each<[string, Act, number]>([
    [
      'destroy with an error, then without',
      transport => void transport.destroy(new Error('a')).destroy(),
      1006,
    ],
    [
      'an error that is emitted, and destroy',
      transport => {
        transport.emit('error', new Error('a'))
        transport.destroy()
      },
      1006,
    ],
    [
      'an end, an error and a close, all emitted',
      transport => {
        transport.emit('end')
        transport.emit('error', new Error('a'))
        transport.emit('close', true)
        transport.destroy(new Error('b'))
      },
      1006,
    ],
    [
      'a Close and a reset of the peer',
      (_, peer) => {
        void peer.send(close(4000))
        peer.raw.reset()
      },
      0,
    ],
    [
      'bytes that break the protocol, and a reset',
      (_, peer) => {
        void peer.send(broken)
        peer.raw.reset()
      },
      0,
    ],
    [
      'FIN of the peer, and an error',
      (transport, peer) => {
        peer.raw.end()
        transport.destroy(new Error('a'))
      },
      1006,
    ],
  ])('%s', async (_, act, code) => {
    let closed = 0
    await using recorder = await RecordingServer.start({ close: () => void closed++ })
    const peer = await FramePeer.open(recorder.port)
    const [transport] = recorder.transports
    const gone = new Promise<void>(resolve => transport!.on('close', () => resolve()))
    const [socket] = recorder.server.sockets
    act(transport!, peer)
    await socket!.closed
    await gone
    await new Promise(setImmediate)
    expect(closed).toBe(1)
    expect(recorder.names).toEqual(['open', 'close'])
    if (code !== 0) expect(recorder.reports[0]!.code).toBe(code)
    expect(recorder.server.stats()).toMatchObject({ opened: 1, closed: 1, sockets: 0 })
    await peer[Symbol.asyncDispose]()
  })

  test('an error of the handler, terminate and a reset in one turn', async () => {
    const failure = new Error('a bug')
    await using recorder = await RecordingServer.start({
      message(socket) {
        socket.close(4000)
        socket.terminate()
        recorder.transports[0]!.destroy(new Error('network'))
        throw failure
      },
    })
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(text('go'))
    await recorder.until('error')
    await recorder.until('close')
    expect(recorder.names).toEqual(['open', 'message', 'error', 'close'])
    expect(recorder.errors).toEqual([failure])
  })
})

test('L12: a wall clock that jumps by an hour, there and back, is noticed by nobody', async () => {
  const PING_INTERVAL = 200
  await using server = await ServerApart.start({
    options: { pingInterval: PING_INTERVAL, pongTimeout: 5000, messageTimeout: 5000, closeTimeout: 5000 },
  })
  const clients = Array.from({ length: 20 }, () => new WebSocket(`ws://127.0.0.1:${server.port}/`))
  let pings = 0
  let ended = 0
  for (const client of clients) client.on('ping', () => pings++).on('close', () => ended++)
  await Promise.all(clients.map(client => once(client, 'open')))
  const jumps = ['one-hour-on', 'one-hour-back', 'one-hour-back', 'one-hour-on'] as const
  const start = performance.now()
  await using halfway = await FramePeer.open(server.port)
  const message = text('halfway there')
  for (const jump of jumps) {
    await halfway.send(message.subarray(0, 10))
    // Until its clock has looked at what it waits for.
    await Promise.all(clients.map(client => once(client, 'ping')))
    await server.ask(jump)
    await Promise.all(clients.map(client => once(client, 'ping')))
    await halfway.send(message.subarray(10))
    for (const client of clients) client.send('alive')
    await Promise.all(clients.map(client => once(client, 'message')))
  }
  const rounds = (performance.now() - start) / (0.9 * PING_INTERVAL)
  expect(ended).toBe(0)
  expect(pings).toBeLessThanOrEqual(20 * (rounds + 1))
  await halfway.send(close(1000))
  expect((await halfway.ended()).filter(line => line === 'text halfway there')).toHaveLength(jumps.length)
  halfway.raw.end()
  const closes = clients.map(client => once(client, 'close'))
  for (const client of clients) client.close(1000)
  for (const [code] of await Promise.all(closes)) expect(code).toBe(1000)
  const { endings, errors, stats } = await server.ask('glance')
  expect({ endings, errors, sockets: stats.sockets }).toEqual({
    endings: { '1000 by peer': 21 },
    errors: [],
    sockets: 0,
  })
})
