// Rate limits (docs/hostile-inputs.md, rows R7, R8 and C12).

import { describe, expect, test } from 'vitest'
import { binary, close, FramePeer, ping, text } from './frame-peer.ts'
import { RecordingServer } from './recording-server.ts'
import { TestServer, turns } from './test-server.ts'

/** A rate so low that it allows no more than the burst during a test. */
const burstOnly = (burst: number) => ({ perSecond: 0.001, burst })

const tooMany = (unit: string) => ({
  code: 1008,
  reason: `too many ${unit} (RFC 6455 §7.4.1)`,
  wasClean: false,
  by: 'local',
  cause: expect.objectContaining({ closeCode: 1008 }),
})

describe('messageRate', () => {
  test('R7: closes with 1008 after the burst, whose messages are delivered', async () => {
    await using recorder = await RecordingServer.start({
      messageRate: burstOnly(3),
      message: (socket, data) => socket.send(data),
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

  test('R7: loses no message of the burst if handlers are asynchronous', async () => {
    await using recorder = await RecordingServer.start({ messageRate: burstOnly(3), message: () => turns(3) })
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(text('a'), text('b'), text('c'), text('d'))
    await peer.ended()
    expect(recorder.messages).toEqual(['a', 'b', 'c'])
    expect(recorder.reports).toEqual([tooMany('messages')])
  })

  test('never closes a peer that stays below it', async () => {
    await using recorder = await RecordingServer.start({ messageRate: { perSecond: 1_000_000, burst: 100 } })
    await using peer = await FramePeer.open(recorder.port)
    for (let i = 0; i < 50; i++) {
      await peer.send(...Array<Uint8Array>(20).fill(text('a')))
      await recorder.until('message', 20 * (i + 1))
    }
    await peer.send(close(1000))
    expect(await peer.ended()).toEqual(['close 1000'])
  })

  test('counts the messages of sessions and streams', async () => {
    const read: unknown[] = []
    let started = 0
    await using session = await TestServer.start({
      messageRate: burstOnly(2),
      async session(socket) {
        for await (const message of socket) read.push(message)
      },
    })
    await using stream = await TestServer.start({
      messageRate: burstOnly(2),
      async stream(_, message) {
        started++
        read.push(message.type === 'text' ? await message.text() : '')
      },
    })
    for (const server of [session, stream]) {
      await using peer = await FramePeer.open(server.port)
      await peer.send(text('a'), text('b'), text('c'))
      expect(await peer.ended()).toEqual(['close 1008 too many messages (RFC 6455 §7.4.1)'])
      expect(server.reports).toEqual([tooMany('messages')])
      expect(server.errors).toEqual([])
    }
    expect(read).toEqual(['a', 'b', 'a', 'b'])
    expect(started).toBe(2)
  })

  test('can differ for a route, and is counted per socket', async () => {
    await using recorder = await RecordingServer.start({ messageRate: burstOnly(1) })
    let count = 0
    recorder.server.route('/more', { messageRate: burstOnly(2), message: () => void count++ })
    await using one = await FramePeer.open(recorder.port, { path: '/more' })
    await using two = await FramePeer.open(recorder.port, { path: '/more' })
    for (const peer of [one, two]) {
      await peer.send(text('a'), text('b'), close(1000))
      expect(await peer.ended()).toEqual(['close 1000'])
    }
    expect(count).toBe(4)
  })
})

test('R8: pingRate closes with 1008 after the burst, whose pings are answered', async () => {
  await using recorder = await RecordingServer.start({ pingRate: burstOnly(2) })
  await using peer = await FramePeer.open(recorder.port)
  await peer.send(ping('a'), text('between'), ping('b'), ping('c'), text('behind'))
  const frames = await peer.ended()
  expect(frames.slice(0, 2)).toEqual(['pong a', 'pong b'])
  expect(frames.at(-1)).toBe('close 1008 too many pings (RFC 6455 §7.4.1)')
  expect(recorder.messages).toEqual(['between'])
  expect(recorder.reports).toEqual([tooMany('pings')])
})

test('R8: a flood of pings from a peer that does not read adds nothing to the queue', async () => {
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

test('byteRate closes with 1008 after the burst, whose messages are delivered', async () => {
  await using recorder = await RecordingServer.start({ byteRate: burstOnly(1000) })
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

test('byteRate closes after the asynchronous handlers of earlier messages', async () => {
  await using recorder = await RecordingServer.start({ byteRate: burstOnly(100), message: () => turns(30) })
  await using peer = await FramePeer.open(recorder.port)
  await peer.send(text('a'), text('b'), text('c'))
  await recorder.until('message')
  await peer.send(binary(new Uint8Array(200)))
  expect(await peer.ended()).toEqual(['close 1008 too many bytes (RFC 6455 §7.4.1)'])
  expect(recorder.messages).toEqual(['a', 'b', 'c'])
})
