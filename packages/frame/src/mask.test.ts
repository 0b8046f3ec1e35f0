import { randomBytes, randomFrom } from '@ws/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mask } from './mask.ts'

/**
 * RFC 6455 §5.3: j = i MOD 4; transformed-octet-i = original-octet-i XOR
 * masking-key-octet-j.
 */
function naiveMask(bytes: Uint8Array, maskingKey: number, offset: number): Uint8Array {
  const key = [maskingKey >>> 24, maskingKey >>> 16, maskingKey >>> 8, maskingKey].map(byte => byte & 0xff)
  return bytes.map((byte, i) => byte ^ key[(offset + i) % 4]!)
}

test('masks "Hello" with 37 fa 21 3d as in RFC 6455 §5.7', () => {
  const bytes = new TextEncoder().encode('Hello')
  mask(bytes, 0, 5, 0x37fa213d)
  expect(bytes).toEqual(Uint8Array.of(0x7f, 0x9f, 0x4d, 0x51, 0x58))
})

describe('the fast loops give the result of a naive one', () => {
  const random = randomFrom(42)

  test('at all lengths up to 80, all alignments and offsets', () => {
    for (let length = 0; length <= 80; length++) {
      for (let start = 0; start < 8; start++) expectSame(length, start, start % 4)
    }
  })

  test('around the lengths where the loop changes, at all alignments and offsets', () => {
    for (const length of [63, 64, 65, 511, 512, 513, 4095, 4096, 65_537]) {
      for (let start = 0; start < 8; start++) {
        for (let offset = 0; offset < 4; offset++) expectSame(length, start, offset)
      }
    }
  })

  test('for any key and position (property)', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 2000 }),
        fc.nat({ max: 15 }),
        fc.nat({ max: 2 ** 40 }),
        fc.nat({ max: 0xffff_ffff }),
        (length, start, offset, key) => expectSame(length, start, offset, key),
      ),
    )
  })

  function expectSame(length: number, start: number, offset: number, key = 0xfedc_ba98): void {
    const around = 3
    const bytes = randomBytes(random, start + length + around)
    const expected = bytes.slice()
    expected.set(naiveMask(bytes.subarray(start, start + length), key, offset), start)
    mask(bytes, start, start + length, key, offset)
    expect(bytes).toEqual(expected)
  }
})

test('masks a range of an array with any offset in its buffer', () => {
  const memory = new Uint8Array(1000)
  const bytes = memory.subarray(3, 903)
  mask(bytes, 1, 900, 0x01020304)
  expect(memory.subarray(0, 8)).toEqual(Uint8Array.of(0, 0, 0, 0, 1, 2, 3, 4))
  expect(memory.subarray(903)).toEqual(new Uint8Array(97))
})
