// The budget for the buffers of all sockets, `maxTotalBuffered` (docs/guides/backpressure.md).

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Opcode } from '@ws/frame'
import { concat, RawPeer, upgradeRequest, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { observe, type ServerEvents } from '../src/diagnostics.ts'
import { type Socket, WebSocketServer } from '../src/index.ts'
import { binary, FramePeer, frame, text } from './frame-peer.ts'
import { gate, RecordingServer } from './recording-server.ts'

const KIBIBYTE = 1024
const MEBIBYTE = 1024 * KIBIBYTE
const CLOSED = 'close 1013 too much is buffered for all connections'

/** The first fragments of a message that goes on: this many of 16 bytes each. */
function fragments(count: number): Uint8Array {
  const first = frame(Opcode.binary, new Uint8Array(16), { fin: false })
  const next = frame(Opcode.continuation, new Uint8Array(16), { fin: false })
  return concat(first, ...Array.from({ length: count - 1 }, () => next))
}

/** Opens this many peers, one after another, so that their sockets are in the same order. */
async function openPeers(port: number, count: number): Promise<FramePeer[]> {
  const peers: FramePeer[] = []
  for (let i = 0; i < count; i++) peers.push(await FramePeer.open(port))
  return peers
}

/** Waits until the server has received at least this many bytes. */
async function received({ server }: RecordingServer, bytes: number): Promise<void> {
  while (server.stats().bytesReceived < bytes) await new Promise(setImmediate)
}

/** Buffers of all sockets. */
function total({ server }: RecordingServer): number {
  const { buffered, unread } = server.stats()
  return buffered + unread
}

function closeAll(peers: readonly FramePeer[]): void {
  for (const { raw } of peers) raw.reset()
}

describe('R13: maxTotalBuffered', () => {
  test('a peer that does not read is terminated when its output exceeds the budget, and no other', async () => {
    await using recorder = await RecordingServer.start({ maxTotalBuffered: 4 * MEBIBYTE })
    await using peer = await FramePeer.open(recorder.port)
    await using other = await FramePeer.open(recorder.port)
    const [slow, fast] = recorder.server.sockets
    peer.raw.pause()
    // The kernel takes some, too.
    for (let i = 0; slow!.state === 'open'; i++) {
      expect(i).toBeLessThan(500)
      slow!.send(new Uint8Array(128 * KIBIBYTE))
      fast!.send('tick')
      await new Promise(setImmediate)
    }
    expect(total(recorder)).toBeLessThan(MEBIBYTE)
    await recorder.until('close')
    expect(recorder.reports).toMatchObject([
      { code: 1006, by: 'local', wasClean: false, cause: { code: 'ERR_WS_MEMORY_LIMIT' } },
    ])
    await other.send(text('still open'))
    await recorder.until('message')
    expect(fast!.state).toBe('open')
  })

  test('a peer that sends many fragments is closed with 1013 when the message exceeds the budget', async () => {
    await using recorder = await RecordingServer.start({ maxTotalBuffered: 64 * KIBIBYTE })
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(fragments(5000))
    expect(await peer.ended()).toEqual([CLOSED])
    expect(recorder.reports).toMatchObject([
      { code: 1013, by: 'local', wasClean: false, cause: { code: 'ERR_WS_MEMORY_LIMIT' } },
    ])
    expect(total(recorder)).toBe(0)
    expect(recorder.server.stats()).toMatchObject({ sockets: 0, overflowed: 1, errors: 0 })
  })

  test('unread input behind a pending handler counts, and aborts the signal of the handler', async () => {
    const { opened, open } = gate()
    const aborted = Promise.withResolvers<unknown>()
    await using recorder = await RecordingServer.start({
      maxTotalBuffered: 32 * KIBIBYTE,
      message: async socket => {
        socket.signal.addEventListener('abort', () => aborted.resolve(socket.signal.reason))
        await opened
      },
    })
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(text('first'))
    await recorder.until('message')
    await peer.send(text('a'.repeat(48 * KIBIBYTE)))
    expect(await peer.frames(1)).toEqual([CLOSED])
    expect(await aborted.promise).toMatchObject({ name: 'AbortError', cause: { code: 1013 } })
    expect([total(recorder), recorder.reports]).toEqual([0, []])
    open()
    await recorder.until('close')
    expect(recorder.messages).toEqual(['first'])
  })

  test('a peer that is closed for what waits behind a pending handler is still read, to receive the Close', async () => {
    const { opened, open } = gate()
    await using recorder = await RecordingServer.start({
      maxTotalBuffered: 32 * KIBIBYTE,
      maxMessageSize: 32 * MEBIBYTE,
      closeTimeout: Number.POSITIVE_INFINITY,
      message: () => opened,
    })
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(text('first'))
    await recorder.until('message')
    const sent = peer.send(binary(new Uint8Array(24 * MEBIBYTE)))
    expect(await peer.frames(1)).toEqual([CLOSED])
    await sent
    expect(recorder.reports).toEqual([])
    open()
    await recorder.until('close')
  })

  test('single bytes that wait in chunks of their own count with the memory of a chunk', async () => {
    const { opened, open } = gate()
    await using recorder = await RecordingServer.start({
      maxTotalBuffered: 16 * KIBIBYTE,
      message: () => opened,
    })
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(text('first'))
    await recorder.until('message')
    const base = recorder.server.stats().bytesReceived
    const bytes = text('a'.repeat(200))
    let sent = 0
    for (; sent < bytes.length && recorder.server.stats().overflowed === 0; sent++) {
      await peer.send(bytes.subarray(sent, sent + 1))
      await received(recorder, base + sent + 1)
      await new Promise(setImmediate)
    }
    expect(sent).toBeLessThan(100)
    expect(await peer.frames(1)).toEqual([CLOSED])
    open()
  })

  test('of many peers, as many are closed as it takes to be within the budget', async () => {
    await using recorder = await RecordingServer.start({ maxTotalBuffered: MEBIBYTE })
    const peers = await openPeers(recorder.port, 40)
    const bytes = fragments(3000)
    await Promise.all(peers.map(peer => peer.send(bytes)))
    await received(recorder, 30 * bytes.length)
    await recorder.until('close')
    expect(total(recorder)).toBeLessThanOrEqual(MEBIBYTE)
    const { sockets, overflowed, closed } = recorder.server.stats()
    expect([overflowed, sockets]).toEqual([closed, 40 - closed])
    expect(sockets).toBeGreaterThanOrEqual(8)
    expect(closed).toBeGreaterThanOrEqual(10)
    closeAll(peers)
  })

  test('the peers that hold the most are closed first, whoever exceeds the budget', async () => {
    await using recorder = await RecordingServer.start({ maxTotalBuffered: 2 * MEBIBYTE })
    const peers = await openPeers(recorder.port, 12)
    const [one, two, ...others] = peers
    for (const heavy of [one!, two!]) await heavy.send(fragments(20_000))
    for (const light of others) await light.send(fragments(100))
    await received(recorder, 2 * fragments(20_000).length + 10 * fragments(100).length)
    expect(recorder.server.stats()).toMatchObject({ sockets: 12, overflowed: 0 })
    const sockets = [...recorder.server.sockets]
    let added = 0
    // Peers that hold little go on, until one of them exceeds the budget.
    while (recorder.server.stats().overflowed === 0) {
      const light = others[added++ % others.length]!
      expect(added).toBeLessThan(200)
      const base = recorder.server.stats().bytesReceived
      await light.send(frame(Opcode.continuation, new Uint8Array(8 * KIBIBYTE), { fin: false }))
      await received(recorder, base + 8 * KIBIBYTE)
      await new Promise(setImmediate)
    }
    const closed = sockets.filter(({ state }) => state !== 'open')
    expect(closed).toHaveLength(1)
    expect(sockets.slice(0, 2)).toContain(closed[0])
    closeAll(peers)
  })

  test('upgrades are answered 503 above the budget, and 101 again when peers have been closed', async () => {
    let heavy: Socket | undefined
    const server = new WebSocketServer({
      maxTotalBuffered: 64 * KIBIBYTE,
      open: socket => {
        heavy ??= socket
      },
    })
    const http = createServer()
    http.on('upgrade', (request, transport, head) => {
      if (request.url === '/late') {
        for (let i = 0; i < 160; i++) heavy!.send(new Uint8Array(128 * KIBIBYTE))
        // The messages are written first.
        process.nextTick(() => server.handleUpgrade(request, transport, head))
      } else server.handleUpgrade(request, transport, head)
    })
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const { port } = http.address() as AddressInfo
    await using peer = await FramePeer.open(port)
    peer.raw.pause()
    await using refused = await RawPeer.connect(port)
    await refused.write(upgradeRequest('/late'))
    const answer = new TextDecoder().decode(await refused.ended())
    expect(answer).toMatch(/^HTTP\/1\.1 503 .*\r\n\r\ntoo much is buffered for all connections/s)
    expect(answer).toContain('Retry-After: 5')
    expect(server.stats()).toMatchObject({ overflowed: 1, refused: 1 })
    await using _accepted = await FramePeer.open(port)
    await server.close({ timeout: 0 })
    http.close()
  })
})

test('the channel `overflow` publishes what was buffered, the limit and the number of closed sockets', async () => {
  const events: ServerEvents['overflow'][] = []
  const end = observe('overflow', event => events.push(event))
  await using recorder = await RecordingServer.start({ maxTotalBuffered: 64 * KIBIBYTE })
  await using peer = await FramePeer.open(recorder.port)
  await peer.send(fragments(5000))
  await peer.ended()
  end()
  const { server } = recorder
  expect(events).toEqual([{ buffered: expect.any(Number), limit: 64 * KIBIBYTE, closed: 1, server }])
  expect(events[0]!.buffered).toBeGreaterThan(64 * KIBIBYTE)
})

test('stats count messages in progress and unread messages as unread', async () => {
  const { opened, open } = gate()
  await using recorder = await RecordingServer.start({ message: () => opened })
  await using peer = await FramePeer.open(recorder.port)
  const bytes = concat(text('first'), text('second'))
  await peer.send(bytes)
  await received(recorder, bytes.length)
  expect(recorder.server.stats().unread).toBeGreaterThanOrEqual(text('second').length)
  open()
  await recorder.until('message', 2)
  expect(recorder.server.stats().unread).toBe(0)
  const begun = text('a'.repeat(1000), { fin: false })
  await peer.send(begun)
  await received(recorder, bytes.length + begun.length)
  expect(recorder.server.stats().unread).toBeGreaterThanOrEqual(utf8('a'.repeat(1000)).length)
})

test('with Infinity, nothing is closed', async () => {
  await using recorder = await RecordingServer.start({ maxTotalBuffered: Number.POSITIVE_INFINITY })
  await using peer = await FramePeer.open(recorder.port)
  await peer.send(fragments(5000))
  await received(recorder, fragments(5000).length)
  expect(recorder.server.stats()).toMatchObject({ sockets: 1, overflowed: 0 })
})
