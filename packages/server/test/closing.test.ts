// Closing a connection (RFC 6455 §7; docs/hostile-inputs.md, groups T and C).

import { Opcode } from '@ws/frame'
import { concat, hex } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import type { Socket } from '../src/index.ts'
import { close, FramePeer, frame, text } from './frame-peer.ts'
import { RecordingServer } from './recording-server.ts'

async function transportClosed({ transports: [transport] }: RecordingServer): Promise<void> {
  if (!transport!.closed) await new Promise(resolve => transport!.once('close', resolve))
}

describe('a Close from the peer', () => {
  const codes = [
    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
  ]

  test.each(codes)('C4: is answered with its code %i, then FIN', async code => {
    await using recorder = await RecordingServer.start()
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(close(code, 'why'))
    expect(await peer.ended()).toEqual([`close ${code} why`])
    expect(recorder.reports).toEqual([{ code, reason: 'why', wasClean: true, by: 'peer' }])
    peer.raw.end()
    await transportClosed(recorder)
    expect(recorder.names).toEqual(['open', 'close'])
  })

  test('C1: is answered with an empty Close if it is empty, and reported as 1005', async () => {
    await using recorder = await RecordingServer.start()
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(close())
    expect(await peer.ended()).toEqual(['close'])
    expect(recorder.reports).toEqual([{ code: 1005, reason: '', wasClean: true, by: 'peer' }])
  })

  test('C2, C3: is answered with 1002 if its payload is invalid', async () => {
    for (const payload of ['03', '03e7', '03ed', '03f7', '1388']) {
      await using recorder = await RecordingServer.start()
      await using peer = await FramePeer.open(recorder.port)
      await peer.send(frame(Opcode.close, hex(payload)))
      const [answer] = await peer.ended()
      expect(answer).toMatch(/^close 1002 /)
      expect(recorder.reports).toMatchObject([{ code: 1002, wasClean: false, by: 'local' }])
    }
  })

  test('C5, C8: is the last frame that the server processes', async () => {
    await using recorder = await RecordingServer.start()
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(close(1000), text('late'), close(1001), hex('ff ff ff'))
    expect(await peer.ended()).toEqual(['close 1000'])
    await peer.send(text('later still'))
    peer.raw.end()
    await transportClosed(recorder)
    expect(recorder.names).toEqual(['open', 'close'])
  })
})

