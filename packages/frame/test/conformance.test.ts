// RFC 6455 by section. All vectors are decoded whole, byte by byte, cut at random, inside a larger
// buffer, and with more bytes behind them.

import { concat, hex, segmentations, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { decodeFrames, encodeFrame, FrameDecoder, type FrameSink, ProtocolError } from '../src/index.ts'
import { expectedFrames, Run, runSegments } from './run.ts'
import { SECTIONS, type Vector, vectors, withTail } from './vectors.ts'

describe.each(Object.entries(SECTIONS))('RFC 6455 %s %s', (section, _title) => {
  const own = vectors.filter(vector => vector.section === section)

  describe.each(own)('$role: $name', vector => {
    test.each([
      ['', vector],
      [' and bytes behind it', withTail(vector)],
    ])(
      'gives the same result in any segmentation%s',
      (_, { role, bytes, reservedBits, expect: expected }) => {
        for (const { name, segments } of segmentations(bytes)) {
          expect(runSegments(role, segments, reservedBits), name).toEqual(outcomeOf(expected))
        }
      },
    )

    test('does not change the buffer around it', () => {
      const { role, bytes, reservedBits, expect: expected } = vector
      const [lead, trail] = [hex('81 85 ff'), hex('88 ff 00 ff')]
      const buffer = concat(lead, bytes, trail)
      const run = new Run(role, reservedBits)
      run.push(buffer, lead.length, lead.length + bytes.length)
      expect(run.outcome).toEqual(outcomeOf(expected))
      expect(buffer.subarray(0, lead.length)).toEqual(lead)
      expect(buffer.subarray(lead.length + bytes.length)).toEqual(trail)
    })
  })

  test.each(own.filter(isLegal))(
    '$role: $name: what was read is written again, bit for bit',
    ({ role, bytes }) => {
      const { frames, rest } = decodeFrames(role, bytes)
      expect(Buffer.from(concat(...frames.map(encodeFrame), rest)).equals(bytes)).toBe(true)
    },
  )
})

describe('F10: the sink rejects a frame by its header', () => {
  const limit: FrameSink = {
    header({ payloadLength }) {
      if (payloadLength > 1000)
        throw new ProtocolError('message too big', {
          code: 'ERR_WS_TEST',
          closeCode: 1009,
          section: 'RFC 6455 §7.4.1',
        })
    },
    payload: () => expect.fail('payload of a rejected frame'),
  }

  test.each([
    ['1001 bytes', '82 7e 03e9'],
    ['2^32 + 5 bytes', '82 7f 0000000100000005'],
    ['2^53 − 1 bytes', '82 7f 001fffffffffffff'],
  ])('%s: before any payload and in any segmentation', (_, header) => {
    for (const { name, segments } of segmentations(hex(header))) {
      const decoder = new FrameDecoder('client', limit)
      for (const segment of segments.slice(0, -1)) decoder.decode(segment)
      expect(() => decoder.decode(segments.at(-1)!), name).toThrow('message too big')
    }
    const withPayload = concat(hex(header), utf8('payload'))
    expect(() => new FrameDecoder('client', limit).decode(withPayload)).toThrow('message too big')
  })
})

test('all sections have vectors for both roles', () => {
  for (const section of Object.keys(SECTIONS)) {
    const roles = vectors.filter(vector => vector.section === section).map(vector => vector.role)
    expect(new Set(roles).size, section).toBe(section === '§5.3' ? 1 : 2)
  }
})

function outcomeOf({ frames, fault }: Vector['expect']): unknown {
  const expected = expectedFrames(frames)
  if (fault === undefined) return { frames: expected }
  return { frames: expected, fault: { ...fault, message: expect.stringContaining(fault.message) } }
}

function isLegal({ expect: { fault } }: Vector): boolean {
  return fault === undefined
}
