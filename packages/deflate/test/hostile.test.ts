// Rows D of docs/hostile-inputs.md against one end, with and without synchronous zlib.

import { constants, deflateRawSync } from 'node:zlib'
import { type Frame, Opcode } from '@ws/frame'
import { checkLimits } from '@ws/protocol'
import { concat, hex, randomBytes, randomFrom, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { agree, createDeflate, End, type EndOptions, more, RSV1, text, WAYS } from './ends.ts'

const MIB = 2 ** 20

/** The payload that a peer sends for these bytes. */
function deflate(bytes: Uint8Array, level = 6): Uint8Array {
  return deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, level }).subarray(0, -4)
}

/** The payload in `count` frames. */
function cut(payload: Uint8Array, count: number, opcode: number = Opcode.binary): Frame[] {
  const size = Math.ceil(payload.length / count)
  return Array.from({ length: count }, (_, i) => ({
    ...(i === 0 ? { opcode, rsv: RSV1 } : { opcode: Opcode.continuation }),
    payload: payload.subarray(i * size, (i + 1) * size),
    fin: i === count - 1,
  }))
}

const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const tick = () => new Promise<void>(resolve => setImmediate(resolve))

test('H12: an invalid offer is declined', () => {
  expect(createDeflate().accept([[['server_max_window_bits', '7']]])).toBeUndefined()
})

test('D9: an answer with a window above 15 bits is rejected with a message, not an exception', () => {
  const pair = ['server_max_window_bits', '16'] as const
  expect(createDeflate().confirm([['server_no_context_takeover', true], pair])).toBe(
    'invalid value of parameter server_max_window_bits (RFC 7692 §7.1)',
  )
})

