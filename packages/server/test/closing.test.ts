// How a connection ends, whoever ends it (RFC 6455 §7; HOSTILE.md groups T and C).

import { Opcode } from '@ws/frame'
import { concat, hex } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import type { Socket } from '../src/index.ts'
import { close, FramePeer, frame, text } from './frame-peer.ts'
import { RecordingServer } from './recording-server.ts'

/** Waits until nothing is left of the server's end of the only connection. */
async function gone({ transports: [transport] }: RecordingServer): Promise<void> {
  if (!transport!.closed) await new Promise(resolve => transport!.once('close', resolve))
}

describe('the peer closes', () => {
  const codes = [
    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
  ]

  test.each(codes)('C4: %i comes back, then FIN', async code => {
    await using recorder = await RecordingServer.start()
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(close(code, 'why'))
    expect(await peer.ended()).toEqual([`close ${code}`])
    expect(recorder.reports).toEqual([{ code, reason: 'why', clean: true, by: 'peer' }])
    peer.raw.end()
    await gone(recorder)
    expect(recorder.names).toEqual(['open', 'close'])
  })

  test('C1: an empty Close is answered by an empty one, and reported as 1005', async () => {
    await using recorder = await RecordingServer.start()
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(close())
    expect(await peer.ended()).toEqual(['close'])
    expect(recorder.reports).toEqual([{ code: 1005, reason: '', clean: true, by: 'peer' }])
  })

  test('C2, C3: with one that may not be, it is answered 1002', async () => {
    for (const payload of ['03', '03e7', '03ed', '03f7', '1388']) {
      await using recorder = await RecordingServer.start()
      await using peer = await FramePeer.open(recorder.port)
      await peer.send(frame(Opcode.close, hex(payload)))
      const [answer] = await peer.ended()
      expect(answer).toMatch(/^close 1002 /)
      expect(recorder.reports).toMatchObject([{ code: 1002, clean: false, by: 'local' }])
    }
  })

  test('C5, C8: what comes behind it is ignored, a second one too', async () => {
    await using recorder = await RecordingServer.start()
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(close(1000), text('late'), close(1001), hex('ff ff ff'))
    expect(await peer.ended()).toEqual(['close 1000'])
    await peer.send(text('later still'))
    peer.raw.end()
    await gone(recorder)
    expect(recorder.names).toEqual(['open', 'close'])
  })
})