describe('a Close from the server', () => {
  test('is reported once and as clean, with the code of the answer, when the peer answers', async () => {
    await using recorder = await RecordingServer.start()
    await using peer = await FramePeer.open(recorder.port)
    const [socket] = recorder.server.sockets
    socket!.close(4000, 'enough')
    expect(socket!.state).toBe('closing')
    expect(socket!.send('C6: too late')).toBe(false)
    expect(await peer.frames(1)).toEqual(['close 4000 enough'])
    await peer.send(text('dropped, as in browsers'), close(4000))
    expect(await peer.ended()).toEqual(['close 4000 enough'])
    expect(recorder.messages).toEqual([])
    expect(recorder.reports).toEqual([{ code: 4000, reason: '', wasClean: true, by: 'local' }])
    expect(socket!.state).toBe('closed')
    expect(recorder.server.sockets.size).toBe(0)
  })

  test('C7: crosses a Close from the peer without an error', async () => {
    await using recorder = await RecordingServer.start({ open: socket => socket.close(1000, 'ours') })
    await using peer = await FramePeer.open(recorder.port, { first: close(1001, 'theirs') })
    expect(await peer.ended()).toEqual(['close 1000 ours'])
    expect(recorder.reports).toEqual([{ code: 1001, reason: 'theirs', wasClean: true, by: 'local' }])
  })

  test('C9: is followed by termination at closeTimeout, reported as 1006, if the peer does not answer', async () => {
    await using recorder = await RecordingServer.start({ closeTimeout: 40 })
    await using peer = await FramePeer.open(recorder.port)
    const [socket] = recorder.server.sockets
    socket!.close(1000)
    await recorder.until('close')
    expect(recorder.reports).toEqual([
      {
        code: 1006,
        reason: '',
        wasClean: false,
        by: 'local',
        cause: expect.objectContaining({ message: expect.stringContaining('within 40 ms') }),
      },
    ])
    await transportClosed(recorder)
    expect(await peer.ended()).toEqual(['close 1000'])
  })

  test('C10: is followed by FIN, and by termination at closeTimeout if the peer keeps the connection', async () => {
    await using recorder = await RecordingServer.start({ closeTimeout: 150 })
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(close(1000))
    expect(await peer.ended()).toEqual(['close 1000'])
    const [transport] = recorder.transports
    expect(transport!.destroyed).toBe(false)
    await transportClosed(recorder)
    expect(recorder.names).toEqual(['open', 'close'])
    expect(recorder.reports[0]!.wasClean).toBe(true)
  })

  test('C11: throws for an invalid code or reason and leaves the socket open', async () => {
    await using recorder = await RecordingServer.start({ message: (socket, data) => socket.send(data) })
    await using peer = await FramePeer.open(recorder.port)
    const [socket] = recorder.server.sockets
    for (const code of [999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5]) {
      expect(() => socket!.close(code)).toThrow(RangeError)
    }
    expect(() => socket!.close(1000, 'x'.repeat(124))).toThrow(RangeError)
    expect(() => socket!.close(1000, 1 as unknown as string)).toThrow(TypeError)
    expect(() => socket!.send(1 as unknown as string)).toThrow(TypeError)
    expect(() => socket!.ping(new Uint8Array(126))).toThrow(RangeError)
    expect(socket!.state).toBe('open')
    await peer.send(text('still open'))
    expect(await peer.frames(1)).toEqual(['text still open'])
  })

  test('is not sent by terminate, which reports once and makes later calls no-ops', async () => {
    await using recorder = await RecordingServer.start()
    await using peer = await FramePeer.open(recorder.port)
    const [socket] = recorder.server.sockets
    socket!.send('lost')
    socket!.terminate()
    expect(socket).toMatchObject({ state: 'closed', bufferedAmount: 0 })
    await recorder.until('close')
    expect(recorder.reports).toEqual([{ code: 1006, reason: '', wasClean: false, by: 'local' }])
    socket!.terminate()
    socket!.close()
    socket!.ping()
    expect(socket!.send('too late')).toBe(false)
    await socket!.ready
    await transportClosed(recorder)
    expect(await peer.ended()).toEqual([])
    expect(recorder.names).toEqual(['open', 'close'])
  })

  test('L5: cannot be followed by anything from the close handler, where all methods are no-ops', async () => {
    const results: unknown[] = []
    await using recorder = await RecordingServer.start({
      close(socket) {
        results.push(socket.state, socket.send('late'), socket.bufferedAmount)
        socket.close()
        socket.ping()
      },
    })
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(close(1000))
    expect(await peer.ended()).toEqual(['close 1000'])
    expect(results).toEqual(['closed', false, 4])
    expect(recorder.names).toEqual(['open', 'close'])
  })

  const actions: [string, (socket: Socket) => void][] = [
    ['close', socket => socket.close(4001)],
    [
      'close twice',
      socket => {
        socket.close(4001)
        socket.close(4002)
      },
    ],
    ['terminate', socket => socket.terminate()],
    [
      'send, close and terminate',
      socket => {
        socket.send('x')
        socket.close()
        socket.terminate()
      },
    ],
  ]
  describe.each(actions)('L4: a handler that calls %s', (_, act) => {
    test.each(['open', 'message', 'drain', 'close'] as const)('is reported once: %s', async name => {
      await using recorder = await RecordingServer.start({
        highWaterMark: 1,
        open: socket => socket.send('drain me'),
        [name]: act,
      })
      await using peer = await FramePeer.open(recorder.port, { first: concat(text('a'), close(4003)) })
      await recorder.until('close')
      await peer.ended()
      peer.raw.end()
      await transportClosed(recorder)
      expect(recorder.reports).toHaveLength(1)
      expect(recorder.names.at(-1)).toBe('close')
      expect(recorder.errors).toEqual([])
    })
  })
})

