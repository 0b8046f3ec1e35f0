// Peers that close, or vanish, while a handler of their socket is pending, over real sockets
// (docs/hostile-inputs.md, rows L16–L18).

import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { close, FramePeer, ping, text } from './frame-peer.ts'
import { gate, RecordingServer } from './recording-server.ts'

describe('while a handler is pending', () => {
  test('L16: a ping is answered', async () => {
    const { opened, open } = gate()
    await using recorder = await RecordingServer.start({ message: () => opened })
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(text('slow'), ping('alive?'))
    expect(await peer.frames(1)).toEqual(['pong alive?'])
    open()
  })

  test.each(['a Close', 'FIN', 'a reset'])(
    'L16: %s is noticed, and the transport is closed',
    async ending => {
      const { opened, open } = gate()
      await using recorder = await RecordingServer.start({ message: () => opened })
      await using peer = await FramePeer.open(recorder.port, { first: text('slow') })
      await recorder.until('message')
      const [socket] = recorder.server.sockets
      const transportClosed = once(recorder.transports[0]!, 'close').catch(() => {})
      const aborted = once(socket!.signal, 'abort')
      if (ending === 'a Close') await peer.send(close(4000))
      if (ending === 'a reset') peer.raw.reset()
      else peer.raw.end()
      await aborted
      expect(socket!.state).toBe('closing')
      expect(await socket!.closed).toMatchObject(
        ending === 'a Close' ? { code: 4000, by: 'peer' } : { code: 1006, by: 'network' },
      )
      if (ending !== 'a Close') await transportClosed
      expect(recorder.reports).toEqual([])
      open()
      await recorder.until('close')
      await transportClosed
    },
  )

  test('L17: 50 sockets whose open handlers await the end are closed when their clients have gone', async () => {
    await using recorder = await RecordingServer.start({
      async open(socket) {
        await socket.closed
      },
    })
    const peers = await Promise.all(Array.from({ length: 50 }, () => FramePeer.open(recorder.port)))
    peers.forEach((peer, i) => {
      if (i % 2 === 0) peer.raw.reset()
      else void peer.send(text('unread'), close(1000)).then(() => peer.raw.end())
    })
    await recorder.until('close', 50)
    expect(recorder.server.sockets.size).toBe(0)
  })
})

test('L16: above 64 KiB of unread input, a peer that has gone is noticed within two ping intervals', async () => {
  await using recorder = await RecordingServer.start({
    message: () => new Promise(() => {}),
    pingInterval: 50,
    pongTimeout: 1_000_000,
  })
  await using peer = await FramePeer.open(recorder.port, { first: text('slow') })
  await recorder.until('message')
  const [socket] = recorder.server.sockets
  const paused = once(recorder.transports[0]!, 'pause')
  void peer.send(...Array.from({ length: 2000 }, () => text('b'.repeat(100)))).catch(() => {})
  await paused
  peer.raw.reset()
  expect(await socket!.closed).toMatchObject({ code: 1006, by: 'network' })
})

describe('maxSockets', () => {
  test('L18: counts a socket until its handlers settle', async () => {
    const { opened, open } = gate()
    await using recorder = await RecordingServer.start({ maxSockets: 1, message: () => opened })
    const peer = await FramePeer.open(recorder.port, { first: text('slow') })
    await recorder.until('message')
    const transportClosed = once(recorder.transports[0]!, 'close')
    peer.raw.end()
    await transportClosed
    await expect(FramePeer.open(recorder.port)).rejects.toThrow('503')
    open()
    await recorder.until('close')
    await using _next = await FramePeer.open(recorder.port)
  })

  test('L18: counts a socket for at most closeTimeout after its transport has gone', async () => {
    await using recorder = await RecordingServer.start({
      maxSocketsPerAddress: 1,
      closeTimeout: 40,
      message: () => new Promise(() => {}),
    })
    const peer = await FramePeer.open(recorder.port, { first: text('never handled') })
    await recorder.until('message')
    const transportClosed = once(recorder.transports[0]!, 'close')
    peer.raw.end()
    await transportClosed
    await expect(FramePeer.open(recorder.port)).rejects.toThrow('429')
    await expect
      .poll(() => FramePeer.open(recorder.port).then(next => next.raw.end()), { timeout: 5000 })
      .toBeUndefined()
  })
})