describe('we close', () => {
  test('the peer answers: one report, clean, with what it answered; we end the connection', async () => {
    await using recorder = await RecordingServer.start()
    await using peer = await FramePeer.open(recorder.port)
    const [socket] = recorder.server.sockets
    socket!.close(4000, 'enough')
    expect(socket!.state).toBe('closing')
    expect(socket!.send('C6: no more')).toBe(false)
    expect(await peer.frames(1)).toEqual(['close 4000 enough'])
    await peer.send(text('still on its way'), close(4000))
    expect(await peer.ended()).toEqual(['close 4000 enough'])
    expect(recorder.messages).toEqual(['still on its way'])
    expect(recorder.reports).toEqual([{ code: 4000, reason: '', clean: true, by: 'local' }])
    expect(socket!.state).toBe('closed')
    expect(recorder.server.sockets.size).toBe(0)
  })

  test('C7: both at once', async () => {
    await using recorder = await RecordingServer.start({ open: socket => socket.close(1000, 'ours') })
    await using peer = await FramePeer.open(recorder.port, { first: close(1001, 'theirs') })
    expect(await peer.ended()).toEqual(['close 1000 ours'])
    expect(recorder.reports).toEqual([{ code: 1001, reason: 'theirs', clean: true, by: 'local' }])
  })

  test('C9: a peer that never answers is torn down at closeTimeout, and reported as 1006', async () => {
    await using recorder = await RecordingServer.start({ closeTimeout: 40 })
    await using peer = await FramePeer.open(recorder.port)
    const [socket] = recorder.server.sockets
    socket!.close(1000)
    await recorder.until('close')
    expect(recorder.reports).toEqual([
      {
        code: 1006,
        reason: '',
        clean: false,
        by: 'local',
        cause: expect.objectContaining({ message: expect.stringContaining('within 40 ms') }),
      },
    ])
    await gone(recorder)
    expect(await peer.ended()).toEqual(['close 1000'])
  })

  test('C10: with a peer that answers and keeps the connection, we end it first, and tear it down at closeTimeout', async () => {
    await using recorder = await RecordingServer.start({ closeTimeout: 150 })
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(close(1000))
    expect(await peer.ended()).toEqual(['close 1000'])
    const [transport] = recorder.transports
    expect(transport!.destroyed).toBe(false)
    await gone(recorder)
    expect(recorder.names).toEqual(['open', 'close'])
    expect(recorder.reports[0]!.clean).toBe(true)
  })

  test('C11: a code or a reason that cannot travel throws, and nothing has happened', async () => {
    await using recorder = await RecordingServer.start({ message: (socket, data) => void socket.send(data) })
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

  test('terminate: no Close, one report, and everything afterwards is in vain', async () => {
    await using recorder = await RecordingServer.start()
    await using peer = await FramePeer.open(recorder.port)
    const [socket] = recorder.server.sockets
    socket!.send('lost')
    socket!.terminate()
    expect(socket).toMatchObject({ state: 'closed', bufferedAmount: 0 })
    expect(recorder.reports).toEqual([{ code: 1006, reason: '', clean: false, by: 'local' }])
    socket!.terminate()
    socket!.close()
    socket!.ping()
    expect(socket!.send('in vain')).toBe(false)
    await socket!.ready
    await gone(recorder)
    expect(await peer.ended()).toEqual([])
    expect(recorder.names).toEqual(['open', 'close'])
  })

  test('L5: in the close handler nothing can be sent, and to close again does nothing', async () => {
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
  describe.each(actions)('L4: %s', (_, act) => {
    test.each(['open', 'message', 'drain', 'close'] as const)(
      'in the %s handler is reported once',
      async name => {
        await using recorder = await RecordingServer.start({
          highWaterMark: 1,
          open: socket => void socket.send('drain me'),
          [name]: act,
        })
        await using peer = await FramePeer.open(recorder.port, { first: concat(text('a'), close(4003)) })
        await recorder.until('close')
        await peer.ended()
        peer.raw.end()
        await gone(recorder)
        expect(recorder.reports).toHaveLength(1)
        expect(recorder.names.at(-1)).toBe('close')
        expect(recorder.errors).toEqual([])
      },
    )
  })
})

describe('the network ends it', () => {
  test('T6: FIN without a Close is reported as 1006 and answered by FIN', async () => {
    await using recorder = await RecordingServer.start()
    await using peer = await FramePeer.open(recorder.port)
    peer.raw.end()
    expect(await peer.ended()).toEqual([])
    await gone(recorder)
    expect(recorder.reports).toEqual([{ code: 1006, reason: '', clean: false, by: 'network' }])
  })

  test('T7: FIN inside a frame, and inside a message, delivers nothing of it', async () => {
    for (const bytes of [text('cut short').subarray(0, 9), text('cut short', { fin: false })]) {
      await using recorder = await RecordingServer.start()
      await using peer = await FramePeer.open(recorder.port, { first: text('whole') })
      await peer.send(bytes)
      peer.raw.end()
      await peer.ended()
      expect(recorder.messages).toEqual(['whole'])
      expect(recorder.reports).toEqual([{ code: 1006, reason: '', clean: false, by: 'network' }])
    }
  })

  test('T8: RST while much is queued: one report, ready resolves, and nothing is queued any more', async () => {
    await using recorder = await RecordingServer.start({ maxBufferedAmount: Number.POSITIVE_INFINITY })
    await using peer = await FramePeer.open(recorder.port)
    peer.raw.pause()
    const [socket] = recorder.server.sockets
    // Far more than the buffers of two kernels hold.
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
    await gone(recorder)
    expect(recorder.reports).toEqual([
      {
        code: 1006,
        reason: '',
        clean: false,
        by: 'network',
        cause: expect.objectContaining({ code: 'ECONNRESET' }),
      },
    ])
    expect(recorder.errors).toEqual([])
  })

  test.each([65_536, 8 * 2 ** 20])(
    'T8: a handler that waits for room below %i bytes is not left waiting, though the report waits for the handler',
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
          results.push(socket.state, socket.send('in vain'), socket.bufferedAmount)
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

describe('the peer breaks the law', () => {
  test('F3: an unmasked frame: the messages before it, a Close with 1002, FIN', async () => {
    await using recorder = await RecordingServer.start({ message: (socket, data) => void socket.send(data) })
    await using peer = await FramePeer.open(recorder.port)
    await peer.send(text('legal'), text('illegal', { maskingKey: undefined } as object))
    const frames = await peer.ended()
    expect(frames[0]).toBe('text legal')
    expect(frames[1]).toMatch(/^close 1002 .*§5\.1/)
    expect(recorder.reports).toMatchObject([
      { code: 1002, clean: false, by: 'local', cause: { name: 'ProtocolError', closeCode: 1002 } },
    ])
  })

  test('F15: a peer whose message is too long reads 1009 while it is still sending it', async () => {
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

  test('a message that is not complete in time ends in 1008', async () => {
    await using recorder = await RecordingServer.start({ messageTimeout: 40 })
    await using peer = await FramePeer.open(recorder.port, { first: text('begun', { fin: false }) })
    expect(await peer.ended()).toEqual([expect.stringMatching(/^close 1008 .*40 ms/)])
  })
})
