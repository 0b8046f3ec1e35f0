import { utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { RequestParser, ResponseParser } from './head.ts'

function parseRequest(text: string): ReturnType<RequestParser['push']> {
  return new RequestParser().push(Buffer.from(text, 'latin1'))
}

function parseResponse(text: string): ReturnType<ResponseParser['push']> {
  return new ResponseParser().push(Buffer.from(text, 'latin1'))
}

test('parses the head of a request', () => {
  const result = parseRequest(
    'GET /chat?a=1 HTTP/1.1\r\nHost: h\r\nX-Y:\t a b \t\r\nx-y:\xe9\r\nEmpty:\r\n\r\n\x81\x00',
  )
  expect(result).toMatchObject({
    ok: true,
    head: {
      method: 'GET',
      url: '/chat?a=1',
      httpVersion: '1.1',
      rawHeaders: ['Host', 'h', 'X-Y', 'a b', 'x-y', '\xe9', 'Empty', ''],
    },
  })
  expect(result?.ok && [...result.rest]).toEqual([0x81, 0x00])
})

test('accepts a head without fields', () => {
  expect(parseRequest('POST * HTTP/1.0\r\n\r\n')).toMatchObject({
    head: { method: 'POST', url: '*', httpVersion: '1.0', rawHeaders: [] },
  })
})

test.each([
  'GET',
  'GET /',
  'GET / ',
  'GET  / HTTP/1.1',
  'GET  HTTP/1.1',
  'GET / HTTP/1.1 ',
  ' GET / HTTP/1.1',
  'GET /\xe9 HTTP/1.1',
  'G@T / HTTP/1.1',
])('rejects the request line %j', line => {
  expect(parseRequest(`${line}\r\n\r\n`)).toMatchObject({
    ok: false,
    status: 400,
    body: expect.stringContaining('(RFC 9112 §') as string,
  })
})

test.each([
  'GET /\t HTTP/1.1',
  'GET / HTTP/1',
  'GET / http/1.1',
  'GET / HTTP/1.10',
  'GET / HTTP/1.1.',
  'GET / HTP/1.1',
  'GET / XHTTP/1.0',
  'GET / HTTP/a.1',
])('rejects the request line %j', line => {
  expect(parseRequest(`${line}\r\n\r\n`)).toMatchObject({ ok: false, status: 400 })
})

test.each(['GET', 'GET /', 'GETHTTP/1.1'])('reports the request line, not the version, for %j', line => {
  expect(parseRequest(`${line}\r\n\r\n`)).toMatchObject({
    body: 'the request line is malformed (RFC 9112 §3)',
  })
})

test.each(['HTTP/2.0', 'HTTP/0.9'])('rejects %s with 505', version => {
  expect(parseRequest(`GET / ${version}\r\n\r\n`)).toMatchObject({ ok: false, status: 505 })
})

test.each(['no colon', ': x', 'A : x', ' A: x', '\tA: x', 'A B: x', 'A\xe9: x', 'A"b: x', '[a]: x'])(
  'the field line %j is malformed',
  line => {
    expect(parseRequest(`GET / HTTP/1.1\r\nHost: h\r\n${line}\r\n\r\n`)).toMatchObject({
      ok: false,
      status: 400,
    })
    expect(parseResponse(`HTTP/1.1 101 \r\nHost: h\r\n${line}\r\n\r\n`)).toMatchObject({ ok: false })
  },
)

describe('the head of a response', () => {
  test.each([
    ['HTTP/1.1 101 Switching Protocols', 101, 'Switching Protocols'],
    ['HTTP/1.1 400 Bad  Reques\xe9', 400, 'Bad  Reques\xe9'],
    ['HTTP/1.0 599 ', 599, ''],
    ['HTTP/1.1 204', 204, ''],
  ])('parses the status line %j', (line, status, reason) => {
    expect(parseResponse(`${line}\r\nA: b\r\n\r\nx`)).toMatchObject({
      ok: true,
      head: { status, reason, httpVersion: line.slice(5, 8), rawHeaders: ['A', 'b'] },
      rest: Buffer.from('x'),
    })
  })

  test.each([
    'HTTP/1.1',
    'HTTP/1.1 ',
    'HTTP/1.1 99 x',
    'HTTP/1.1 600 x',
    'HTTP/1.1 1010 x',
    'HTTP/1.1 1101 x',
    'HTTP/1.1  101 x',
    'HTTP/2.0 101 x',
    'ICY 200 OK',
  ])('rejects the status line %j', line => {
    expect(parseResponse(`${line}\r\n\r\n`)).toEqual({
      ok: false,
      error: expect.stringMatching(/\(RFC 9112 §[\d.]+\)$/) as string,
    })
  })
})

test('answers 414 to a target above the limit, before and after the end of the line', () => {
  const parse = (length: number) =>
    new RequestParser({ maxTargetLength: 10 }).push(utf8(`GET /${'x'.repeat(length)} HTTP/1.1\r\n\r\n`))
  expect(parse(9)).toMatchObject({ ok: true })
  expect(parse(10)).toMatchObject({ ok: false, status: 414 })
  expect(parse(1000)).toMatchObject({ ok: false, status: 414 })
})

test('applies the limits to a response, without one for its first line', () => {
  const parse = (text: string) => new ResponseParser({ maxHeadSize: 40, maxFields: 1 }).push(utf8(text))
  expect(parse(`HTTP/1.1 101 ${'x'.repeat(23)}\r\n\r\n`)).toMatchObject({ ok: true })
  expect(parse(`HTTP/1.1 101 ${'x'.repeat(24)}\r\n\r\n`)).toMatchObject({
    error: expect.stringContaining('larger than 40 bytes') as string,
  })
  expect(parse('HTTP/1.1 101\r\na:b\r\n\r\n')).toMatchObject({ ok: true })
  expect(parse('HTTP/1.1 101\r\na:b\r\na:b\r\n\r\n')).toMatchObject({
    error: expect.stringContaining('more than 1 header fields') as string,
  })
})

test('throws for invalid limits at construction', () => {
  expect(() => new RequestParser({ maxFields: 0 })).toThrow(RangeError)
  expect(() => new ResponseParser({ maxHeadSize: NaN })).toThrow(RangeError)
})

test('returns the same rejection again, and throws after a complete head', () => {
  const parser = new RequestParser()
  expect(parser.push(utf8('\0'))).toEqual(parser.push(utf8('GET / HTTP/1.1\r\n\r\n')))
  const complete = new ResponseParser()
  expect(complete.push(utf8('HTTP/1.1 101\r\n\r\n'))).toMatchObject({ ok: true })
  expect(() => complete.push(utf8('x'))).toThrow(TypeError)
})
