import { concat, hex, segmentations, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { FrameDecoder, type FrameSink } from './decoder.ts'
import { ProtocolError } from './error.ts'
import { encodeFrame } from './frame.ts'
import { Opcode } from './opcode.ts'

function recorder(stopAfter?: (calls: number) => boolean) {
  const pieces: { opcode: number; text: string; last: boolean; from: Uint8Array }[] = []
  const headers: number[] = []
  const sink: FrameSink = {
    header: header => {
      headers.push(header.opcode)
    },
    payload(header, bytes, start, end, last) {
      pieces.push({ opcode: header.opcode, text: text(bytes.subarray(start, end)), last, from: bytes })
      return stopAfter?.(pieces.length)
    },
  }
  return { sink, pieces, headers }
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const masked = (opcode: number, payload: string, maskingKey = 0x37fa213d) =>
  encodeFrame({ opcode, payload: utf8(payload), maskingKey })

describe('a frame that is whole in a chunk', () => {
  test('is passed on in one call, unmasked in place', () => {
    const { sink, pieces, headers } = recorder()
    const chunk = concat(
      masked(Opcode.text, 'Hello'),
      masked(Opcode.ping, ''),
      masked(Opcode.binary, 'x'.repeat(200)),
    )
    expect(new FrameDecoder('server', sink).decode(chunk)).toBe(chunk.length)
    expect(headers).toEqual([1, 9, 2])
    expect(pieces.map(piece => [piece.opcode, piece.text, piece.last])).toEqual([
      [1, 'Hello', true],
      [9, '', true],
      [2, 'x'.repeat(200), true],
    ])
    expect(pieces.every(piece => piece.from === chunk)).toBe(true)
  })

  test('can begin and end anywhere in the chunk', () => {
    const { sink, pieces } = recorder()
    const frame = masked(Opcode.text, 'Hello')
    const chunk = concat(hex('ff'), frame, hex('ff'))
    expect(new FrameDecoder('server', sink).decode(chunk, 1, chunk.length - 1)).toBe(chunk.length - 1)
    expect(pieces).toMatchObject([{ text: 'Hello', last: true }])
  })

  test('does not need a header function in the sink', () => {
    const texts: string[] = []
    const decoder = new FrameDecoder('client', {
      payload: (_header, bytes, start, end) => {
        texts.push(text(bytes.subarray(start, end)))
        return false
      },
    })
    decoder.decode(encodeFrame({ opcode: 1, payload: utf8('bare') }))
    expect(texts).toEqual(['bare'])
  })
})

describe('a frame that arrives in pieces', () => {
  test('is passed on piece by piece, without a copy', () => {
    const { sink, pieces } = recorder()
    const decoder = new FrameDecoder('server', sink)
    const frame = masked(Opcode.binary, 'abcdefghij')
    const chunks = [
      frame.slice(0, 3),
      frame.slice(3, 6),
      frame.slice(6, 9),
      frame.slice(9, 9),
      frame.slice(9),
    ]
    for (const chunk of chunks) decoder.decode(chunk)
    expect(pieces.map(piece => [piece.text, piece.last])).toEqual([
      ['abc', false],
      ['defghij', true],
    ])
    expect(pieces[1]!.from).toBe(chunks[4])
  })

  test('is not passed on before its payload begins', () => {
    const { sink, pieces, headers } = recorder()
    new FrameDecoder('server', sink).decode(masked(Opcode.binary, 'abc').slice(0, 6))
    expect(headers).toEqual([2])
    expect(pieces).toEqual([])
  })

  test('is buffered if it is a control frame', () => {
    for (const { name, segments } of segmentations(masked(Opcode.ping, 'x'.repeat(125)), [1, 2, 3, 4, 5])) {
      const { sink, pieces } = recorder()
      const decoder = new FrameDecoder('server', sink)
      for (const segment of segments) decoder.decode(segment)
      expect(
        pieces.map(piece => [piece.text, piece.last]),
        name,
      ).toEqual([['x'.repeat(125), true]])
    }
  })

  test('is buffered if it is an unmasked control frame', () => {
    const { sink, pieces } = recorder()
    const decoder = new FrameDecoder('client', sink)
    for (const byte of encodeFrame({ opcode: Opcode.pong, payload: utf8('abc') }))
      decoder.decode(Uint8Array.of(byte))
    expect(pieces).toMatchObject([{ opcode: 10, text: 'abc', last: true }])
  })
})

describe('a sink that stops the decoder', () => {
  test('gets the rest by the next call', () => {
    const { sink, pieces } = recorder(() => true)
    const decoder = new FrameDecoder('server', sink)
    const first = masked(Opcode.text, 'one')
    const chunk = concat(first, masked(Opcode.text, 'two'), masked(Opcode.text, 'three').slice(0, 8))
    const stopped = decoder.decode(chunk)
    expect(stopped).toBe(first.length)
    expect(decoder.decode(chunk, stopped)).toBe(first.length * 2)
    expect(decoder.decode(chunk, first.length * 2)).toBe(chunk.length)
    expect(pieces.map(piece => piece.text)).toEqual(['one', 'two', 'th'])
  })

  test('can stop after a buffered control frame', () => {
    const { sink } = recorder(() => true)
    const decoder = new FrameDecoder('server', sink)
    const chunk = concat(masked(Opcode.ping, 'abc'), masked(Opcode.text, 'next'))
    decoder.decode(chunk.slice(0, 7))
    expect(decoder.decode(chunk.slice(7))).toBe(2)
  })
})

describe('faults', () => {
  test('an illegal header throws before any payload', () => {
    for (const { name, segments } of segmentations(
      concat(masked(Opcode.text, 'ok'), hex('81 00'), masked(1, 'lost')),
    )) {
      const { sink, pieces } = recorder()
      const decoder = new FrameDecoder('server', sink)
      expect(() => {
        for (const segment of segments) decoder.decode(segment)
      }, name).toThrow('unmasked frame from a client')
      expect(pieces.map(piece => piece.text).join(''), name).toBe('ok')
    }
  })

  test('the header function of the sink can reject a frame', () => {
    const sink: FrameSink = {
      header() {
        throw new ProtocolError('too big', {
          code: 'ERR_WS_TEST',
          closeCode: 1009,
        })
      },
      payload: () => expect.fail('payload of a rejected frame'),
    }
    expect(() => new FrameDecoder('server', sink).decode(masked(1, 'x'))).toThrow('too big')
  })

  test('reserved bits of an extension are accepted', () => {
    const { sink, pieces } = recorder()
    new FrameDecoder('client', sink, 0b100).decode(hex('c1 01 61'))
    expect(pieces).toMatchObject([{ text: 'a' }])
  })
})

describe('the header function learns whether the payload is whole: with', () => {
  const frame = masked(Opcode.text, 'Hello')
  const wholeOf = (bytes: Uint8Array, start = 0, end = bytes.length): boolean[] => {
    const told: boolean[] = []
    const sink: FrameSink = { header: (_, whole) => void told.push(whole), payload: () => false }
    new FrameDecoder('server', sink).decode(bytes, start, end)
    return told
  }

  test.each([
    ['to the last byte', frame, [true]],
    ['with more behind it', concat(frame, frame), [true, true]],
    ['but for its last byte', frame.subarray(0, -1), [false]],
    ['none of it', frame.subarray(0, 6), [false]],
    ['none, for it is empty', masked(Opcode.text, ''), [true]],
  ])('%s', (_, bytes, expected) => {
    expect(wholeOf(bytes)).toEqual(expected)
    const inside = concat(hex('ffffffff'), bytes, hex('ffffffff'))
    expect(wholeOf(inside, 4, 4 + bytes.length)).toEqual(expected)
  })
})

describe('decoders are independent', () => {
  const other = masked(Opcode.binary, 'x'.repeat(300), 0x01020304)

  test('while another is in the middle of a frame', () => {
    const frame = masked(Opcode.text, 'Hello, you')
    for (let at = 0; at <= frame.length; at++) {
      const { sink, pieces, headers } = recorder()
      const decoder = new FrameDecoder('server', sink)
      decoder.decode(frame.slice(0, at))
      new FrameDecoder('server', recorder().sink).decode(other.slice())
      decoder.decode(frame.slice(at))
      expect(headers, `cut at ${at}`).toEqual([1])
      expect(pieces.map(piece => piece.text).join(''), `cut at ${at}`).toBe('Hello, you')
      expect(pieces.at(-1)).toMatchObject({ opcode: 1, last: true })
    }
  })

  test('inside the sink of another', () => {
    const { sink, pieces } = recorder()
    const work = () => {
      new FrameDecoder('server', recorder().sink).decode(other.slice())
    }
    const decoder = new FrameDecoder('server', {
      header: work,
      payload(...args) {
        work()
        return sink.payload(...args)
      },
    })
    decoder.decode(concat(masked(Opcode.text, 'one'), masked(Opcode.text, 'two'), masked(Opcode.ping, '')))
    expect(pieces.map(piece => [piece.opcode, piece.text])).toEqual([
      [1, 'one'],
      [1, 'two'],
      [9, ''],
    ])
  })
})
