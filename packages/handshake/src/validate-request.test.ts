import type { IncomingMessage } from 'node:http'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { expectRejected, expectValid, KEY, openingRequest } from '../test/example.ts'
import type { RequestHead } from './head.ts'
import { HostList } from './hosts.ts'
import {
  checkValidationOptions,
  type HandshakeRequest,
  type ValidationOptions,
  validateHost,
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
    [{ 'Sec-WebSocket-Protocol': 'a b' }, {}, 400],
    [{ 'Sec-WebSocket-Extensions': ';' }, {}, 400],
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

test.each([
  { origin: '*' },
  { origin: ['Null'] },
  { requireOrigin: 1 },
  { limits: { maxFields: -1 } },
  { limits: 'all' },
  { hosts: ['a'] },
])('throws for invalid options: %j', options => {
  expect(() => checkValidationOptions(options as ValidationOptions)).toThrow()
  expect(() =>
    validateRequest(openingRequest({}, { method: 'POST' }), options as ValidationOptions),
  ).toThrow()
})

test('leaves the size of a head to another parser with the limits none', () => {
  const large = {
    Cookie: 'x'.repeat(20_000),
    ...Object.fromEntries([...Array(200).keys()].map(i => [`X-${i}`, ''])),
  }
  const url = `/${'x'.repeat(10_000)}`
  expect(expectValid(large, { url }, { limits: 'none' }).path).toBe(url)
})

test('an empty list of subprotocols or extensions is none, and a repeated subprotocol counts once', () => {
  const request = expectValid({
    'Sec-WebSocket-Protocol': ['', 'b, a', 'b'],
    'Sec-WebSocket-Extensions': ' ,',
  })
  expect(request).toMatchObject({ protocols: ['b', 'a'], extensions: [] })
})

describe('hosts', () => {
  const hosts = new HostList(['local', 'app.example'])

  test('a request for another host is rejected with 421, which names the option', () => {
    const rejection = expectRejected(
      { Host: 'evil.example:3368', Origin: 'http://evil.example:3368' },
      {},
      { hosts },
    )
    expect(rejection.status).toBe(421)
    expect(rejection.body).toBe(
      'this server does not answer to the host "evil.example:3368": its option hosts does not list it (RFC 9110 §15.5.20)',
    )
  })

  test('a request for a listed host is valid', () => {
    for (const host of ['app.example:8080', 'localhost:3000', '127.0.0.1', '[::1]:3000'])
      expect(expectValid({ Host: host }, {}, { hosts }).host).toBe(host)
  })

  test('the host of an absolute target counts instead of Host', () => {
    expect(expectRejected({ Host: 'app.example' }, { url: 'http://evil.example/' }, { hosts }).status).toBe(
      421,
    )
    expect(expectValid({ Host: 'evil.example' }, { url: 'HTTP://App.example:80/' }, { hosts }).host).toBe(
      'App.example:80',
    )
  })

  test('validateHost does the same for an ordinary request', () => {
    const check = (Host: string | readonly string[] | undefined, url = '/') =>
      validateHost(openingRequest({ Host }, { url }), hosts)?.status
    expect(check('App.example:80')).toBeUndefined()
    expect(check('evil.example')).toBe(421)
    expect(check(['app.example', 'evil.example'])).toBe(421)
    expect(check('256.256.256.256')).toBe(400)
    expect(check('evil.example', 'http://app.example/')).toBeUndefined()
    expect(check('app.example', 'http://evil.example/')).toBe(421)
    expect(check('evil.example', '*')).toBe(421)
    expect(check('')).toBeUndefined()
    expect(validateHost({ url: undefined, rawHeaders: [] }, hosts)).toBeUndefined()
  })
})

describe('a rejected origin', () => {
  test('is compared in the body with the host that the request was for', () => {
    expect(expectRejected({ Host: 'app.internal:3001', Origin: 'https://app.example' })).toMatchObject({
      status: 403,
      body: 'pages of "https://app.example" may not connect: it is not that of the host "app.internal:3001", as the server sees it: a proxy must leave Host unchanged, or the option origin list it (RFC 6455 §4.2.2, §10.2)',
    })
    expect(expectRejected({ Host: 'a:1', Origin: 'https://b' }, {}, { origin: ['https://c'] }).body).toBe(
      'pages of "https://b" may not connect: the option origin does not list it; the request was for the host "a:1" (RFC 6455 §4.2.2, §10.2)',
    )
  })

  test('is quoted, and shortened, in the body', () => {
    const { body } = expectRejected({ Origin: `<b>"\\${'x'.repeat(9000)}` })
    expect(body).toContain(String.raw`"<b>\"\\xxx`)
    expect(body.length).toBeLessThan(400)
  })
})
