// Each MUST of RFC 6455 §4 and §9.1 that can be obeyed without a socket, in the RFC's order.

import { utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import {
  accept,
  type ClientRequest,
  computeAccept,
  createRequest,
  type Field,
  formatRequest,
  formatResponse,
  parseExtensions,
  type RequestHead,
  RequestParser,
  ResponseParser,
  type ResponseValidation,
  validateResponse,
} from '../src/index.ts'
import { ACCEPT, expectRejected, expectValid, judgeStatus, KEY } from './example.ts'

const extension = (name: string) => ({ name, params: [] })

describe('§1.3: the example', () => {
  test('the key dGhlIHNhbXBsZSBub25jZQ== is answered by s3pPLMBiTxaQ9kYGzzhZRbK+xOo=', () => {
    expect(computeAccept(KEY)).toBe(ACCEPT)
  })
})

describe('§4.1: the client’s request', () => {
  const options = {
    host: 'server.example.com:8080',
    target: '/chat',
    protocols: ['chat', 'superchat'],
    extensions: [extension('foo')],
    origin: 'http://example.com',
  }
  const request = createRequest(options)
  const head = parseOwn(request)
  const valuesOf = (name: string) =>
    request.headers.filter(([candidate]) => candidate === name).map(([, value]) => value)

  test('1: "The handshake MUST be a valid HTTP request"', () => {
    expect(head.rawHeaders).toEqual(request.headers.flat())
  })

  test('2: "The method of the request MUST be GET, and the HTTP version MUST be at least 1.1."', () => {
    expect(head).toMatchObject({ method: 'GET', httpVersion: '1.1' })
  })

  test('3: "The "Request-URI" part of the request MUST match the /resource name/ defined in Section 3"', () => {
    expect(head.url).toBe('/chat')
    expect(() => createRequest({ ...options, target: '/chat#top' })).toThrow('§3')
  })

  test('4: "The request MUST contain a |Host| header field whose value contains /host/ plus optionally ":" followed by /port/"', () => {
    expect(valuesOf('Host')).toEqual(['server.example.com:8080'])
  })

  test('5: "The request MUST contain an |Upgrade| header field whose value MUST include the "websocket" keyword."', () => {
    expect(valuesOf('Upgrade')).toEqual(['websocket'])
  })

  test('6: "The request MUST contain a |Connection| header field whose value MUST include the "Upgrade" token."', () => {
    expect(valuesOf('Connection')).toEqual(['Upgrade'])
  })

  test('7: "a nonce consisting of a randomly selected 16-byte value that has been base64-encoded", "for each connection"', () => {
    const [key = ''] = valuesOf('Sec-WebSocket-Key')
    expect(Buffer.from(key, 'base64')).toHaveLength(16)
    expect(Buffer.from(key, 'base64').toString('base64')).toBe(key)
    expect(createRequest(options).key).not.toBe(key)
  })

  test('8: an Origin when there is one', () => {
    expect(valuesOf('Origin')).toEqual(['http://example.com'])
  })

  test('9: "The value of this header field MUST be 13."', () => {
    expect(valuesOf('Sec-WebSocket-Version')).toEqual(['13'])
  })

  test('10: subprotocols "MUST be non-empty strings […] and MUST all be unique strings"', () => {
    expect(valuesOf('Sec-WebSocket-Protocol')).toEqual(['chat, superchat'])
    expect(() => createRequest({ ...options, protocols: ['chat', 'chat'] })).toThrow(TypeError)
    expect(() => createRequest({ ...options, protocols: [''] })).toThrow(TypeError)
  })

  test('11: extensions in the format of §9.1', () => {
    expect(valuesOf('Sec-WebSocket-Extensions')).toEqual(['foo'])
  })
})

describe('§4.1: "The client MUST validate the server’s response as follows"', () => {
  const request = createRequest({
    host: 'h',
    key: KEY,
    protocols: ['chat'],
    extensions: [extension('foo')],
  })
  const good: readonly Field[] = [
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Accept', ACCEPT],
  ]
  const answer = (headers: readonly Field[], status = 101): ResponseValidation =>
    validateResponse({ status, rawHeaders: headers.flat() }, request)
  const without = (name: string) => good.filter(([candidate]) => candidate !== name)
  const replaced = (name: string, value: string) => answer([...without(name), [name, value]]).ok

  test('1: a status other than 101 opens nothing', () => {
    expect(answer(good).ok).toBe(true)
    for (const status of [100, 200, 301, 401, 426]) expect(answer(good, status).ok).toBe(false)
  })

  test('2: no Upgrade, or one that is not "websocket" in any case', () => {
    expect(answer(without('Upgrade')).ok).toBe(false)
    expect(replaced('Upgrade', 'h2c')).toBe(false)
    expect(replaced('Upgrade', 'WEBSOCKET')).toBe(true)
  })

  test('3: no Connection, or one without the token "Upgrade" in any case', () => {
    expect(answer(without('Connection')).ok).toBe(false)
    expect(replaced('Connection', 'close')).toBe(false)
    expect(replaced('Connection', 'foo, uPGRADE')).toBe(true)
  })

  test('4: no Sec-WebSocket-Accept, or not the answer to the key, "ignoring any leading and trailing whitespace"', () => {
    expect(answer(without('Sec-WebSocket-Accept')).ok).toBe(false)
    expect(replaced('Sec-WebSocket-Accept', computeAccept('AQIDBAUGBwgJCgsMDQ4PEA=='))).toBe(false)
    expect(replaced('Sec-WebSocket-Accept', ` \t${ACCEPT} `)).toBe(true)
  })

  test('5: an extension "that was not present in the client’s handshake"', () => {
    expect(answer([...good, ['Sec-WebSocket-Extensions', 'foo, bar']]).ok).toBe(false)
    expect(answer([...good, ['Sec-WebSocket-Extensions', 'foo']]).ok).toBe(true)
  })

  test('6: a subprotocol "that was not present in the client’s handshake"', () => {
    expect(answer([...good, ['Sec-WebSocket-Protocol', 'superchat']]).ok).toBe(false)
    expect(answer([...good, ['Sec-WebSocket-Protocol', 'chat']])).toMatchObject({
      ok: true,
      protocol: 'chat',
    })
  })
})

describe('§4.2.1: reading the client’s opening handshake', () => {
  test('1: "An HTTP/1.1 or higher GET request", its target a resource name or an absolute URI that contains it', () => {
    expect(judgeStatus({}, { method: 'POST' })).toBe(405)
    expect(judgeStatus({}, { httpVersion: '1.0' })).toBe(426)
    expect(expectValid({}, { url: '/chat?a' })).toMatchObject({ path: '/chat', search: '?a' })
    expect(expectValid({}, { url: 'http://other.example/chat?a' })).toMatchObject({
      path: '/chat',
      host: 'other.example',
    })
  })

  test('2: "A |Host| header field containing the server’s authority."', () => {
    expect(judgeStatus({ Host: undefined })).toBe(400)
    expect(expectValid({ Host: 'h:8080' }).host).toBe('h:8080')
  })

  test('3: "An |Upgrade| header field containing the value "websocket", treated as an ASCII case-insensitive value."', () => {
    expect(judgeStatus({ Upgrade: undefined })).toBe(426)
    expect(judgeStatus({ Upgrade: 'WebSocket' })).toBe(101)
  })

  test('4: "A |Connection| header field that includes the token "Upgrade", treated as an ASCII case-insensitive value."', () => {
    expect(judgeStatus({ Connection: 'keep-alive' })).toBe(426)
    expect(judgeStatus({ Connection: ['keep-alive', 'upgrade'] })).toBe(101)
  })

  test('5: "a base64-encoded […] value that, when decoded, is 16 bytes in length"', () => {
    expect(judgeStatus({ 'Sec-WebSocket-Key': KEY.slice(4) })).toBe(400)
    expect(expectValid({ 'Sec-WebSocket-Key': ` ${KEY} ` }).key).toBe(KEY)
  })

  test('6: "A |Sec-WebSocket-Version| header field, with a value of 13."', () => {
    expect(judgeStatus({ 'Sec-WebSocket-Version': '12' })).toBe(426)
    expect(judgeStatus({ 'Sec-WebSocket-Version': undefined })).toBe(426)
  })

  test('7: a connection attempt lacking Origin "SHOULD NOT be interpreted as coming from a browser client"', () => {
    expect(expectValid().origin).toBeUndefined()
  })

  test('8: subprotocols, "ordered by preference"', () => {
    expect(expectValid({ 'Sec-WebSocket-Protocol': 'b, a' }).protocols).toEqual(['b', 'a'])
  })

  test('9: extensions', () => {
    expect(expectValid({ 'Sec-WebSocket-Extensions': 'b, a' }).extensions.map(({ name }) => name)).toEqual([
      'b',
      'a',
    ])
  })

  test('10: "Unknown header fields are ignored"', () => {
    expect(judgeStatus({ Cookie: 'a=b', 'Sec-WebSocket-Unknown': '\xe9', '': '' })).toBe(101)
  })

  test('"any violations of the ABNF grammar specified for the components of the handshake"', () => {
    expect(judgeStatus({ 'Sec-WebSocket-Protocol': 'a b' })).toBe(400)
    expect(judgeStatus({ 'Sec-WebSocket-Extensions': 'a b' })).toBe(400)
    expect(judgeStatus({ Host: 'a b' })).toBe(400)
  })
})

describe('§4.2.2: sending the server’s opening handshake', () => {
  const request = expectValid({ 'Sec-WebSocket-Protocol': 'chat', 'Sec-WebSocket-Extensions': 'foo' })

  test('4, origin: "it MUST return an appropriate HTTP error code (e.g., 403 Forbidden)"', () => {
    expect(judgeStatus({ Origin: 'https://evil.example' })).toBe(403)
  })

  test('4, version: "an appropriate HTTP error code (such as 426 Upgrade Required) and a |Sec-WebSocket-Version| header field"', () => {
    const rejection = expectRejected({ 'Sec-WebSocket-Version': '8' })
    expect(rejection.status).toBe(426)
    expect(rejection.headers).toContainEqual(['Sec-WebSocket-Version', '13'])
  })

  test('4, subprotocol: "The value chosen MUST be derived from the client’s handshake"', () => {
    expect(() => accept(request, { protocol: 'mqtt' })).toThrow('§4.2.2')
    expect(() => accept(expectValid(), { protocol: 'chat' })).toThrow('§4.2.2')
  })

  test('4, subprotocol: "it MUST NOT send back a |Sec-WebSocket-Protocol| header field"; "the empty string […] is not a legal value"', () => {
    expect(formatResponse(accept(request))).not.toContain('Sec-WebSocket-Protocol')
    expect(() => accept(request, { protocol: '' })).toThrow(TypeError)
  })

  test('4, extensions: "Extensions not listed by the client MUST NOT be listed."', () => {
    expect(() => accept(request, { extensions: [extension('bar')] })).toThrow('§4.2.2')
    expect(formatResponse(accept(request, { extensions: [] }))).not.toContain('Sec-WebSocket-Extensions')
  })

  test('5: "it MUST reply with a valid HTTP response": 101, Upgrade, Connection, Accept, Protocol, Extensions', () => {
    const text = formatResponse(accept(request, { protocol: 'chat', extensions: [extension('foo')] }))
    const result = new ResponseParser().push(utf8(text))
    expect(result?.ok && result.head).toEqual({
      status: 101,
      reason: 'Switching Protocols',
      httpVersion: '1.1',
      rawHeaders: [
        ['Upgrade', 'websocket'],
        ['Connection', 'Upgrade'],
        ['Sec-WebSocket-Accept', ACCEPT],
        ['Sec-WebSocket-Protocol', 'chat'],
        ['Sec-WebSocket-Extensions', 'foo'],
      ].flat(),
    })
  })
})

describe('§4.4: supporting multiple versions', () => {
  test.each(['25', '8', '013', '13, 8', ''])(
    'version %j: "it MUST respond with a |Sec-WebSocket-Version| header field"',
    version => {
      expect(expectRejected({ 'Sec-WebSocket-Version': version }).headers).toContainEqual([
        'Sec-WebSocket-Version',
        '13',
      ])
    },
  )

  test('§11.3.5: "the |Sec-WebSocket-Version| header field MUST NOT appear more than once in an HTTP request", but an identical one is tolerated', () => {
    expect(judgeStatus({ 'Sec-WebSocket-Version': ['13', '13'] })).toBe(101)
    expect(judgeStatus({ 'Sec-WebSocket-Version': ['13', '8'] })).toBe(426)
  })
})

describe('§9.1: negotiating extensions', () => {
  test('"the recipient of such malformed data MUST immediately _Fail the WebSocket Connection_": the server', () => {
    for (const value of ['a;', 'a;b=', 'a b', ';', 'a;b="c']) {
      expect(judgeStatus({ 'Sec-WebSocket-Extensions': value })).toBe(400)
    }
  })

  test('"the recipient of such malformed data MUST immediately _Fail the WebSocket Connection_": the client', () => {
    const request = createRequest({ host: 'h', key: KEY, extensions: [extension('a')] })
    const rawHeaders = ['Upgrade', 'websocket', 'Connection', 'Upgrade', 'Sec-WebSocket-Accept', ACCEPT]
    expect(
      validateResponse(
        { status: 101, rawHeaders: [...rawHeaders, 'Sec-WebSocket-Extensions', 'a;'] },
        request,
      ).ok,
    ).toBe(false)
  })

  test('"the value after quoted-string unescaping MUST conform to the "token" ABNF"', () => {
    expect(parseExtensions('a;b="\\c"')).toEqual([{ name: 'a', params: [['b', 'c']] }])
    expect(parseExtensions('a;b="c d"')).toBeUndefined()
  })

  test('"this header field MAY be split or combined across multiple lines"', () => {
    const split = expectValid({ 'Sec-WebSocket-Extensions': ['foo', 'bar; baz=2'] })
    expect(split).toEqual(expectValid({ 'Sec-WebSocket-Extensions': 'foo, bar; baz=2' }))
  })

  test('"the order of extensions is significant"', () => {
    const request = expectValid({ 'Sec-WebSocket-Extensions': 'foo, bar' })
    const { headers } = accept(request, { extensions: [extension('bar'), extension('foo')] })
    expect(headers).toContainEqual(['Sec-WebSocket-Extensions', 'bar, foo'])
  })
})

function parseOwn(request: ClientRequest): RequestHead {
  const result = new RequestParser().push(utf8(formatRequest(request)))
  if (!result?.ok) throw new Error('our own request is rejected')
  return result.head
}
