// Rows H of docs/hostile-inputs.md that do not need a socket. Rows about bytes run in every
// segmentation.

import { concat, segmentations } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import {
  accept,
  formatResponse,
  parseExtensions,
  RequestParser,
  type RequestValidation,
  reject,
  validateRequest,
} from '../src/index.ts'
import { ACCEPT, expectRejected, expectValid, judgeStatus, openingRequest } from './example.ts'
import { heads, request, rows, UPGRADE } from './rows.ts'

test.each(rows)('%s → %i', (_, status, changes, parts = {}, options = {}) => {
  expect(judgeStatus(changes, parts, options)).toBe(status)
})

describe('the responses', () => {
  test('H1 contain the accept value of §1.3', () => {
    expect(accept(expectValid()).headers).toContainEqual(['Sec-WebSocket-Accept', ACCEPT])
  })

  test('H2 contain Allow: GET', () => {
    expect(expectRejected({}, { method: 'POST' }).headers).toEqual([['Allow', 'GET']])
  })

  test.each([{ Upgrade: undefined }, { Connection: 'close' }, { 'Sec-WebSocket-Version': '8' }])(
    'H3 H5 H8 every 426 names the upgrade: %j',
    changes => {
      const { headers } = expectRejected(changes)
      expect(headers.slice(0, 2)).toEqual([
        ['Upgrade', 'websocket'],
        ['Connection', 'Upgrade, close'],
      ])
      expect(expectRejected({}, { httpVersion: '1.0' }).headers).toEqual(headers.slice(0, 2))
    },
  )

  test('H8 contain Sec-WebSocket-Version: 13', () => {
    expect(expectRejected({ 'Sec-WebSocket-Version': undefined }).headers).toContainEqual([
      'Sec-WebSocket-Version',
      '13',
    ])
  })

  test('H9 join two header lines, and omit the header if no subprotocol matches', () => {
    const valid = expectValid({ 'Sec-WebSocket-Protocol': ['a', 'b'] })
    expect(valid.protocols).toEqual(['a', 'b'])
    expect(formatResponse(accept(valid))).not.toContain('Sec-WebSocket-Protocol')
  })

  test.each(['c', 'a\r\nX: y', 'a\n'])('H10 cannot accept %j, which was not offered', protocol => {
    const valid = expectValid({ 'Sec-WebSocket-Protocol': 'a, b' })
    expect(() => accept(valid, { protocol })).toThrow(TypeError)
  })

  test('H11 omit an unknown extension', () => {
    const valid = expectValid({ 'Sec-WebSocket-Extensions': 'x-unknown' })
    expect(formatResponse(accept(valid))).not.toContain('Sec-WebSocket-Extensions')
  })

  test('H12 leave the parameters for the extension to check', () => {
    const offers = expectValid({ 'Sec-WebSocket-Extensions': 'p; bits=7; bits=16; bits, p' }).extensions
    expect(offers.map(({ params }) => params)).toEqual([
      [
        ['bits', '7'],
        ['bits', '16'],
        ['bits', true],
      ],
      [],
    ])
  })

  test.each(['__proto__', 'constructor', 'toString'])(
    'H13 %s as name of anything leaves the prototypes alone',
    name => {
      const before = Reflect.ownKeys(Object.prototype)
      const { extensions, protocols } = expectValid({
        'Sec-WebSocket-Extensions': `${name}; ${name}=${name}`,
        'Sec-WebSocket-Protocol': name,
        [`x-${name}`]: '1',
      })
      const rawHeaders = [...openingRequest().rawHeaders, name, 'x', name, 'y']
      expect(validateRequest({ method: 'GET', url: '/', httpVersion: '1.1', rawHeaders }).ok).toBe(true)
      expect(extensions).toEqual([{ name, params: [[name, name]] }])
      expect(protocols).toEqual([name])
      expect(Reflect.ownKeys(Object.prototype)).toEqual(before)
      expect(expectValid().extensions).toEqual([])
    },
  )

  test('H18 check the origin against the host of an absolute target (RFC 9112 §3.2.2)', () => {
    expect(judgeStatus({ Origin: 'http://h' }, { url: 'http://h/ws' })).toBe(101)
    expect(judgeStatus({ Origin: 'http://example.com' }, { url: 'http://h/ws' })).toBe(403)
  })

  test.each([
    [503, 'Retry-After'],
    [429, 'Retry-After'],
  ])('H23 can be a custom rejection with %i', (status, name) => {
    const text = formatResponse(reject(status, 'Come back later', [[name, '5']]))
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [^\r]+\r\n${name}: 5\r\nConnection: close\r\n`))
    expect(text).toMatch(/Content-Length: 15\r\n\r\nCome back later$/)
  })

  test.each(['a\r\nb', 'a\nb', 'a\rb', 'a\0b'])('H24 cannot contain the header value %j', value => {
    expect(() => accept(expectValid(), { headers: [['X', value]] })).toThrow(TypeError)
    expect(() => reject(400, '', [['X', value]])).toThrow(TypeError)
  })

  test('H25 reject 2,005 short headers', () => {
    const junk = Array.from({ length: 2005 }, () => ['a', 'b']).flat()
    const rawHeaders = [...junk, ...openingRequest().rawHeaders]
    expect(validateRequest({ ...openingRequest(), rawHeaders })).toMatchObject({ ok: false, status: 431 })
  })

  test('H25 reject a truncated list of headers', () => {
    expect(validateRequest({ ...openingRequest(), rawHeaders: ['junk', 'x'] })).toMatchObject({
      ok: false,
      status: 400,
    })
    expect(validateRequest({ ...openingRequest(), rawHeaders: ['Host'] })).toMatchObject({
      ok: false,
      status: 400,
    })
  })

  test.each([
    ['http://h/ws', '/ws'],
    ['//ws', '//ws'],
    ['/%2e%2e/ws', '/%2e%2e/ws'],
    ['/../ws/./', '/../ws/./'],
  ])('H26 give the path of %s as %s', (url, path) => {
    expect(expectValid({}, { url }).path).toBe(path)
  })
})

/** Timing tests are skipped in instrumented code, as in mutation tests. */
const timed = test.skipIf(process.env.INSTRUMENTED !== undefined)

describe('H14 pathological values', () => {
  const values: [name: string, grow: (size: number) => string][] = [
    ['escapes never closed', size => `a;b="${'\\c'.repeat(size / 2)}`],
    ['escapes closed', size => `a;b="${'\\c'.repeat(size / 2)}"`],
    ['commas', size => ','.repeat(size)],
    ['spaces', size => ' '.repeat(size)],
    ['spaces between', size => `a${' '.repeat(size)}b`],
    ['parameters', size => `a${';b'.repeat(size / 2)}`],
    ['spaces before a parameter', size => `a;b${' '.repeat(size)};c${' '.repeat(size)}=`],
    ['extensions', size => 'a,'.repeat(size / 2)],
    ['open quotes', size => 'a;b="'.repeat(size / 4)],
    ['one name', size => 'a'.repeat(size)],
  ]

  timed.each(values)('%s: 15 KiB are validated in milliseconds', (_, grow) => {
    const value = grow(15 * 1024)
    const request = openingRequest({
      'Sec-WebSocket-Extensions': value,
      'Sec-WebSocket-Protocol': value.slice(0, 1024),
    })
    expect(fastest(() => validateRequest(request, { limits: { maxHeadSize: 65536 } }))).toBeLessThan(20)
  })

  test('H14 malformed values get 400', () => {
    for (const value of [`a;b="${'\\c'.repeat(4000)}`, `${','.repeat(15000)};`, `${' '.repeat(15000)};`]) {
      expect(judgeStatus({ 'Sec-WebSocket-Extensions': value })).toBe(400)
    }
  })

  test('H14 lists without elements count as none, however long', () => {
    for (const value of [','.repeat(15000), ' '.repeat(15000)]) {
      expect(judgeStatus({ 'Sec-WebSocket-Extensions': value })).toBe(101)
    }
  })

  timed.each(values)('%s: the time grows no faster than the value', (_, grow) => {
    expectLinear(size => {
      const value = grow(size)
      return () => parseExtensions(value)
    })
  })

  timed.each(['Host', 'Origin', 'Connection', 'Sec-WebSocket-Protocol', 'Sec-WebSocket-Version', 'X'])(
    'a long value in %s is validated in linear time too',
    name => {
      for (const unit of ['a', ' ', ',', ':', '%', 'a b', '\t,', '[', 'A']) {
        expectLinear(size => {
          const request = openingRequest({ [name]: unit.repeat(size / unit.length) })
          return () => validateRequest(request, { limits: { maxHeadSize: 1 << 24 } })
        })
      }
    },
  )
})

describe('heads as bytes, in every segmentation', () => {
  describe.each(heads)('%s → %i', (_, status, head) => {
    test.each(segmentations(head))('$name', ({ segments }) => {
      const result = validateBytes(segments)
      expect(result?.ok ? 101 : result?.status).toBe(status)
    })
  })

  test('H22 a second request in the same packet is not read, after success or a rejection', () => {
    const second = request('GET /admin HTTP/1.1', ...UPGRADE)
    const result = new RequestParser().push(concat(request('POST / HTTP/1.1'), second))
    expect(result).toMatchObject({ ok: true, head: { method: 'POST', url: '/' }, rest: second })
  })

  timed('H16 byte by byte takes no more than in proportion', () => {
    expectLinear(size => {
      const head = request('GET / HTTP/1.1', `A: ${'x'.repeat(size)}`)
      return () => {
        const parser = new RequestParser({ maxHeadSize: 1 << 24 })
        for (let i = 0; i < head.length; i++) parser.push(head.subarray(i, i + 1))
      }
    })
  })
})

/** Runs of each measurement, because other programs and the garbage collector disturb some. */
const TRIES = 7

/** Parses and validates bytes as a server does. */
function validateBytes(segments: readonly Uint8Array[]): RequestValidation | undefined {
  const parser = new RequestParser()
  for (const segment of segments) {
    const result = parser.push(segment)
    if (result !== undefined) return result.ok ? validateRequest(result.head) : result
  }
  return undefined
}

/**
 * Expects that sixteen times the input takes far less than 256 times as long, which quadratic work
 * takes. Linear work takes 16 times; the rest of the margin is for a busy machine.
 */
function expectLinear(prepare: (size: number) => () => unknown): void {
  const small = fastest(prepare(1 << 14))
  const large = fastest(prepare(1 << 18))
  expect(large / Math.max(small, 0.5)).toBeLessThan(80)
}

/** Milliseconds of the fastest of three runs. */
function fastest(work: () => unknown): number {
  const times = Array.from({ length: TRIES }, () => {
    const start = performance.now()
    work()
    return performance.now() - start
  })
  return Math.min(...times)
}
