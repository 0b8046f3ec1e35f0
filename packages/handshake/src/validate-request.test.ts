import type { IncomingMessage } from 'node:http'
import { expect, expectTypeOf, test } from 'vitest'
import { expectRejected, expectValid, KEY, openingRequest } from '../test/example.ts'
import type { RequestHead } from './head.ts'
import {
  checkValidationOptions,
  type HandshakeRequest,
  type ValidationOptions,
  validateRequest,
} from './validate-request.ts'

test('returns the parts of a valid request', () => {
  const request = expectValid(
    {
      Origin: 'HTTPS://Example.com:443',
      'Sec-WebSocket-Protocol': ['chat, superchat', 'x'],
      'Sec-WebSocket-Extensions': ['foo', 'bar; baz=2'],
    },
    { url: '/chat?room=1' },
  )
  expect(request).toEqual({
    ok: true,
    key: KEY,
    path: '/chat',
    search: '?room=1',
    host: 'example.com',
    origin: 'https://example.com',
    protocols: ['chat', 'superchat', 'x'],
    extensions: [
      { name: 'foo', params: [] },
      { name: 'bar', params: [['baz', '2']] },
    ],
  })
})

test('accepts Node’s IncomingMessage and a head from RequestParser', () => {
  expectTypeOf<IncomingMessage>().toExtend<HandshakeRequest>()
  expectTypeOf<RequestHead>().toExtend<HandshakeRequest>()
})

test('returns empty values for headers that were not sent', () => {
  expect(expectValid()).toMatchObject({ search: '', origin: undefined, protocols: [], extensions: [] })
})

test('checks HTTP first, then WebSocket, then the Origin', () => {
  const spoils = [
    [{}, { method: 'POST' }, 405],
    [{}, { httpVersion: '1.0' }, 426],
    [{ Host: undefined }, {}, 400],
    [{ 'Content-Length': '1' }, {}, 400],
    [{}, { url: '*' }, 400],
    [{ Upgrade: undefined }, {}, 426],
    [{ Connection: undefined }, {}, 426],
    [{ 'Sec-WebSocket-Version': '8' }, {}, 426],
    [{ 'Sec-WebSocket-Key': '' }, {}, 400],
    [{ 'Sec-WebSocket-Protocol': '' }, {}, 400],
    [{ 'Sec-WebSocket-Extensions': '' }, {}, 400],
    [{ Origin: 'null' }, {}, 403],
  ] as const
  for (const [i, [changes, parts, status]] of spoils.entries()) {
    const alone = expectRejected(changes, parts)
    expect(alone.status).toBe(status)
    const allAfter = spoils.slice(i)
    const together = expectRejected(
      Object.assign({}, ...allAfter.map(([fields]) => fields)),
      Object.assign({}, ...allAfter.map(([, rest]) => rest)),
    )
    expect(together).toEqual(alone)
  }
})

test('ends each rejection with its section', () => {
  for (const changes of [{ Host: 'a b' }, { Origin: 'null' }, { Upgrade: 'h2c' }]) {
    expect(expectRejected(changes).body).toMatch(/\(RFC \d+ §[\d.]+(, (RFC \d+ )?§[\d.]+)*\)$/)
  }
})

test('rejects a request without url or method', () => {
  expect(expectRejected({}, { url: undefined }).status).toBe(400)
  expect(expectRejected({}, { method: undefined }).status).toBe(405)
})

test.each(['2.0', '3.0', '1.2'])('accepts HTTP %s', httpVersion => {
  expect(expectValid({}, { httpVersion }).ok).toBe(true)
})

test.each(['0.9', '1.0', '', '1', '1.10', '11.1', 'x.y'])('rejects HTTP %j', httpVersion => {
  expect(expectRejected({}, { httpVersion }).status).toBe(426)
})

test('returns an invalid origin as sent, with the policy any', () => {
  expect(expectValid({ Origin: 'Localhost' }, {}, { origin: 'any' }).origin).toBe('Localhost')
  expect(expectValid({ Origin: '' }, {}, { origin: 'any' }).origin).toBe('')
  expect(expectRejected({ Origin: ['https://a', 'https://a'] }, {}, { origin: 'any' }).status).toBe(403)
})

test('applies the given limits', () => {
  expect(expectRejected({}, {}, { limits: { maxFields: 4 } }).status).toBe(431)
  expect(expectRejected({}, {}, { limits: { maxHeadSize: 100 } }).status).toBe(431)
  expect(expectRejected({}, {}, { limits: { maxTargetLength: 4 } }).status).toBe(414)
  expect(expectValid({}, {}, { limits: { maxFields: 5, maxTargetLength: 5 } }).path).toBe('/chat')
})

test('accepts a head exactly as large as its limit', () => {
  const { url = '', rawHeaders } = openingRequest()
  const size = rawHeaders.reduce((so, text) => so + text.length + 2, url.length)
  expect(expectValid({}, {}, { limits: { maxHeadSize: size } }).ok).toBe(true)
  expect(expectRejected({}, {}, { limits: { maxHeadSize: size - 1 } }).status).toBe(431)
})

test.each([{ origin: '*' }, { origin: ['null'] }, { requireOrigin: 1 }, { limits: { maxFields: -1 } }])(
  'throws for invalid options: %j',
  options => {
    expect(() => checkValidationOptions(options as ValidationOptions)).toThrow()
    expect(() =>
      validateRequest(openingRequest({}, { method: 'POST' }), options as ValidationOptions),
    ).toThrow()
  },
)
