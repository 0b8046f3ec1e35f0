// Rows D of the catalogue of hostile inputs (docs/hostile-inputs.md), against one end: with what Node does not document, and without.

import { constants, deflateRawSync } from 'node:zlib'
import { type Frame, Opcode } from '@ws/frame'
import { checkLimits } from '@ws/protocol'
import { concat, hex, randomBytes, randomFrom, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { agree, createDeflate, End, type EndOptions, more, RSV1, text, WAYS } from './ends.ts'

const MIB = 2 ** 20

/** What a peer would send of these bytes. */
function deflate(bytes: Uint8Array, level = 6): Uint8Array {
  return deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, level }).subarray(0, -4)
}

/** The same in so many frames. */
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

test('H12: what cannot be met is declined', () => {
  expect(createDeflate().accept([[['server_max_window_bits', '7']]])).toBeUndefined()
})

test('D9: an answer with a window above 15 bits is a sentence, no error', () => {
  const pair = ['server_max_window_bits', '16'] as const
  expect(createDeflate().confirm([['server_no_context_takeover', true], pair])).toBe(
    'the parameter server_max_window_bits has a wrong value (RFC 7692 §7.1)',
  )
})

describe.each(WAYS)('$way', ({ direct }) => {
  const createEnd = (options: EndOptions & { contextTakeover?: boolean } = {}) => {
    const { contextTakeover = false, ...rest } = options
    const ours = createDeflate({ contextTakeover }, direct)
    return new End('server', agree(ours, createDeflate({ contextTakeover })).server, rest)
  }

  /** Gives frames to an end and waits for so many messages, or for its end. */
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
  ])('D1: 4 MiB of zeros, %s, are too many', async (_name, frames) => {
    const end = await give(createEnd(), frames)
    expect(end.reports).toMatchObject([
      { code: 1009, reason: 'message longer than 1048576 bytes (RFC 6455 §7.4.1)' },
    ])
    expect(end.messages).toEqual([])
  })

  test('D1: as many as are allowed are not too many, nor is none', async () => {
    for (const size of [0, 1, 65_535, 65_536, 65_537, 262_143, 262_144, 262_145, MIB]) {
      const end = await give(createEnd(), cut(deflate(Buffer.alloc(size)), 1))
      expect([end.messages[0]?.length, end.reports]).toEqual([size, []])
    }
    const tooMany = await give(createEnd(), cut(deflate(Buffer.alloc(MIB + 1)), 1))
    expect(tooMany.reports).toMatchObject([{ code: 1009 }])
  })

  test('D1: the limit holds to the byte where it is small', async () => {
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
  ])('D2: %s', async (_name, payload) => {
    const bytes = hex(payload)
    for (const frames of [[text(bytes)], cut(bytes, 3, Opcode.text)]) {
      const end = await give(createEnd(), frames)
      expect(end.reports).toMatchObject([
        { code: 1007, reason: 'compressed data that is not DEFLATE (RFC 7692 §7.2.2)' },
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
    ['RSV2', [text(utf8('x'), { rsv: 0b010 })]],
    ['RSV3 besides RSV1', [text(utf8('x'), { rsv: 0b101 })]],
  ] as [string, Frame[]][])('%s', async (_name, frames) => {
    expect((await give(createEnd(), frames)).reports).toMatchObject([{ code: 1002 }])
  })

  test('D4: bytes that inflate to what is no UTF-8, whole, in pieces and as a stream', async () => {
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

  test('D4: what is no UTF-8 is found where it is, not at the end of the message', async () => {
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

  test('D5: fragments of which only the first has RSV1, with pings between them', async () => {
    const payload = deflate(utf8('Grüße, '.repeat(100)))
    const end = createEnd()
    const frames = cut(payload, 5, Opcode.text).flatMap(frame => [{ opcode: Opcode.ping }, frame])
    await give(end, frames)
    expect(end.messages).toEqual(['Grüße, '.repeat(100)])
    expect(end.written().filter(({ opcode }) => opcode === Opcode.pong)).toHaveLength(5)
  })

  test('D6: a block with BFINAL set, and what follows it', async () => {
    const final = deflateRawSync('Hello')
    const zero = Uint8Array.of(0)
    // As §7.2.3.4 has it, without its last byte, with more data in the same message, and twice.
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

  test('D6: many blocks with BFINAL set in a large message', async () => {
    const block = deflateRawSync(randomBytes(randomFrom(3), 30_000))
    const end = await give(createEnd(), [text(concat(block, block, block, block), { opcode: Opcode.binary })])
    expect(end.messages[0]).toHaveLength(120_000)
  })

  test('D6: a block with BFINAL set that ends where work moves to the thread pool', async () => {
    for (const size of [262_143, 262_144, 262_145]) {
      const message = concat(deflateRawSync(Buffer.alloc(size)), deflate(utf8('Hello')))
      const end = await give(createEnd(), [text(message, { opcode: Opcode.binary })])
      expect(
        Buffer.from(end.messages[0] as Uint8Array).equals(concat(new Uint8Array(size), utf8('Hello'))),
      ).toBe(true)
    }
  })

  test('D7: empty messages', async () => {
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

  test('D8: what is not compressed, between what is', async () => {
    for (const contextTakeover of [false, true]) {
      const end = createEnd({ contextTakeover })
      const plain = text(utf8('plain'), { rsv: 0 })
      await give(end, [plain, text(deflate(utf8('packed'))), plain, text(deflate(utf8('again'))), plain], 5)
      expect(end.messages).toEqual(['plain', 'packed', 'plain', 'again', 'plain'])
    }
  })

  test('D9: a reference beyond the window that was agreed on gives what was sent, or 1007', async () => {
    const ours = createDeflate({ contextTakeover: true, windowBits: 8 }, direct)
    const sent = concat(utf8('once upon a time there was '), randomBytes(randomFrom(4), 20_000))
    const message = concat(sent, sent)
    // From a peer that agreed on 256 bytes and uses 32 KiB.
    const payload = deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
    for (const frames of [cut(payload, 1), cut(payload, 7)]) {
      const end = new End('server', agree(ours, createDeflate({ contextTakeover: true })).server)
      await give(end, frames)
      if (end.messages.length === 0) expect(end.reports).toMatchObject([{ code: 1007 }])
      else expect(toHex(end.messages[0] as Uint8Array)).toBe(toHex(message))
    }
  })

  test('D10: ends that close while work is in progress', async () => {
    const ours = createDeflate({ contextTakeover: true }, direct)
    for (const close of ['terminate', 'end', 'close', 'peer'] as const) {
      const end = new End('server', agree(ours, createDeflate({ contextTakeover: true })).server)
      end.protocol.send(Buffer.alloc(200_000))
      end.receive(...cut(deflate(randomBytes(randomFrom(5), 100_000)), 1))
      if (close === 'terminate') end.protocol.terminate()
      else if (close === 'end') end.protocol.receiveEnd()
      else if (close === 'close') end.protocol.close()
      else end.receive({ opcode: Opcode.close })
      while (ours.jobs.running > 0) await tick()
      await tick()
      if (close === 'close' || close === 'peer') {
        // What was sent before the Close still leaves, and what came before it is still told.
        expect(end.written().map(({ opcode }) => opcode)).toEqual([Opcode.binary, Opcode.close])
        expect(end.messages).toHaveLength(1)
      } else if (close === 'end') {
        // It is told behind what came before it.
        expect([end.messages.length, end.reports.length]).toEqual([1, 1])
      } else {
        expect([end.written(), end.messages.length, end.reports.length]).toEqual([[], 0, 1])
      }
    }
  })

  test('D10: ends that close before the turn of their work has come', async () => {
    const ours = createDeflate({ concurrency: 2 }, direct)
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
    expect(ours.jobs.running).toBe(0)
  })

  test('D10: a bomb that nobody listens to any more stops', async () => {
    for (const size of [200_000, 50_000_000]) {
      const end = createEnd({ streamed: true, onPiece: () => end.protocol.terminate() })
      end.receive(...cut(deflate(Buffer.alloc(size)), 1))
      await end.until(() => end.reports.length > 0)
      await tick()
      expect([end.pieces.length, end.messages, end.reports.length]).toEqual([1, [], 1])
    }
  })

  test('D11: many connections with many large messages: so many at a time, each in order', async () => {
    const ours = createDeflate({ concurrency: 3 }, direct)
    const theirs = createDeflate({})
    const ends = Array.from({ length: 50 }, () => new End('server', agree(ours, theirs).server))
    const sizes = [70_000, 90_000, 10, 80_000]
    for (const end of ends)
      for (const size of sizes) end.protocol.send(Buffer.alloc(size, size), { compress: true })
    let most = 0
    while (ends.some(end => end.protocol.bufferedLength > end.protocol.outputLength)) {
      most = Math.max(most, ours.jobs.running)
      await tick()
    }
    expect([most, ours.jobs.running]).toEqual([3, 0])
    const reader = new End('client', agree(ours, theirs).client)
    for (const end of ends)
      for (const bytes of end.protocol.takeOutput()) reader.protocol.receive(bytes.slice())
    await reader.until(() => reader.messages.length === 200)
    expect(reader.messages.map(({ length }) => length)).toEqual(ends.flatMap(() => sizes))
  })
})
