import { expect, test } from 'vitest'
import { ACCEPT, expectValid } from '../test/example.ts'
import { accept } from './accept.ts'

const request = expectValid({
  'Sec-WebSocket-Protocol': 'chat, superchat',
  'Sec-WebSocket-Extensions': 'foo, bar; x=1',
})

test('the smallest response has no optional headers', () => {
  expect(accept(request)).toEqual({
    status: 101,
    headers: [
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
      ['Sec-WebSocket-Accept', ACCEPT],
    ],
  })
  expect(accept(request, { protocol: undefined, extensions: [], headers: undefined }).headers).toHaveLength(3)
})

test('the response contains the choices and additional headers', () => {
  const response = accept(request, {
    protocol: 'superchat',
    extensions: [
      { name: 'bar', params: [['y', '2']] },
      { name: 'foo', params: [] },
    ],
    headers: new Set([
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
    ] as const),
  })
  expect(response.headers.slice(3)).toEqual([
    ['Sec-WebSocket-Protocol', 'superchat'],
    ['Sec-WebSocket-Extensions', 'bar; y=2, foo'],
    ['Set-Cookie', 'a=1'],
    ['Set-Cookie', 'b=2'],
  ])
})

test('uses the given digest', () => {
  expect(accept(request, { digest: () => 'x' }).headers[2]).toEqual(['Sec-WebSocket-Accept', 'x'])
})

test.each(['mqtt', 'Chat', '', 'chat, superchat', 'chat\r\nX: y'])(
  'the subprotocol %j was not offered',
  protocol => {
    expect(() => accept(request, { protocol })).toThrow(
      /did not offer the subprotocol .* \(RFC 6455 §4.2.2\)$/s,
    )
    expect(() => accept(request, { protocol })).toThrow(TypeError)
  },
)

test('throws a TypeError for an extension that was not offered or is not valid', () => {
  expect(() => accept(request, { extensions: [{ name: 'baz', params: [] }] })).toThrow(TypeError)
  expect(() => accept(request, { extensions: [{ name: 'foo', params: [['a', '\r\n']] }] })).toThrow(TypeError)
})

test.each([
  'Upgrade',
  'connection',
  'Sec-WebSocket-Accept',
  'sec-websocket-x',
  'Content-Length',
  'Transfer-Encoding',
  'a b',
])('throws a TypeError for the header %j, which the handshake sets', name => {
  expect(() => accept(request, { headers: [[name, 'x']] })).toThrow(TypeError)
})
