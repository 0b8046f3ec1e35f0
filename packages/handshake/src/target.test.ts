import { expect, test } from 'vitest'
import { parseTarget } from './target.ts'

test.each([
  ['/', '/', '', undefined],
  ['/chat?a=1?b=/', '/chat', '?a=1?b=/', undefined],
  ['/?', '/', '?', undefined],
  ['//ws', '//ws', '', undefined],
  ['/%2e%2e/ws/../x', '/%2e%2e/ws/../x', '', undefined],
  ['/a|b{c}', '/a|b{c}', '', undefined],
  ['http://h/ws', '/ws', '', 'h'],
  ['HTTPS://h:8443?x=/', '/', '?x=/', 'h:8443'],
  ['http://[::1]', '/', '', '[::1]'],
])('parses %j', (text, path, search, host) => {
  expect(parseTarget(text)).toEqual({ path, search, host })
})

test.each([
  '',
  '*',
  'ws',
  'h:80',
  '/ws#f',
  '/#',
  '/a b',
  '/a\tb',
  '/\0',
  '/é',
  '/\u0100',
  'ftp://h/',
  'ftp://http://h/',
  'http:///ws',
  'http://u@h/',
  'http:/h',
])('rejects %j', text => {
  expect(parseTarget(text)).toBeUndefined()
})
