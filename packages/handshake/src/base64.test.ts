import { utf8 } from '@ws/testing'
import { expect, test } from 'vitest'
import { encodeBase64 } from './base64.ts'

test.each([
  ['', ''],
  ['f', 'Zg=='],
  ['fo', 'Zm8='],
  ['foo', 'Zm9v'],
  ['foob', 'Zm9vYg=='],
  ['fooba', 'Zm9vYmE='],
  ['foobar', 'Zm9vYmFy'],
])('encodes %j as %j (RFC 4648 §10)', (text, expected) => {
  expect(encodeBase64(utf8(text))).toBe(expected)
})

test('encodes all bytes', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
  expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
})
