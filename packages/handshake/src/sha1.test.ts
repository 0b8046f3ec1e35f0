import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { sha1 } from './sha1.ts'

test.each([
  ['abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '84983e441c3bd26ebaae4aa1f95129e5e54670f1'],
  ['a'.repeat(1000), '291e9a6c66994949b57ba5e650361e98fc36b1ba'],
])('hashes %j (RFC 3174 §7.3)', (text, digest) => {
  expect(sha1(text)).toBe(Buffer.from(digest, 'hex').toString('base64'))
})

test('hashes texts of all lengths around the block size', () => {
  for (let length = 0; length < 200; length++) {
    const text = 'x'.repeat(length)
    expect(sha1(text)).toBe(createHash('sha1').update(text).digest('base64'))
  }
})
