import { concat, hex, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { readClosePayload, writeClosePayload } from './close-payload.ts'

describe('readClosePayload', () => {
  test('C1: gives 1005 for an empty payload', () =>
    expect(readClosePayload(hex(''))).toEqual({ code: 1005, reason: '' }))
  test('a code', () => expect(readClosePayload(hex('03e8'))).toEqual({ code: 1000, reason: '' }))
  test('reads a code and a reason in the middle of a chunk', () => {
    const chunk = concat(hex('ffff 0fa0'), utf8('schön'), hex('ff'))
    expect(readClosePayload(chunk, 2, chunk.length - 1)).toEqual({ code: 4000, reason: 'schön' })
  })
  test('keeps a byte order mark in the reason', () => {
    expect(readClosePayload(hex('03e8 efbbbf 61'))).toEqual({ code: 1000, reason: '\ufeffa' })
  })
  test('C2: throws 1002 for one byte', () => {
    expect(() => readClosePayload(hex('03'))).toThrow(
      expect.objectContaining({ closeCode: 1002, message: expect.stringContaining('one byte') }),
    )
  })
  test.each([0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65_535])('C3: throws 1002 for %i', code => {
    expect(() => readClosePayload(Uint8Array.of(code >> 8, code))).toThrow(
      expect.objectContaining({ closeCode: 1002, message: expect.stringContaining(`close code ${code}`) }),
    )
  })
  test.each(['c0af', 'eda080', 'f4908080', '80', 'e282'])(
    'U4: throws 1007 for the reason %s, which is not UTF-8',
    reason => {
      expect(() => readClosePayload(hex(`03e8 ${reason}`))).toThrow(
        expect.objectContaining({ closeCode: 1007 }),
      )
    },
  )
})

describe('writeClosePayload', () => {
  test('is empty without a code', () => expect(writeClosePayload()).toEqual(hex('')))
  test('a code', () => expect(writeClosePayload(1001)).toEqual(hex('03e9')))
  test('a code and a reason', () => expect(writeClosePayload(4000, 'ä')).toEqual(hex('0fa0 c3a4')))
  test('writes a reason of 123 bytes', () =>
    expect(writeClosePayload(1000, 'x'.repeat(123))).toHaveLength(125))
  test('writes a lone surrogate as U+FFFD', () =>
    expect(writeClosePayload(1000, '\ud800')).toEqual(hex('03e8 efbfbd')))

  test.each([999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5, Number.NaN, '1000' as unknown as number])(
    'C11: code %s',
    code => expect(() => writeClosePayload(code)).toThrow(RangeError),
  )
  test('C11: throws for a reason of 124 bytes of UTF-8', () => {
    expect(() => writeClosePayload(1000, 'x'.repeat(124))).toThrow(RangeError)
    expect(() => writeClosePayload(1000, 'ä'.repeat(62))).toThrow(
      'at most 123 bytes of UTF-8 (RFC 6455 §5.5), not 124',
    )
  })
  test('C11: throws for a reason that is not a string', () => {
    expect(() => writeClosePayload(1000, 7 as unknown as string)).toThrow(TypeError)
  })
  test('throws for a reason without a code', () =>
    expect(() => writeClosePayload(undefined, 'why')).toThrow(TypeError))
})
