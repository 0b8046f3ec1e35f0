import { expect, test } from 'vitest'
import { KEY } from '../test/example.ts'
import { isKey } from './key.ts'
import { createRequest, formatRequest, type RequestOptions } from './request.ts'

test('creates the smallest request', () => {
  expect(formatRequest(createRequest({ host: 'example.com:8080', key: KEY }))).toBe(
    `GET / HTTP/1.1\r\nHost: example.com:8080\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  )
})

test('creates a request with all options', () => {
  const request = createRequest({
    host: 'example.com',
    target: '/chat?room=1',
    protocols: ['chat', 'superchat'],
    extensions: [{ name: 'foo', params: [['bar', true]] }],
    origin: 'https://example.com',
    headers: [['Cookie', 'a=b']],
  })
  expect(isKey(request.key)).toBe(true)
  expect(request).toMatchObject({ target: '/chat?room=1', protocols: ['chat', 'superchat'] })
  expect(formatRequest(request)).toMatch(/^GET \/chat\?room=1 HTTP\/1\.1\r\n/)
  expect(request.headers.slice(5)).toEqual([
    ['Origin', 'https://example.com'],
    ['Sec-WebSocket-Protocol', 'chat, superchat'],
    ['Sec-WebSocket-Extensions', 'foo; bar'],
    ['Cookie', 'a=b'],
  ])
})

test.each<Partial<RequestOptions>>([
  { host: '' },
  { host: 'a b' },
  { host: 'a\r\nX: y' },
  { target: '' },
  { target: 'chat' },
  { target: 'http://example.com/' },
  { target: '/a b' },
  { target: '/#a' },
  { target: '/\r\n' },
  { protocols: [''] },
  { protocols: ['a', ''] },
  { protocols: ['a', 'a'] },
  { protocols: ['a,b'] },
  { extensions: [{ name: '', params: [] }] },
  { origin: 'a\r\nX: y' },
  { key: 'short' },
  { headers: [['Host', 'x']] },
  { headers: [['Origin', 'x']] },
  { headers: [['Connection', 'close']] },
  { headers: [['Upgrade', 'h2c']] },
  { headers: [['Sec-WebSocket-Key', KEY]] },
  { headers: [['Content-Length', '1']] },
  { headers: [['X', 'a\nb']] },
  { headers: [['X', 'a\u0100']] },
  { origin: 'https://caf\u00e9.example' },
])('throws a TypeError for %j', options => {
  expect(() => createRequest({ host: 'example.com', ...options })).toThrow(TypeError)
})

test.each([[['a', 'a']], [['a,b']], [['']]])('throws for the invalid subprotocols %j', protocols => {
  expect(() => createRequest({ host: 'example.com', protocols })).toThrow(
    'subprotocols must be distinct tokens',
  )
})

test('keeps header values beyond ASCII, whose characters stand for bytes', () => {
  const request = createRequest({ host: 'example.com', headers: [['X-Name', 'caf\u00e9']] })
  expect(formatRequest(request)).toContain('\r\nX-Name: caf\u00e9\r\n')
})
