import { encodeFrame, Opcode } from '@ws/frame'
import { describe, expect, test } from 'vitest'
import { fieldsOf } from './fields.ts'
import { type Frame, FrameSequence, FrameSplitter, payloadOf, type Side } from './frame.ts'

const text = (words: string) => new TextEncoder().encode(words)

/** Splits a stream that comes in pieces of this size. */
function split(bytes: Uint8Array, from: Side, pieceSize = bytes.length, reservedBits = 0): Frame[] {
  const frames: Frame[] = []
  const sequence = new FrameSequence(from, reservedBits)
  const splitter = new FrameSplitter((...parts) => frames.push(sequence.add(...parts)))
  for (let at = 0; at < bytes.length; at += pieceSize) splitter.push(bytes.slice(at, at + pieceSize))
  splitter.end()
  return frames
}

function joined(...frames: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(frames.flatMap(frame => [...frame]))
}

describe('a stream of frames', () => {
  const stream = joined(
    encodeFrame({ opcode: Opcode.text, payload: text('Hello'), maskingKey: 0x37fa213d }),
    encodeFrame({ opcode: Opcode.binary, payload: new Uint8Array(300).fill(7), maskingKey: 1 }),
    encodeFrame({ opcode: Opcode.ping, maskingKey: 2 }),
    encodeFrame({ opcode: Opcode.binary, payload: new Uint8Array(70_000), maskingKey: 3 }),
  )

  test.each([1, 2, 3, 7, 1000, stream.length])('is split the same in pieces of %d bytes', pieceSize => {
    const frames = split(stream, 'client', pieceSize)
    expect(frames.map(({ header }) => header.payloadLength)).toEqual([5, 300, 0, 70_000])
    expect(joined(...frames.map(({ bytes }) => bytes))).toEqual(stream)
    expect(new TextDecoder().decode(payloadOf(frames[0]!))).toBe('Hello')
    expect(frames.every(({ fault, isComplete }) => fault === undefined && isComplete)).toBe(true)
  })

  test('goes on behind bytes that were not recorded', () => {
    const frames: Frame[] = []
    const sequence = new FrameSequence('server', 0)
    const splitter = new FrameSplitter((...parts) => frames.push(sequence.add(...parts)))
    const long = encodeFrame({ opcode: Opcode.binary, payload: new Uint8Array(1000) })
    splitter.push(long.slice(0, 104))
    splitter.skip(900)
    splitter.push(encodeFrame({ opcode: Opcode.text, payload: text('next') }))
    expect(frames.map(({ skipped, header }) => [header.payloadLength, skipped])).toEqual([
      [1000, 900],
      [4, 0],
    ])
  })

  test('may end within a frame', () => {
    const [frame] = split(Uint8Array.of(0x81, 5, 0x48), 'server')
    expect(frame).toMatchObject({ isComplete: false, header: { payloadLength: 5 } })
  })
})

describe('the rules of frames', () => {
  test.each<[string, Side, Uint8Array, string]>([
    ['an unmasked frame of a client', 'client', encodeFrame({ opcode: 1 }), 'RFC 6455 §5.1'],
    ['a masked frame of a server', 'server', encodeFrame({ opcode: 1, maskingKey: 1 }), 'RFC 6455 §5.1'],
    ['a reserved bit', 'server', encodeFrame({ opcode: 1, rsv: 4 }), 'RFC 6455 §5.2'],
    ['a continuation of nothing', 'server', encodeFrame({ opcode: 0 }), 'RFC 6455 §5.4'],
    ['invalid UTF-8', 'server', encodeFrame({ opcode: 1, payload: Uint8Array.of(0xff) }), 'RFC 6455 §8.1'],
    [
      'a close payload of one byte',
      'server',
      encodeFrame({ opcode: 8, payload: Uint8Array.of(3) }),
      'RFC 6455 §5.5.1',
    ],
  ])('%s is a fault', (_, from, bytes, where) => {
    expect(split(bytes, from)[0]?.fault?.section).toBe(where)
  })

  test('a character may be split between two frames, but not cut off', () => {
    const [first, second] = [text('€').slice(0, 1), text('€').slice(1)]
    const start = encodeFrame({ opcode: 1, fin: false, payload: first })
    const whole = split(joined(start, encodeFrame({ opcode: 0, payload: second })), 'server')
    expect(whole.map(({ fault }) => fault)).toEqual([undefined, undefined])
    const cut = split(joined(start, encodeFrame({ opcode: 0 })), 'server')
    expect(cut[1]?.fault?.message).toBe('text that is not UTF-8')
  })

  test('a continuation has the opcode and the compression of its message', () => {
    const bytes = joined(
      encodeFrame({ opcode: Opcode.text, rsv: 4, fin: false }),
      encodeFrame({ opcode: Opcode.ping }),
      encodeFrame({ opcode: Opcode.continuation }),
    )
    const frames = split(bytes, 'server', bytes.length, 4)
    expect(frames.map(frame => [frame.messageOpcode, frame.isCompressed])).toEqual([
      [Opcode.text, true],
      [Opcode.ping, false],
      [Opcode.text, true],
    ])
  })
})

test('every field of every kind of frame has a sentence and a section', () => {
  for (const opcode of [0, 1, 2, 3, 8, 9, 10, 11]) {
    for (const payloadLength of [0, 5, 126, 65_536]) {
      const bytes = encodeFrame({ opcode, payload: new Uint8Array(payloadLength), maskingKey: 1 })
      const [frame] = split(bytes, 'client')
      for (const { sentence, section } of fieldsOf(frame!)) {
        expect(sentence).toMatch(/^[A-Z].*\.$/)
        expect(section).toMatch(/^(?:RFC 7692 )?§\d/)
      }
    }
  }
})
