import { expect, test } from 'vitest'
import { ACCEPT, KEY } from '../test/example.ts'
import { createRequest } from './request.ts'
import { type ResponseValidation, validateResponse } from './validate-response.ts'

const request = createRequest({
  host: 'example.com',
  key: KEY,
  protocols: ['chat', 'superchat'],
  extensions: [
    { name: 'foo', params: [] },
    { name: 'bar', params: [] },
  ],
})

function verifyWith(changes: Record<string, string | undefined>, status = 101): ResponseValidation {
  const headers = { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Accept': ACCEPT, ...changes }
  const rawHeaders = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [name, value],
  )
  return validateResponse({ status, rawHeaders }, request)
}

test('accepts a valid response', () => {
  expect(verifyWith({})).toEqual({ ok: true, protocol: '', extensions: [] })
  expect(
    verifyWith({ 'Sec-WebSocket-Protocol': 'superchat', 'Sec-WebSocket-Extensions': 'bar; a=1, foo' }),
  ).toEqual({
    ok: true,
    protocol: 'superchat',
    extensions: [
      { name: 'bar', params: [['a', '1']] },
      { name: 'foo', params: [] },
    ],
  })
})

test('ignores case and white space where the RFC allows them', () => {
  const changes = {
    Upgrade: 'WebSocket',
    Connection: 'keep-alive, upgrade',
    'Sec-WebSocket-Accept': ` ${ACCEPT}\t`,
  }
  expect(verifyWith(changes).ok).toBe(true)
})

test('uses the given digest', () => {
  const rawHeaders = ['Upgrade', 'websocket', 'Connection', 'Upgrade', 'Sec-WebSocket-Accept', 'x']
  expect(validateResponse({ status: 101, rawHeaders }, request, () => 'x').ok).toBe(true)
})

test.each([
  [{}, 200, 'answered 200 instead of 101'],
  [{ Upgrade: undefined }, 101, 'Upgrade must be websocket'],
  [{ Upgrade: 'websocket, h2c' }, 101, 'Upgrade must be websocket'],
  [{ Connection: undefined }, 101, 'Connection must contain Upgrade'],
  [{ Connection: 'keep-alive' }, 101, 'Connection must contain Upgrade'],
  [{ 'Sec-WebSocket-Accept': undefined }, 101, 'does not answer the key'],
  [{ 'Sec-WebSocket-Accept': ACCEPT.toLowerCase() }, 101, 'does not answer the key'],
  [{ 'sec-websocket-accept': ACCEPT }, 101, 'does not answer the key'],
  [{ 'Sec-WebSocket-Protocol': 'mqtt' }, 101, 'subprotocol was not offered'],
  [{ 'Sec-WebSocket-Protocol': '' }, 101, 'subprotocol was not offered'],
  [{ 'Sec-WebSocket-Protocol': 'chat, superchat' }, 101, 'subprotocol was not offered'],
  [{ 'Sec-WebSocket-Extensions': 'baz' }, 101, 'extension baz was not offered'],
  [{ 'Sec-WebSocket-Extensions': 'foo;' }, 101, 'malformed'],
  [{ 'Sec-WebSocket-Extensions': '' }, 101, 'malformed'],
])('rejects %j with status %j', (changes, status, message) => {
  const verification = verifyWith(changes, status)
  expect(verification).toEqual({ ok: false, error: expect.stringContaining(message) as string })
  expect(verification).toEqual({ ok: false, error: expect.stringMatching(/\(RFC 6455 §[\d.]+\)$/) as string })
})