describe.each(WAYS)('$way', ({ sync }) => {
  const createEnd = (options: EndOptions & { contextTakeover?: boolean } = {}) => {
    const { contextTakeover = false, ...rest } = options
    const ours = createDeflate({ contextTakeover }, sync)
    return new End('server', agree(ours, createDeflate({ contextTakeover })).server, rest)
  }

  /** Passes frames to an end and waits for `messages` messages, or for the close report. */
  async function give(end: End, frames: readonly Frame[], messages = 1): Promise<End> {
    end.receive(...frames)
    await end.until(() => end.messages.length >= messages || end.reports.length > 0)
    return end
  }

  const bomb = deflate(Buffer.alloc(4 * MIB))

  test.each([
    ['in one frame', cut(bomb, 1)],
    ['in 100 frames', cut(bomb, 100)],
    ['as a text', cut(bomb, 1, Opcode.text)],
  ])('D1: 4 MiB of zeros, %s, get 1009', async (_name, frames) => {
    const end = await give(createEnd(), frames)
    expect(end.reports).toMatchObject([
      { code: 1009, reason: 'message longer than 1048576 bytes (RFC 6455 §7.4.1)' },
    ])
    expect(end.messages).toEqual([])
  })

  test('D1: sizes up to the limit are accepted, and one byte more gets 1009', async () => {
    for (const size of [0, 1, 65_535, 65_536, 65_537, 262_143, 262_144, 262_145, MIB]) {
      const end = await give(createEnd(), cut(deflate(Buffer.alloc(size)), 1))
      expect([end.messages[0]?.length, end.reports]).toEqual([size, []])
    }
    const tooMany = await give(createEnd(), cut(deflate(Buffer.alloc(MIB + 1)), 1))
    expect(tooMany.reports).toMatchObject([{ code: 1009 }])
  })

  test('D1: small limits are exact to the byte', async () => {
    for (const maxMessageSize of [1, 2, 100, 1000]) {
      const limits = checkLimits({ maxMessageSize })
      const exact = deflate(randomBytes(randomFrom(maxMessageSize), maxMessageSize))
      const above = deflate(randomBytes(randomFrom(maxMessageSize), maxMessageSize + 1))
      expect((await give(createEnd({ limits }), cut(exact, 1))).messages[0]).toHaveLength(maxMessageSize)
      expect((await give(createEnd({ limits }), cut(above, 1))).reports).toMatchObject([{ code: 1009 }])
    }
  })

  test.each([
    ['a block of an unknown type', 'ff ff ff'],
    ['a length that is not its own complement', '00 05 00 fa fe 48 65 6c 6c 6f 00'],
    ['a code that does not exist', '05 e0 81 91 24 cb b2 2c 49 e2 0f 2e 8b 9a 47 56'],
    ['D9: a reference to before the beginning', 'f2 00 11 00 00'],
  ])('D2: %s gets 1007', async (_name, payload) => {
    const bytes = hex(payload)
    for (const frames of [[text(bytes)], cut(bytes, 3, Opcode.text)]) {
      const end = await give(createEnd(), frames)
      expect(end.reports).toMatchObject([
        { code: 1007, reason: 'compressed data is not valid DEFLATE (RFC 7692 §7.2.2)' },
      ])
    }
  })

  test.each([
    ['D3: RSV1 on a ping', [{ opcode: Opcode.ping, rsv: RSV1 }]],
    [
      'D3: RSV1 on a continuation',
      [text(deflate(utf8('x')), { fin: false }), more(new Uint8Array(0), { rsv: RSV1 })],
    ],
    [
      'D5: RSV1 only on a later fragment',
      [text(utf8('x'), { fin: false, rsv: 0 }), more(utf8('x'), { rsv: RSV1 })],
    ],
    ['RSV2 on a text', [text(utf8('x'), { rsv: 0b010 })]],
    ['RSV3 beside RSV1', [text(utf8('x'), { rsv: 0b101 })]],
  ] as [string, Frame[]][])('%s gets 1002', async (_name, frames) => {
    expect((await give(createEnd(), frames)).reports).toMatchObject([{ code: 1002 }])
  })

  test('D4: bytes that inflate to invalid UTF-8 get 1007, whole, in pieces and as a stream', async () => {
    for (const payload of [
      [0xc0, 0xaf],
      [0x61, 0xe2, 0x82],
      [0xed, 0xa0, 0x80],
    ]) {
      const bytes = deflate(Uint8Array.from(payload))
      for (const streamed of [false, true]) {
        for (const frames of [[text(bytes)], cut(bytes, 2, Opcode.text)]) {
          const end = await give(createEnd({ streamed }), frames)
          expect(end.reports).toMatchObject([{ code: 1007, reason: 'text is not UTF-8 (RFC 6455 §8.1)' }])
        }
      }
    }
  })

  test('D4: invalid UTF-8 is found before the end of the message', async () => {
    const end = createEnd()
    end.receive(
      ...cut(deflate(concat(Uint8Array.of(0xff), new Uint8Array(1000))), 1, Opcode.text).map(frame => ({
        ...frame,
        fin: false,
      })),
    )
    await end.until(() => end.reports.length > 0)
    expect(end.reports).toMatchObject([{ code: 1007 }])
  })

  test('D5: accepts fragments of which only the first has RSV1, with pings between them', async () => {
    const payload = deflate(utf8('Grüße, '.repeat(100)))
    const end = createEnd()
    const frames = cut(payload, 5, Opcode.text).flatMap(frame => [{ opcode: Opcode.ping }, frame])
    await give(end, frames)
    expect(end.messages).toEqual(['Grüße, '.repeat(100)])
    expect(end.written().filter(({ opcode }) => opcode === Opcode.pong)).toHaveLength(5)
  })

  test('D6: inflates a block with BFINAL set, and the data after it', async () => {
    const final = deflateRawSync('Hello')
    const zero = Uint8Array.of(0)
    // As in §7.2.3.4, without its last byte, with more data in the same message, and twice.
    for (const contextTakeover of [false, true]) {
      const end = createEnd({ contextTakeover })
      const messages = [
        concat(final, zero),
        final,
        concat(final, deflate(utf8(', world'))),
        concat(final, final, zero),
        concat(final, final, final),
        deflate(utf8('and on')),
      ]
      await give(
        end,
        messages.flatMap(payload => [text(payload), ...cut(payload, 3, Opcode.text)]),
        12,
      )
      const expected = ['Hello', 'Hello', 'Hello, world', 'HelloHello', 'HelloHelloHello', 'and on']
      expect(end.messages).toEqual(expected.flatMap(message => [message, message]))
    }
  })

  test('D6: inflates many blocks with BFINAL set in a large message', async () => {
    const block = deflateRawSync(randomBytes(randomFrom(3), 30_000))
    const end = await give(createEnd(), [text(concat(block, block, block, block), { opcode: Opcode.binary })])
    expect(end.messages[0]).toHaveLength(120_000)
  })

  test('D6: inflates a block with BFINAL set that ends where work moves to the thread pool', async () => {
    for (const size of [262_143, 262_144, 262_145]) {
      const message = concat(deflateRawSync(Buffer.alloc(size)), deflate(utf8('Hello')))
      const end = await give(createEnd(), [text(message, { opcode: Opcode.binary })])
      expect(
        Buffer.from(end.messages[0] as Uint8Array).equals(concat(new Uint8Array(size), utf8('Hello'))),
      ).toBe(true)
    }
  })

  test('D7: accepts empty messages', async () => {
    const end = await give(
      createEnd(),
      [
        text(Uint8Array.of(0)),
        text(Uint8Array.of(0), { opcode: Opcode.binary }),
        ...cut(Uint8Array.of(0), 3, Opcode.text),
        text(new Uint8Array(0)),
      ],
      4,
    )
    expect(end.messages.map(data => (typeof data === 'string' ? data : toHex(data)))).toEqual([
      '',
      '',
      '',
      '',
    ])
  })

  test('D8: accepts uncompressed messages between compressed ones', async () => {
    for (const contextTakeover of [false, true]) {
      const end = createEnd({ contextTakeover })
      const plain = text(utf8('plain'), { rsv: 0 })
      await give(end, [plain, text(deflate(utf8('packed'))), plain, text(deflate(utf8('again'))), plain], 5)
      expect(end.messages).toEqual(['plain', 'packed', 'plain', 'again', 'plain'])
    }
  })

  test('D9: a reference beyond the agreed window gives the message that was sent, or 1007', async () => {
    const ours = createDeflate({ contextTakeover: true, windowBits: 8 }, sync)
    const sent = concat(utf8('once upon a time there was '), randomBytes(randomFrom(4), 20_000))
    const message = concat(sent, sent)
    // The peer agreed on 256 bytes and uses 32 KiB.
    const payload = deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
    for (const frames of [cut(payload, 1), cut(payload, 7)]) {
      const end = new End('server', agree(ours, createDeflate({ contextTakeover: true })).server)
      await give(end, frames)
      if (end.messages.length === 0) expect(end.reports).toMatchObject([{ code: 1007 }])
      else expect(toHex(end.messages[0] as Uint8Array)).toBe(toHex(message))
    }
  })

  test('D10: an end can close while work is in progress', async () => {
    const ours = createDeflate({ contextTakeover: true }, sync)
    for (const close of ['terminate', 'end', 'close', 'peer'] as const) {
      const end = new End('server', agree(ours, createDeflate({ contextTakeover: true })).server)
      end.protocol.send(Buffer.alloc(200_000))
      end.receive(...cut(deflate(randomBytes(randomFrom(5), 100_000)), 1))
      if (close === 'terminate') end.protocol.terminate()
      else if (close === 'end') end.protocol.receiveEnd()
      else if (close === 'close') end.protocol.close()
      else end.receive({ opcode: Opcode.close })
      while (ours.semaphore.running > 0) await tick()
      await tick()
      if (close === 'close' || close === 'peer') {
        // Messages before the Close are still sent and delivered.
        expect(end.written().map(({ opcode }) => opcode)).toEqual([Opcode.binary, Opcode.close])
        expect(end.messages).toHaveLength(1)
      } else if (close === 'end') {
        // The end is reported after the message before it.
        expect([end.messages.length, end.reports.length]).toEqual([1, 1])
      } else {
        expect([end.written(), end.messages.length, end.reports.length]).toEqual([[], 0, 1])
      }
    }
  })

  test('D10: an end can close before its work has started', async () => {
    const ours = createDeflate({ concurrency: 2 }, sync)
    const payload = deflate(randomBytes(randomFrom(5), 100_000))
    const ends = Array.from({ length: 6 }, () => new End('server', agree(ours, createDeflate()).server))
    for (const end of ends) {
      end.protocol.send(Buffer.alloc(200_000))
      end.receive(...cut(payload, 1))
    }
    for (const end of ends.slice(0, 5)) end.protocol.terminate()
    const last = ends[5]!
    await last.until(() => last.messages.length === 1)
    while (last.protocol.isTransforming) await tick()
    expect(ends.map(end => [end.messages.length, end.written().length])).toEqual([
      ...Array.from({ length: 5 }, () => [0, 0]),
      [1, 1],
    ])
    expect(ours.semaphore.running).toBe(0)
  })

  test('D10: a bomb is no longer inflated once the connection is closed', async () => {
    for (const size of [200_000, 50_000_000]) {
      const end = createEnd({ streamed: true, onPiece: () => end.protocol.terminate() })
      end.receive(...cut(deflate(Buffer.alloc(size)), 1))
      await end.until(() => end.reports.length > 0)
      await tick()
      expect([end.pieces.length, end.messages, end.reports.length]).toEqual([1, [], 1])
    }
  })

  test('D11: large messages of many connections are limited to `concurrency`, each connection in order', async () => {
    const ours = createDeflate({ concurrency: 3 }, sync)
    const theirs = createDeflate({})
    const ends = Array.from({ length: 50 }, () => new End('server', agree(ours, theirs).server))
    const sizes = [70_000, 90_000, 10, 80_000]
    for (const end of ends)
      for (const size of sizes) end.protocol.send(Buffer.alloc(size, size), { compress: true })
    let most = 0
    while (ends.some(end => end.protocol.bufferedLength > end.protocol.outputLength)) {
      most = Math.max(most, ours.semaphore.running)
      await tick()
    }
    expect([most, ours.semaphore.running]).toEqual([3, 0])
    const reader = new End('client', agree(ours, theirs).client)
    for (const end of ends)
      for (const bytes of end.protocol.takeOutput()) reader.protocol.receive(bytes.slice())
    await reader.until(() => reader.messages.length === 200)
    expect(reader.messages.map(({ length }) => length)).toEqual(ends.flatMap(() => sizes))
  })
})