describe('an end of the connection without a Close', () => {
  test('T6: is reported as 1006 after FIN, which is answered with FIN', async () => {
    await using recorder = await RecordingServer.start()
    await using peer = await FramePeer.open(recorder.port)
    peer.raw.end()
    expect(await peer.ended()).toEqual([])
    await transportClosed(recorder)
    expect(recorder.reports).toEqual([{ code: 1006, reason: '', wasClean: false, by: 'network' }])
  })

  test('T7: discards an incomplete frame or message', async () => {
    for (const bytes of [text('cut short').subarray(0, 9), text('cut short', { fin: false })]) {
      await using recorder = await RecordingServer.start()
      await using peer = await FramePeer.open(recorder.port, { first: text('whole') })
      await peer.send(bytes)
      peer.raw.end()
      await peer.ended()
      expect(recorder.messages).toEqual(['whole'])
      expect(recorder.reports).toEqual([{ code: 1006, reason: '', wasClean: false, by: 'network' }])
    }
  })

  test('T8: is reported once after RST, resolves ready and discards the queue', async () => {
    await using recorder = await RecordingServer.start({ maxBufferedAmount: Number.POSITIVE_INFINITY })
    await using peer = await FramePeer.open(recorder.port)
    peer.raw.pause()
    const [socket] = recorder.server.sockets
    // More than the socket buffers of both sides hold.
    for (let i = 0; i < 64; i++) socket!.send(new Uint8Array(2 ** 20))
    await new Promise(setImmediate)
    expect(socket!.bufferedAmount).toBeGreaterThan(2 ** 20)
    let resolved = 0
    const ready = socket!.ready.then(() => resolved++)
    peer.raw.reset()
    await recorder.until('close')
    await ready
    await socket!.ready
    expect(resolved).toBe(1)
    expect(socket!.bufferedAmount).toBe(0)
    await transportClosed(recorder)
    expect(recorder.reports).toEqual([
      {
        code: 1006,
        reason: '',
        wasClean: false,
        by: 'network',
        cause: expect.objectContaining({ code: 'ECONNRESET' }),
      },
    ])
    expect(recorder.errors).toEqual([])
  })

  test.each([65_536, 8 * 2 ** 20])(
    'T8: resolves ready for a handler that awaits room below %i bytes, then reports the close',
    async highWaterMark => {
      const results: unknown[] = []
      await using recorder = await RecordingServer.start({
        highWaterMark,
        maxBufferedAmount: Number.POSITIVE_INFINITY,
        async message(socket) {
          while (socket.state === 'open') {
            const room = socket.send(new Uint8Array(2 ** 20))
            await (room ? new Promise(setImmediate) : socket.ready)
          }
          results.push(socket.state, socket.send('too late'), socket.bufferedAmount)
        },
      })
      await using peer = await FramePeer.open(recorder.port)
      peer.raw.pause()
      await peer.send(text('send me everything'))
      await recorder.until('message')
      const [transport] = recorder.transports
      for (let stuck = 0; stuck < 50; stuck = transport!.writableNeedDrain ? stuck + 1 : 0) {
        await new Promise(setImmediate)
      }
      recorder.events.length = 0
      peer.raw.reset()
      await recorder.until('close')
      expect(results).toEqual(['closing', false, 0])
      expect(recorder.names).toEqual(['close'])
      expect(recorder.reports).toMatchObject([{ code: 1006, by: 'network' }])
      expect(recorder.server.sockets.size).toBe(0)
    },
  )
})

describe('a protocol violation', () => {
  test('F3: closes with 1002 on an unmasked frame, after the messages before it', async () => {
    await using recorder = await RecordingServer.start({ message: (socket, data) => socket.send(data) })
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(text('valid'), text('invalid', { maskingKey: undefined } as object))
    const frames = await peer.ended()
    expect(frames[0]).toBe('text valid')
    expect(frames[1]).toMatch(/^close 1002 .*§5\.1/)
    expect(recorder.reports).toMatchObject([
      { code: 1002, wasClean: false, by: 'local', cause: { name: 'ProtocolError', closeCode: 1002 } },
    ])
  })

  test('F15: closes with 1009 while the peer is still sending a message that is too large', async () => {
    await using recorder = await RecordingServer.start()
    const size = 2 ** 24
    for (let i = 0; i < 20; i++) {
      await using peer = await FramePeer.open(recorder.port)
      const sent = peer.send(frame(Opcode.binary, new Uint8Array(size)))
      expect(await peer.frames(1)).toEqual([
        expect.stringMatching(/^close 1009 message longer than 1048576 bytes/),
      ])
      await peer.ended()
      await sent
      const [transport] = recorder.transports.slice(-1)
      const closed = new Promise(resolve => transport!.on('close', resolve))
      peer.raw.end()
      await closed
      expect(transport!.bytesRead).toBeGreaterThan(size)
    }
    expect(recorder.messages).toEqual([])
  })

  test('closes with 1008 when a message is not complete within messageTimeout', async () => {
    await using recorder = await RecordingServer.start({ messageTimeout: 40 })
    await using peer = await FramePeer.open(recorder.port, { first: text('begun', { fin: false }) })
    expect(await peer.ended()).toEqual([expect.stringMatching(/^close 1008 .*40 ms/)])
  })
})
