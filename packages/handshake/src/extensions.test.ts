import { expect, test } from 'vitest'
import { formatExtensions, parseExtensions } from './extensions.ts'

test('parses the examples of §9.1', () => {
  expect(parseExtensions('deflate-stream')).toEqual([{ name: 'deflate-stream', params: [] }])
  expect(parseExtensions('mux; max-channels=4; flow-control,\t deflate-stream')).toEqual([
    {
      name: 'mux',
      params: [
        ['max-channels', '4'],
        ['flow-control', true],
      ],
    },
    { name: 'deflate-stream', params: [] },
  ])
})

test('keeps the order and duplicates of parameters', () => {
  expect(parseExtensions('a;x=1;X;x=2;__proto__=3')).toEqual([
    {
      name: 'a',
      params: [
        ['x', '1'],
        ['X', true],
        ['x', '2'],
        ['__proto__', '3'],
      ],
    },
  ])
})

test('a quoted value must be a token once unquoted', () => {
  expect(parseExtensions('a;b="c\\d"')).toEqual([{ name: 'a', params: [['b', 'cd']] }])
  for (const value of ['""', '"c d"', '"8;8"', '"c', '"\\""'])
    expect(parseExtensions(`a;b=${value}`)).toBeUndefined()
})

test('allows white space between words, and empty elements', () => {
  const expected = [
    { name: 'a', params: [['b', 'c']] },
    { name: 'd', params: [['e', true]] },
  ]
  expect(parseExtensions(' ,, a ; b = "c" ,\t,d;e , ')).toEqual(expected)
  expect(parseExtensions('a;b=c,d;e')).toEqual(expected)
})

test.each([
  '',
  ' ',
  ',',
  ', ,',
  ';',
  'a;',
  'a;;b',
  'a;=b',
  'a;b=',
  'a;b=,',
  'a b',
  'a=b',
  'a;b c',
  'a;b="c"d',
  '"a"',
  'a/b',
  'é',
])('rejects %j', text => {
  expect(parseExtensions(text)).toBeUndefined()
})

test('formatExtensions is the reverse of parseExtensions', () => {
  const text = 'permessage-deflate; client_max_window_bits; server_max_window_bits=10, foo'
  expect(formatExtensions(parseExtensions(text)!)).toBe(text)
  expect(formatExtensions([])).toBe('')
})

test.each([
  { name: 'a b', params: [] },
  { name: 'a', params: [['b;c', true] as const] },
  { name: 'a', params: [['b', '\r\n'] as const] },
  { name: 'a', params: [['b', ''] as const] },
])('formatExtensions throws for a name or value that is not a token (%#)', extension => {
  expect(() => formatExtensions([extension])).toThrow(TypeError)
  expect(() => formatExtensions([extension])).toThrow('(RFC 6455 §9.1)')
})
