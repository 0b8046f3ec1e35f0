// Properties that hold for all inputs.

import { createHash } from 'node:crypto'
import { concat, segmentations, utf8 } from '@ws/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  accept,
  createRequest,
  type Extension,
  formatExtensions,
  formatRequest,
  formatResponse,
  type HandshakeRequest,
  parseExtensions,
  RequestParser,
  ResponseParser,
  reject,
  validateRequest,
  validateResponse,
} from '../src/index.ts'
import { sha1 } from '../src/sha1.ts'
import { KEY, openingRequest } from './example.ts'

const TCHARS = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
const token = fc.string({ unit: fc.constantFrom(...TCHARS), minLength: 1, maxLength: 8 })
const latin1 = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map(code => String.fromCharCode(code)) })
const ascii = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map(code => String.fromCharCode(code)) })
const extension: fc.Arbitrary<Extension> = fc.record({
  name: token,
  params: fc.array(fc.tuple(token, fc.oneof(token, fc.constant(true as const))), { maxLength: 4 }),
})
const extensions = fc.array(extension, { minLength: 1, maxLength: 4 })
const protocols = fc.uniqueArray(token, { maxLength: 4 })
const host = fc.constantFrom('example.com', 'example.com:8080', '[::1]:80', '127.0.0.1', 'a_b.example.')
const target = fc.webPath().map(path => `/${path}`)
const header = fc.tuple(
  token.map(name => `X-${name}`),
  ascii.map(text => text.trim()),
)

/** Bytes that resemble a head, so that its first lines are valid. */
const headBytes = fc
  .array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.constantFrom(
          'GET / HTTP/1.1',
          'HTTP/1.1 101 ',
          '\r\n',
          'A: b',
          ':',
          ' ',
          '\r',
          '\n',
          '\0',
          'a',
        ),
      },
      { weight: 1, arbitrary: latin1 },
    ),
  )
  .map(parts => Uint8Array.from(parts.join(''), char => char.charCodeAt(0)))

describe('texts', () => {
  test('parseExtensions is the reverse of formatExtensions', () => {
    fc.assert(
      fc.property(extensions, list => {
        expect(parseExtensions(formatExtensions(list))).toEqual(list)
      }),
    )
  })

  test('a quoted value is the same with and without escapes', () => {
    fc.assert(
      fc.property(token, token, fc.array(fc.boolean()), (name, value, escapes) => {
        const quoted = [...value].map((char, i) => (escapes[i] ? `\\${char}` : char)).join('')
        expect(parseExtensions(`x;${name}="${quoted}"`)).toEqual([{ name: 'x', params: [[name, value]] }])
      }),
    )
  })

  test('parseExtensions never throws, and its result can be formatted and parsed again', () => {
    const pieces = fc
      .array(fc.constantFrom('a', 'b', ';', ',', '=', '"', '\\', ' ', '\t', '\xe9'))
      .map(parts => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(pieces, fc.string(), latin1), text => {
        const list = parseExtensions(text)
        if (list !== undefined) expect(parseExtensions(formatExtensions(list))).toEqual(list)
      }),
      { numRuns: 1000 },
    )
  })

  test('sha1 equals that of node:crypto', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 300 }), text => {
        expect(sha1(text)).toBe(createHash('sha1').update(text).digest('base64'))
      }),
    )
  })
})

