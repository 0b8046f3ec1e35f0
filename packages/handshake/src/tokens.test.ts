import { expect, test } from 'vitest'
import {
  findTokenEnd,
  includesElement,
  isToken,
  lowerCase,
  parseTokenList,
  readQuotedString,
  skipWhitespace,
  trimWhitespace,
} from './tokens.ts'

test('accepts tokens of 77 ASCII characters', () => {
  const tchars = Array.from({ length: 0x180 }, (_, code) => String.fromCharCode(code)).filter(isToken)
  expect(tchars).toHaveLength(77)
  expect(tchars.join('')).toMatch(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/)
  expect(isToken('permessage-deflate')).toBe(true)
  for (const text of ['', 'a b', 'a/b', '"a"', 'a;', 'é']) expect(isToken(text)).toBe(false)
})

test('findTokenEnd stops at the first character that is not in a token', () => {
  expect(findTokenEnd('foo; bar', 0)).toBe(3)
  expect(findTokenEnd('foo; bar', 5)).toBe(8)
  expect(findTokenEnd('foo; bar', 3)).toBe(3)
})

test('skips spaces and tabs only', () => {
  expect(skipWhitespace(' \t x', 0)).toBe(3)
  expect(skipWhitespace('x', 1)).toBe(1)
  expect(trimWhitespace('\t a b \t')).toBe('a b')
  expect(trimWhitespace('\u00a0a\u00a0')).toBe('\u00a0a\u00a0')
  expect(trimWhitespace(' \t ')).toBe('')
})

test('unescapes a quoted-string and returns its end', () => {
  expect(readQuotedString('x="a\\"\\\\b" y', 2)).toEqual({ value: 'a"\\b', end: 10 })
  expect(readQuotedString('""', 0)).toEqual({ value: '', end: 2 })
  expect(readQuotedString('"é\t "', 0)).toEqual({ value: 'é\t ', end: 5 })
  expect(readQuotedString('"\xff"', 0)).toEqual({ value: '\xff', end: 3 })
})

test.each(['"', '"a', '"a\\', '"a\\"', '"\0"', '"\x7f"', '"\\\n"', '"\u0100"'])(
  'rejects the quoted-string %j',
  text => {
    expect(readQuotedString(text, 0)).toBeUndefined()
  },
)

test('parses a list of tokens in order, without empty elements', () => {
  expect(parseTokenList('b, a,,\tc ,')).toEqual(['b', 'a', 'c'])
  expect(parseTokenList(' , ,')).toEqual([])
  expect(parseTokenList('a, b c')).toBeUndefined()
})

test('includesElement compares whole elements, ignoring ASCII case', () => {
  expect(includesElement('foo, WebSocket', 'websocket')).toBe(true)
  expect(includesElement('HTTP/2.0,websocket', 'websocket')).toBe(true)
  for (const text of ['', 'websockets', 'web socket', 'websocket/13', 'webSoc\u212aet']) {
    expect(includesElement(text, 'websocket')).toBe(false)
  }
})

test('lowerCase changes ASCII letters only', () => {
  expect(lowerCase('AbZ-É\u212a')).toBe('abz-É\u212a')
  expect(lowerCase('É\u212a')).toBe('É\u212a')
})
