// Limits for peers that read slowly or not at all (docs/hostile-inputs.md, row R5).

import { once } from 'node:events'
import { connect, type Socket as NetSocket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { upgradeRequest } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import type { Socket } from '../src/index.ts'
import { FramePeer, text } from './frame-peer.ts'
import { RecordingServer } from './recording-server.ts'
import { externalMemory, turns } from './test-server.ts'

const MEBIBYTE = 2 ** 20

class SlowPeer {
  readonly #socket: NetSocket
  #received = 0

  private constructor(socket: NetSocket) {
    this.#socket = socket
    socket.on('error', () => {})
  }

  static async open(port: number): Promise<SlowPeer> {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.write(upgradeRequest())
    await once(socket, 'readable')
    return new SlowPeer(socket)
  }

  /** Reads chunks with a pause of some milliseconds after each, up to `count` bytes or the end. */
  async read(count: number, pause: number): Promise<number> {
    while (this.#received < count && !this.#socket.destroyed && !this.#socket.readableEnded) {
      const chunk = this.#socket.read() as Buffer | null
      if (chunk === null) await Promise.race([once(this.#socket, 'readable'), once(this.#socket, 'close')])
      else {
        this.#received += chunk.length
        await wait(pause)
      }
    }
    return this.#received
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.closed) return
    const closed = once(this.#socket, 'close')
    this.#socket.destroy()
    await closed
  }
}

describe('R5: a peer that does not read', () => {
  test('is terminated above maxBufferedAmount and its memory is freed', async () => {
    await using recorder = await RecordingServer.start({
      maxBufferedAmount: 8 * MEBIBYTE,
      message: (socket, data) => socket.send(data),
    })
    await using other = await FramePeer.open(recorder.port)
    await using peer = await SlowPeer.open(recorder.port)
    const [, socket] = recorder.server.sockets
    const base = await externalMemory()
    let sent = 0
    let most = 0
    while (socket!.state === 'open') {
      expect(sent).toBeLessThan(200)
      socket!.send(new Uint8Array(MEBIBYTE))
      sent++
      most = Math.max(most, socket!.bufferedAmount)
      await new Promise(setImmediate)
    }
    expect(most).toBeGreaterThan(8 * MEBIBYTE)
    expect(most).toBeLessThanOrEqual(8 * MEBIBYTE + 4 * MEBIBYTE)
    expect(recorder.reports).toEqual([
      { code: 1006, reason: '', wasClean: false, by: 'local', cause: expect.any(Error) },
    ])
    expect(recorder.reports[0]!.cause).toMatchObject({
      message: `the peer does not read: more than ${8 * MEBIBYTE} bytes are buffered`,
    })
    expect([socket!.bufferedAmount, socket!.send('late')]).toEqual([0, false])
    if (!recorder.transports[1]!.closed) await once(recorder.transports[1]!, 'close')
    await turns()
    expect((await externalMemory()) - base).toBeLessThan(2 * MEBIBYTE)
    expect(recorder.errors).toEqual([])
    await other.send(text('still open'))
    expect(await other.frames(1)).toEqual(['text still open'])
    await peer.read(Number.POSITIVE_INFINITY, 0)
  })

  test('is terminated within one turn, and ready resolves', async () => {
    const calls: string[] = []
    await using recorder = await RecordingServer.start({
      maxBufferedAmount: MEBIBYTE,
      close: () => void calls.push('close'),
    })
    await using _peer = await SlowPeer.open(recorder.port)
    const [socket] = recorder.server.sockets
    socket!.send(new Uint8Array(MEBIBYTE))
    void socket!.ready.then(() => calls.push('ready'))
    for (let i = 0; i < 100; i++) socket!.send(new Uint8Array(MEBIBYTE))
    expect([socket!.state, socket!.bufferedAmount]).toEqual(['closed', 0])
    await socket!.ready
    await turns()
    expect(calls).toEqual(['ready', 'close'])
    expect(recorder.reports).toHaveLength(1)
  })

  test('is terminated when pings exceed maxBufferedAmount', async () => {
    await using recorder = await RecordingServer.start({ maxBufferedAmount: 1000 })
    await using _peer = await SlowPeer.open(recorder.port)
    const [socket] = recorder.server.sockets
    socket!.send(new Uint8Array(8 * MEBIBYTE))
    for (let i = 0; i < 100 && socket!.state === 'open'; i++) socket!.ping(new Uint8Array(125))
    expect([socket!.state, socket!.bufferedAmount]).toEqual(['closed', 0])
    await recorder.until('close')
    expect(recorder.reports).toMatchObject([{ code: 1006, by: 'local', cause: expect.any(Error) }])
  })

  test('is sent one message above maxBufferedAmount, and another behind it, if nothing was queued', async () => {
    await using recorder = await RecordingServer.start({ maxBufferedAmount: MEBIBYTE })
    await using peer = await FramePeer.open(recorder.port)
    const [socket] = recorder.server.sockets
    socket!.send(new Uint8Array(8 * MEBIBYTE))
    socket!.send('behind it')
    expect(await peer.frames(2)).toEqual([`binary ${8 * MEBIBYTE} bytes`, 'text behind it'])
    expect(recorder.reports).toEqual([])
  })

  test('C6: is not terminated by a send after close', async () => {
    await using recorder = await RecordingServer.start({ maxBufferedAmount: MEBIBYTE })
    await using peer = await FramePeer.open(recorder.port)
    const [socket] = recorder.server.sockets
    for (let i = 0; i < 2; i++) socket!.send(new Uint8Array(8 * MEBIBYTE))
    socket!.close(1000)
    expect(socket!.send('late')).toBe(false)
    expect(await peer.frames(3)).toEqual([
      `binary ${8 * MEBIBYTE} bytes`,
      `binary ${8 * MEBIBYTE} bytes`,
      'close 1000',
    ])
  })
})

describe('writeTimeout', () => {
  const options = { writeTimeout: 100, maxBufferedAmount: Number.POSITIVE_INFINITY }

  test.each([
    ['one large message', (socket: Socket) => socket.send(new Uint8Array(32 * MEBIBYTE))],
    [
      'many small messages',
      (socket: Socket) => {
        for (let i = 0; i < 2000; i++) socket.send(new Uint8Array(16 * 1024))
      },
    ],
  ])('terminates a peer that reads nothing of %s', async (_, send) => {
    await using recorder = await RecordingServer.start(options)
    await using peer = await SlowPeer.open(recorder.port)
    const [socket] = recorder.server.sockets
    send(socket!)
    await recorder.until('close')
    expect(recorder.reports).toEqual([
      { code: 1006, reason: '', wasClean: false, by: 'local', cause: expect.any(Error) },
    ])
    expect(recorder.reports[0]!.cause).toMatchObject({
      code: 'ERR_WS_WRITE_TIMEOUT',
      message: 'the peer accepted no data for 100 ms',
    })
    expect(socket!.bufferedAmount).toBe(0)
    await peer.read(Number.POSITIVE_INFINITY, 0)
  })

  test('terminates a peer that reads nothing while more is sent', async () => {
    await using recorder = await RecordingServer.start(options)
    await using _peer = await SlowPeer.open(recorder.port)
    const [socket] = recorder.server.sockets
    for (let i = 0; i < 1000 && socket!.state === 'open'; i++) {
      socket!.send(new Uint8Array(MEBIBYTE / 8))
      await wait(2)
    }
    expect(socket!.state).toBe('closed')
    expect(recorder.reports[0]!.cause).toMatchObject({
      code: 'ERR_WS_WRITE_TIMEOUT',
      message: 'the peer accepted no data for 100 ms',
    })
  })

  test.each([
    ['one message of 48 MiB', 1, 48 * MEBIBYTE],
    ['messages of 64 KiB', 768, 64 * 1024],
  ])('keeps a peer that reads %s slowly but steadily', async (_, count, size) => {
    // The kernel accepts data in steps of some MiB. Each step must take less than this, and all
    // steps together more.
    const writeTimeout = 600
    await using recorder = await RecordingServer.start({ ...options, writeTimeout })
    await using peer = await SlowPeer.open(recorder.port)
    const [socket] = recorder.server.sockets
    for (let i = 0; i < count; i++) socket!.send(new Uint8Array(size))
    const start = performance.now()
    expect(await peer.read(count * size, 2)).toBeGreaterThanOrEqual(count * size)
    expect(performance.now() - start).toBeGreaterThan(2 * writeTimeout)
    expect(recorder.reports).toEqual([])
  })

  test('does not apply while nothing is queued', async () => {
    await using recorder = await RecordingServer.start({ ...options, writeTimeout: 20 })
    await using peer = await FramePeer.open(recorder.port)
    const [socket] = recorder.server.sockets
    socket!.send('a')
    await wait(100)
    socket!.send('b')
    expect(await peer.frames(2)).toEqual(['text a', 'text b'])
    expect(recorder.reports).toEqual([])
  })
})
