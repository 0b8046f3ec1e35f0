// How much a peer may do in a time: more is answered with 1008, and what it did before is not lost (HOSTILE.md R7, R8, C12).

import { describe, expect, test } from 'vitest'
import { binary, close, FramePeer, ping, text } from './frame-peer.ts'
import { RecordingServer } from './recording-server.ts'
import { TestServer, turns } from './test-server.ts'

/** So slow that nothing is given back during a test. */
const slowly = (burst: number) => ({ perSecond: 0.001, burst })

const tooMany = (what: string) => ({
  code: 1008,
  reason: `too many ${what} (RFC 6455 §7.4.1)`,
  clean: false,
  by: 'local',
  cause: expect.objectContaining({ closeCode: 1008 }),
})

describe('messages', () => {
  test('R7: 1008 behind the burst; those of the burst are handed on', async () => {
    await using recorder = await RecordingServer.start({
      messageRate: slowly(3),
      message: (socket, data) => void socket.send(data),
    })
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(text('a'), text('b'), text('c'), text('d'), text('e'))
    expect(await peer.ended()).toEqual([
      'text a',
      'text b',
      'text c',
      'close 1008 too many messages (RFC 6455 §7.4.1)',
    ])
    expect(recorder.messages).toEqual(['a', 'b', 'c'])
    expect(recorder.reports).toEqual([tooMany('messages')])
    expect(recorder.errors).toEqual([])
  })

  test('R7: none is lost where each is awaited', async () => {
    await using recorder = await RecordingServer.start({ messageRate: slowly(3), message: () => turns(3) })
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(text('a'), text('b'), text('c'), text('d'))
    await peer.ended()
    expect(recorder.messages).toEqual(['a', 'b', 'c'])
    expect(recorder.reports).toEqual([tooMany('messages')])
  })

  test('as many as the rate gives back go on for ever', async () => {
    await using recorder = await RecordingServer.start({ messageRate: { perSecond: 1_000_000, burst: 100 } })
    await using peer = await FramePeer.open(recorder.port)
    for (let i = 0; i < 50; i++) {
      await peer.send(...Array<Uint8Array>(20).fill(text('a')))
      await recorder.until('message', 20 * (i + 1))
    }
    await peer.send(close(1000))
    expect(await peer.ended()).toEqual(['close 1000'])
  })

  test('those of a session and of a stream are counted too', async () => {
    const read: unknown[] = []
    let began = 0
    await using session = await TestServer.start({
      messageRate: slowly(2),
      async session(socket) {
        for await (const message of socket) read.push(message)
      },
    })
    await using stream = await TestServer.start({
      messageRate: slowly(2),
      async stream(_, message) {
        began++
        read.push(await message.text())
      },
    })
    for (const served of [session, stream]) {
      await using peer = await FramePeer.open(served.port)
      await peer.send(text('a'), text('b'), text('c'))
      expect(await peer.ended()).toEqual(['close 1008 too many messages (RFC 6455 §7.4.1)'])
      expect(served.reports).toEqual([tooMany('messages')])
      expect(served.errors).toEqual([])
    }
    expect(read).toEqual(['a', 'b', 'a', 'b'])
    expect(began).toBe(2)
  })

  test('a route may allow others than its server, and a socket spends nothing of another', async () => {
    await using recorder = await RecordingServer.start({ messageRate: slowly(1) })
    let count = 0
    recorder.server.route('/more', { messageRate: slowly(2), message: () => void count++ })
    await using one = await FramePeer.open(recorder.port, { path: '/more' })
    await using two = await FramePeer.open(recorder.port, { path: '/more' })
    for (const peer of [one, two]) {
      await peer.send(text('a'), text('b'), close(1000))
      expect(await peer.ended()).toEqual(['close 1000'])
    }
    expect(count).toBe(4)
  })
})

test('R8: pings above their rate end in 1008, those of the burst are answered', async () => {
  await using recorder = await RecordingServer.start({ pingRate: slowly(2) })
  await using peer = await FramePeer.open(recorder.port)
  await peer.send(ping('a'), text('between'), ping('b'), ping('c'), text('behind'))
  const frames = await peer.ended()
  expect(frames.slice(0, 2)).toEqual(['pong a', 'pong b'])
  expect(frames.at(-1)).toBe('close 1008 too many pings (RFC 6455 §7.4.1)')
  expect(recorder.messages).toEqual(['between'])
  expect(recorder.reports).toEqual([tooMany('pings')])
})

test('R8: a flood of pings from a peer that does not read is answered by few', async () => {
  await using recorder = await RecordingServer.start({ maxBufferedAmount: Number.POSITIVE_INFINITY })
  await using peer = await FramePeer.open(recorder.port)
  peer.raw.pause()
  const [socket] = recorder.server.sockets
  for (let i = 0; i < 32; i++) socket!.send(new Uint8Array(2 ** 20))
  await turns()
  const before = socket!.bufferedAmount
  for (let i = 0; i < 100; i++) await peer.send(...Array<Uint8Array>(1000).fill(ping('flood')))
  await peer.send(text('behind'))
  await recorder.until('message')
  expect(socket!.bufferedAmount).toBeLessThanOrEqual(before)
  socket!.terminate()
})

test('bytes: 1008 behind the burst; the messages before it are handed on', async () => {
  await using recorder = await RecordingServer.start({ byteRate: slowly(1000) })
  await using peer = await FramePeer.open(recorder.port)
  for (let i = 1; i <= 9; i++) {
    await peer.send(binary(new Uint8Array(94)))
    await recorder.until('message', i)
  }
  await peer.send(binary(new Uint8Array(500)))
  expect(await peer.ended()).toEqual(['close 1008 too many bytes (RFC 6455 §7.4.1)'])
  expect(recorder.messages).toHaveLength(9)
  expect(recorder.reports).toEqual([tooMany('bytes')])
})

test('bytes: what came before waits for its handler, and so does the 1008 behind it', async () => {
  await using recorder = await RecordingServer.start({ byteRate: slowly(100), message: () => turns(30) })
  await using peer = await FramePeer.open(recorder.port)
  await peer.send(text('a'), text('b'), text('c'))
  await recorder.until('message')
  await peer.send(binary(new Uint8Array(200)))
  expect(await peer.ended()).toEqual(['close 1008 too many bytes (RFC 6455 §7.4.1)'])
  expect(recorder.messages).toEqual(['a', 'b', 'c'])
})