describe('heads', () => {
  test('RequestParser reads the output of formatRequest in any segmentation', () => {
    fc.assert(
      fc.property(
        host,
        target,
        fc.array(header, { maxLength: 10 }),
        fc.uint8Array(),
        fc.integer(),
        (name, path, headers, tail, seed) => {
          const request = createRequest({ host: name, target: path, headers })
          const bytes = concat(utf8(formatRequest(request)), tail)
          for (const { segments } of segmentations(bytes, [seed])) {
            expect(readAll(new RequestParser(), segments)).toEqual({
              ok: true,
              head: { method: 'GET', url: path, httpVersion: '1.1', rawHeaders: request.headers.flat() },
              rest: [...tail],
            })
          }
        },
      ),
    )
  })

  test('ResponseParser reads the output of formatResponse, with the right Content-Length', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 400, max: 599 }),
        fc.string({ unit: 'binary' }),
        fc.array(header, { maxLength: 10 }),
        (status, body, headers) => {
          const result = new ResponseParser().push(utf8(formatResponse(reject(status, body, headers))))
          expect(result).toMatchObject({ ok: true, head: { status } })
          if (!result?.ok) return
          const { rawHeaders } = result.head
          expect(rawHeaders.slice(0, 2 * headers.length)).toEqual(headers.flat())
          expect(rawHeaders[rawHeaders.indexOf('Content-Length') + 1]).toBe(String(result.rest.length))
          expect([...result.rest]).toEqual([...utf8(body)])
        },
      ),
    )
  })

  test('any bytes give a head, a rejection or undefined, the same in any segmentation', () => {
    fc.assert(
      fc.property(fc.oneof(headBytes, fc.uint8Array({ maxLength: 200 })), fc.integer(), (bytes, seed) => {
        const limits = { maxHeadSize: 60, maxFields: 2, maxTargetLength: 5 }
        for (const create of [
          () => new RequestParser(limits),
          () => new ResponseParser(limits),
          () => new RequestParser(),
        ]) {
          const [whole, ...cut] = segmentations(bytes, [seed, seed + 1]).map(({ segments }) =>
            readAll(create(), segments),
          )
          for (const result of cut) expect(result).toEqual(whole)
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('handshakes', () => {
  const names = fc.oneof(
    fc.constantFrom(
      'Host',
      'Upgrade',
      'Connection',
      'Origin',
      'Content-Length',
      'Transfer-Encoding',
      '__proto__',
    ),
    fc.constantFrom('Key', 'Version', 'Protocol', 'Extensions').map(name => `Sec-WebSocket-${name}`),
    fc.string(),
  )
  const values = fc.oneof(
    fc.constantFrom('example.com', 'websocket', 'Upgrade', KEY, '13', '0'),
    fc.string(),
    latin1,
    ascii,
  )
  const request: fc.Arbitrary<HandshakeRequest> = fc.record({
    method: fc.option(fc.oneof(fc.constant('GET'), fc.string()), { nil: undefined }),
    url: fc.option(fc.oneof(target, fc.string(), fc.webUrl()), { nil: undefined }),
    httpVersion: fc.oneof(fc.constant('1.1'), fc.string()),
    rawHeaders: fc.array(fc.tuple(names, values), { maxLength: 20 }).map(pairs => pairs.flat()),
  })

  test('validateRequest never throws, and its result can always be sent', () => {
    fc.assert(
      fc.property(request, wild => {
        const result = validateRequest(wild)
        const text = formatResponse(result.ok ? accept(result) : result)
        expect(text).toMatch(/^HTTP\/1\.1 (101|400|403|405|414|426|431) [A-Z]/)
      }),
      { numRuns: 1000 },
    )
  })

  test('validateRequest never throws for a valid request with one more header or another value', () => {
    fc.assert(
      fc.property(names, values, fc.boolean(), (name, value, isMore) => {
        const good = openingRequest(isMore ? {} : { [name]: value })
        const rawHeaders = isMore ? [...good.rawHeaders, name, value] : good.rawHeaders
        const result = validateRequest({ ...good, rawHeaders })
        expect(formatResponse(result.ok ? accept(result) : result)).toMatch(/^HTTP\/1\.1 \d{3} /)
      }),
      { numRuns: 1000 },
    )
  })

  test('our client’s request is always valid, and the client accepts the server’s response', () => {
    fc.assert(
      fc.property(
        host,
        target,
        protocols,
        fc.array(extension, { maxLength: 4 }),
        fc.array(header, { maxLength: 5 }),
        (name, path, protocols, offers, headers) => {
          const asked = createRequest({
            host: name,
            target: path,
            protocols: protocols,
            extensions: offers,
            origin: `https://${name}`,
            headers,
          })
          const parsed = new RequestParser().push(utf8(formatRequest(asked)))
          const result = validateRequest(parsed?.ok ? parsed.head : openingRequest({}, { method: '' }))
          expect(result).toMatchObject({
            ok: true,
            key: asked.key,
            protocols: protocols,
            extensions: offers,
          })
          if (!result.ok) return
          const agreed = accept(result, {
            protocol: protocols.at(-1),
            extensions: offers.slice(0, 2),
            headers,
          })
          const answer = new ResponseParser().push(utf8(formatResponse(agreed)))
          expect(answer?.ok && validateResponse(answer.head, asked)).toEqual({
            ok: true,
            protocol: protocols.at(-1) ?? '',
            extensions: offers.slice(0, 2),
          })
        },
      ),
    )
  })
})

/** The result for segments, with all bytes after the head; undefined if the head is incomplete. */
function readAll(parser: RequestParser | ResponseParser, segments: readonly Uint8Array[]): unknown {
  for (const [i, segment] of segments.entries()) {
    const result = parser.push(segment)
    if (result?.ok) return { ...result, rest: [...concat(result.rest, ...segments.slice(i + 1))] }
    if (result !== undefined) return result
  }
  return undefined
}
