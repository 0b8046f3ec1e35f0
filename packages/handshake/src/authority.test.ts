import { expect, test } from 'vitest'
import { parseAuthority } from './authority.ts'

test.each([
  ['Example.COM', 'example.com', undefined],
  ['example.com:8080', 'example.com', 8080],
  ['example.com:', 'example.com', undefined],
  ['127.0.0.1:0', '127.0.0.1', 0],
  ['a:65535', 'a', 65535],
  ['[::1]', '[::1]', undefined],
  ['[::]:3000', '[::]', 3000],
  ['[2001:DB8::1]:443', '[2001:db8::1]', 443],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example', undefined],
  ['my_host.example.', 'my_host.example.', undefined],
  ["a%2Fb!$&'()*+,;=", "a%2fb!$&'()*+,;=", undefined],
])('parses %j', (text, host, port) => {
  expect(parseAuthority(text)).toEqual({ host, port })
})

test.each([
  '',
  ':80',
  'a:b',
  'a:65536',
  'a:1e3',
  'a:-1',
  'a:1:2',
  'a b',
  'a/b',
  'u@a',
  'u:p@a',
  'a%zz',
  'a%2',
  'bücher',
  '::1',
])('rejects %j', text => {
  expect(parseAuthority(text)).toBeUndefined()
})

test.each(['[', '[]', '[:]', '[::1', '[::g]', '[::1]80', '[::1]]:80', '[fe80::1%25eth0]', ']', '[a]b:80'])(
  'rejects %j',
  text => {
    expect(parseAuthority(text)).toBeUndefined()
  },
)
