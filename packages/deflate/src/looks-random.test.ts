import { deflateRawSync } from 'node:zlib'
import { randomBytes, randomFrom } from '@ws/testing'
import { expect, test } from 'vitest'
import { looksRandom } from './looks-random.ts'

test('random and compressed bytes look random', () => {
  for (let seed = 1; seed <= 200; seed++) {
    for (const size of [256, 257, 1024, 70_000])
      expect(looksRandom(randomBytes(randomFrom(seed), size))).toBe(true)
  }
  const numbers = Array.from({ length: 5000 }, (_, i) => i * 7919)
  expect(looksRandom(deflateRawSync(JSON.stringify(numbers)))).toBe(true)
})

test('texts in several languages, JSON, base64, zeros and binary numbers do not look random', () => {
  const text = (sample: string) => Buffer.from(sample.repeat(Math.ceil(3000 / sample.length)))
  for (const bytes of [
    text('The quick brown fox jumps over the lazy dog. '),
    text('Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. '),
    text('いろはにほへと ちりぬるを わかよたれそ つねならむ'),
    text(JSON.stringify({ id: 1, name: 'somebody', at: [1.5, -7e10, null], ok: true })),
    Buffer.from(Buffer.from(randomBytes(randomFrom(1), 3000)).toString('base64')),
    Buffer.alloc(3000),
    Buffer.from(Float64Array.from({ length: 400 }, (_, i) => i / 8).buffer),
  ]) {
    expect(looksRandom(bytes)).toBe(false)
  }
})

test('fewer than 256 bytes do not look random', () => {
  expect(looksRandom(randomBytes(randomFrom(1), 255))).toBe(false)
})
