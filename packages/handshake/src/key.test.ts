import { expect, test } from 'vitest'
import { ACCEPT, KEY } from '../test/example.ts'
import { computeAccept, createKey, isKey } from './key.ts'

test('a key is 24 characters that decode to 16 bytes', () => {
  expect(isKey(KEY)).toBe(true)
  expect(isKey('++++++++++//////////AA==')).toBe(true)
})

test('accepts non-zero pad bits, as in the key of §4.1', () => {
  expect(isKey('AQIDBAUGBwgJCgsMDQ4PEC==')).toBe(true)
})

test.each([
  ['nothing', ''],
  ['15 bytes', 'AAAAAAAAAAAAAAAAAAAA'],
  ['17 bytes', 'AAAAAAAAAAAAAAAAAAAAAAA='],
  ['18 bytes', 'AAAAAAAAAAAAAAAAAAAAAAAA'],
  ['no padding', 'dGhlIHNhbXBsZSBub25jZQ'],
  ['half the padding', 'dGhlIHNhbXBsZSBub25jZQ='],
  ['too much padding', 'dGhlIHNhbXBsZSBub25jZ==='],
  ['an inner space', 'dGhlIHNhbXBs ZSBub25jZ=='],
  ['base64url', '--------------------AA=='],
  ['a letter beyond ASCII', 'dGhlIHNhbXBsZSBub25jé=='],
  ['two keys', `${KEY}, ${KEY}`],
])('rejects a key that is %s', (_, text) => {
  expect(isKey(text)).toBe(false)
})

test('createKey returns a valid key, and a different one each time', () => {
  const keys = Array.from({ length: 50 }, createKey)
  expect(keys.every(isKey)).toBe(true)
  expect(new Set(keys).size).toBe(50)
})

test('computeAccept gives the value of §1.3, also with a given digest', () => {
  expect(computeAccept(KEY)).toBe(ACCEPT)
  expect(computeAccept(KEY, text => `<${text}>`)).toBe(`<${KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11>`)
})
