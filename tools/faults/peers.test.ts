// One peer that reads slowly, writes slowly or vanishes, among others that do not. Its connection
// ends with a report that says why, and the others are not affected (R3, R4, R5 and T12 of
// docs/hostile-inputs.md).

import { once } from 'node:events'
import { Opcode } from '@ws/frame'
import type { Socket } from '@ws/server'
import { binary, close, FramePeer, frame, ping, text } from '@ws/server/test/frame-peer'
import { RecordingServer } from '@ws/server/test/recording-server'
import { FaultProxy } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'

const MEBIBYTE = 2 ** 20
const echo = { message: (socket: Socket, data: string | Uint8Array) => socket.send(data) }

/** The sockets of a server, by the `?name` with which they came. */
function find({ server }: RecordingServer, name: string): Socket {
  return [...server.sockets].find(({ search }) => search === `?${name}`)!
}

describe('R5: a subscriber that does not read', () => {
  test.each([
    [
      'maxBufferedAmount',
      { maxBufferedAmount: MEBIBYTE },
      'queue',
      1006,
      'the peer does not read: more than 1048576 bytes are buffered',
    ],
    [
      'writeTimeout',
      { writeTimeout: 80, maxBufferedAmount: 2 ** 40 },
      'queue',
      1006,
      'the peer accepted no data for 80 ms',
    ],
    ['the policy "close"', { closeTimeout: 80 }, 'close', 1006, undefined],
  ] as const)('is ended by %s; the others get everything', async (_, limits, slow, code, cause) => {
    await using recorder = await RecordingServer.start({
      ...limits,
      open: socket => socket.subscribe('news'),
    })
    await using proxy = await FaultProxy.start(recorder.port)
    await using deaf = await FramePeer.open(proxy.port, { path: '/?deaf' })
    deaf.raw.pause()
    const others = await Promise.all(Array.from({ length: 5 }, () => FramePeer.open(recorder.port)))
    const socket = find(recorder, 'deaf')
    let published = 0
    while (socket.state === 'open') {
      expect(published).toBeLessThan(2000)
      expect(recorder.server.publish('news', new Uint8Array(MEBIBYTE / 8), { slow })).toBeGreaterThan(4)
      published++
      await Promise.all(others.map(other => other.frames(published)))
    }
    const report = await socket.closed
    expect(report).toMatchObject({ code, wasClean: false, by: 'local' })
    if (cause !== undefined) expect(report.cause).toMatchObject({ message: cause })
    recorder.server.publish('news', 'the last', { slow })
    for (const other of others) {
      const frames = await other.frames(published + 1)
      expect(frames).toEqual([...Array(published).fill(`binary ${MEBIBYTE / 8} bytes`), 'text the last'])
      other.raw.reset()
    }
    expect(recorder.reports[0]).toBe(report)
    expect(recorder.errors).toEqual([])
  })
})

describe('R4: who sends a byte at a time', () => {
  const fragment = frame(Opcode.binary, new Uint8Array(20), { fin: false })

  test.each([
    ['one frame', [binary(new Uint8Array(2000))]],
    [
      'a fragment, and pings without end behind it',
      [fragment, ...Array<Uint8Array>(200).fill(ping('alive'))],
    ],
  ])('and is not done with a message in time reads 1008: %s', async (_, frames) => {
    await using recorder = await RecordingServer.start({ messageTimeout: 150, ...echo })
    await using proxy = await FaultProxy.start(recorder.port, { toServer: { bandwidth: 2000, slice: 1 } })
    await using peer = await FramePeer.open(proxy.port)
    const start = performance.now()
    void peer.send(...frames)
    expect((await peer.ended()).at(-1)).toMatch(/^close 1008 message not complete after 150 ms/)
    expect(performance.now() - start).toBeGreaterThan(145)
    expect(recorder.messages).toEqual([])
    await recorder.until('close')
    expect(recorder.reports).toMatchObject([{ code: 1008, by: 'local' }])
  })

  test('but is done in time is served: request, messages and Close', async () => {
    await using recorder = await RecordingServer.start(echo)
    await using proxy = await FaultProxy.start(recorder.port, {
      toServer: { slice: 1 },
      toClient: { slice: 1, latency: 5, jitter: 5 },
    })
    await using peer = await FramePeer.open(proxy.port)
    await peer.send(text('Straße 𝄞'), binary(new Uint8Array(300)), close(1000, 'bye'))
    expect(await peer.ended()).toEqual(['text Straße 𝄞', 'binary 300 bytes', 'close 1000 bye'])
    expect(recorder.reports).toEqual([{ code: 1000, reason: 'bye', wasClean: true, by: 'peer' }])
  })
})

describe('T12, R3: a peer that vanishes', () => {
  const PING_INTERVAL = 100
  const PONG_TIMEOUT = 60

  test('without an end is torn down when it does not answer a ping, and the others live', async () => {
    await using recorder = await RecordingServer.start({
      pingInterval: PING_INTERVAL,
      pongTimeout: PONG_TIMEOUT,
      ...echo,
    })
    await using proxy = await FaultProxy.start(recorder.port)
    const vanishing = new WebSocket(`ws://127.0.0.1:${proxy.port}/?vanishing`)
    const other = new WebSocket(`ws://127.0.0.1:${recorder.port}/`)
    vanishing.on('error', () => {})
    await Promise.all([once(vanishing, 'open'), once(other, 'open'), recorder.until('open', 2)])
    const socket = find(recorder, 'vanishing')
    // It answers pings as long as they reach it.
    await once(vanishing, 'ping')
    await once(vanishing, 'ping')
    expect(socket.state).toBe('open')
    const start = performance.now()
    proxy.stall()
    const report = await socket.closed
    const took = performance.now() - start
    expect(report).toMatchObject({
      code: 1006,
      by: 'local',
      cause: { message: `no sign of life within ${PONG_TIMEOUT} ms of a ping` },
    })
    // Both times, ± 10 %, and two looks of the clock; more, for a machine that has other things to do.
    expect(took).toBeGreaterThan(PONG_TIMEOUT)
    expect(took).toBeLessThan(4 * (PING_INTERVAL + PONG_TIMEOUT))
    // What it said meanwhile comes too late.
    const closed = once(vanishing, 'close')
    vanishing.send('I am here')
    proxy.release()
    expect((await closed)[0]).toBe(1006)
    other.send('so am I')
    expect(String((await once(other, 'message'))[0])).toBe('so am I')
    expect(recorder.messages).toEqual(['so am I'])
    expect(recorder.reports).toHaveLength(1)
    other.terminate()
  })

  test('while its Close is awaited is torn down at closeTimeout', async () => {
    await using recorder = await RecordingServer.start({ closeTimeout: 60 })
    await using proxy = await FaultProxy.start(recorder.port)
    await using _peer = await FramePeer.open(proxy.port)
    const [socket] = recorder.server.sockets
    proxy.stall()
    socket!.close(1000)
    expect(await socket!.closed).toMatchObject({ code: 1006, wasClean: false, by: 'local' })
    expect(recorder.server.sockets.size).toBe(0)
  })
})
