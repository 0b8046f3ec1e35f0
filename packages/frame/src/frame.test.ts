import { hex, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { decodeFrames, encodeFrame } from './frame.ts'
import { Opcode } from './opcode.ts'

describe('encodeFrame', () => {
  test('applies defaults', () => expect(encodeFrame({ opcode: Opcode.ping })).toEqual(hex('89 00')))

  test('masks a copy of the payload', () => {
    const payload = utf8('Hello')
    const frame = encodeFrame({ opcode: Opcode.text, payload, maskingKey: 0x37fa213d })
    expect(frame).toEqual(hex('81 85 37fa213d 7f9f4d5158'))
    expect(payload).toEqual(utf8('Hello'))
  })

  test('encodes illegal frames', () => {
    const payload = hex('aa')
    expect(encodeFrame({ opcode: 11, rsv: 7, fin: false, payload })).toEqual(hex('7b 01 aa'))
    expect(encodeFrame({ opcode: 2, payload, lengthSize: 2 })).toEqual(hex('82 7e 0001 aa'))
    expect(encodeFrame({ opcode: 2, payload, lengthSize: 8 })).toEqual(hex('82 7f 0000000000000001 aa'))
    expect(encodeFrame({ opcode: 2, payload, payloadLength: 125 })).toEqual(hex('82 7d aa'))
    expect(encodeFrame({ opcode: 2, payloadLength: 2 ** 63 })).toEqual(hex('82 7f 8000000000000000'))
  })

  test.each([
    [{ opcode: 16 }, 'opcode must be an integer from 0 to 15, not 16'],
    [{ opcode: 1.5 }, 'opcode'],
    [{ opcode: 1, rsv: 8 }, 'rsv'],
    [{ opcode: 1, rsv: -1 }, 'rsv'],
    [{ opcode: 1, maskingKey: 2 ** 32 }, 'maskingKey'],
    [{ opcode: 1, payload: new Uint8Array(126), lengthSize: 0 }, 'payloadLength'],
    [{ opcode: 1, payloadLength: 65_536, lengthSize: 2 }, 'payloadLength'],
    [{ opcode: 1, payloadLength: 2 ** 64 }, 'payloadLength'],
  ] as const)('throws for a field out of range: %o', (frame, message) => {
    expect(() => encodeFrame(frame)).toThrow(RangeError)
    expect(() => encodeFrame(frame)).toThrow(message)
  })
})

describe('decodeFrames', () => {
  test('returns the frames and the bytes of an incomplete one', () => {
    const capture = hex('01 03 48656c  89 00  80 02 6c6f  82 05 0102')
    const { frames, rest } = decodeFrames('client', capture)
    const fields = { rsv: 0, lengthSize: 0 }
    expect(frames).toEqual([
      { ...fields, fin: false, opcode: 1, payloadLength: 3, payload: utf8('Hel') },
      { ...fields, fin: true, opcode: 9, payloadLength: 0, payload: hex('') },
      { ...fields, fin: true, opcode: 0, payloadLength: 2, payload: utf8('lo') },
    ])
    expect(rest).toEqual(hex('82 05 0102'))
  })

  test('unmasks, returns the key, and does not change the capture', () => {
    const capture = hex('81 85 37fa213d 7f9f4d5158')
    expect(decodeFrames('server', capture).frames).toMatchObject([
      { payload: utf8('Hello'), maskingKey: 0x37fa213d },
    ])
    expect(capture).toEqual(hex('81 85 37fa213d 7f9f4d5158'))
  })

  test('returns the reserved bits of any extension', () => {
    expect(decodeFrames('client', hex('c1 00')).frames).toMatchObject([{ rsv: 4 }])
  })

  test('throws for an illegal frame', () => {
    expect(() => decodeFrames('client', hex('8b 00'))).toThrow('unknown opcode 11')
  })
})

test('decodeFrames does not change a capture that is a Buffer, and returns arrays of its own', () => {
  const capture = Buffer.concat([
    encodeFrame({ opcode: 1, payload: utf8('a'), maskingKey: 0x01020304 }),
    Uint8Array.of(0x81),
  ])
  const before = Buffer.from(capture)
  const { frames, rest } = decodeFrames('server', capture)
  expect(capture.equals(before)).toBe(true)
  capture.fill(0)
  expect(frames[0]!.payload).toStrictEqual(utf8('a'))
  expect(rest).toStrictEqual(Uint8Array.of(0x81))
})
