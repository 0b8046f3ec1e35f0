import { expect, test } from 'vitest'
import { hashToken, makeId, makeToken } from './token.ts'

test('a token has 256 bits, an id 128, and no two are the same', () => {
  expect(Buffer.from(makeToken(), 'base64url')).toHaveLength(32)
  expect(Buffer.from(makeId(), 'base64url')).toHaveLength(16)
  expect(new Set(Array.from({ length: 1000 }, makeToken)).size).toBe(1000)
  expect(new Set(Array.from({ length: 1000 }, makeId)).size).toBe(1000)
})

test('hashToken is SHA-256', () => {
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' // FIPS 180-4, the text "abc"
  expect(Buffer.from(hashToken('abc'), 'base64url').toString('hex')).toBe(abc)
})
