// Group H of HOSTILE.md, as far as it can be judged without a socket: hostile and unlucky handshakes, each with its
// outcome. Rows about bytes run in every segmentation.

import { concat, segmentations } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import {
  accept,
  formatResponse,
  type JudgeOptions,
  judge,
  parseExtensions,
  RequestParser,
  refuse,
  type Verdict,
} from '../src/index.ts'
import { ACCEPT, type Changes, judgeBad, judgeGood, judgeStatus, KEY, openingRequest } from './example.ts'

type Row = [
  id: string,
  status: number,
  changes: Changes,
  parts?: Parameters<typeof judgeStatus>[1],
  options?: JudgeOptions,
]

const goodOrigins: JudgeOptions = { origin: ['https://good.example'] }

const rows: Row[] = [
  ['H1 minimal valid', 101, {}],
  ['H2 POST', 405, {}, { method: 'POST' }],
  ['H2 HEAD', 405, {}, { method: 'HEAD' }],
  ['H2 PUT', 405, {}, { method: 'PUT' }],
  ['H2 get in lower case is another method', 405, {}, { method: 'get' }],
  ['H3 HTTP/1.0', 426, {}, { httpVersion: '1.0' }],
  ['H4 no Host', 400, { Host: undefined }],
  ['H4 two Host', 400, { Host: ['example.com', 'example.com'] }],
  ['H4 two Host spelled differently', 400, { host: 'example.com' }],
  ['H4 empty Host', 400, { Host: '' }],
  ['H5 no Upgrade', 426, { Upgrade: undefined }],
  ['H5 no Connection', 426, { Connection: undefined }],
  ['H5 Connection without the token', 426, { Connection: 'keep-alive' }],
  ['H5 Upgrade: h2c', 426, { Upgrade: 'h2c' }],
  ['H6 Upgrade: WebSocket', 101, { Upgrade: 'WebSocket' }],
  ['H6 Connection: keep-alive, Upgrade', 101, { Connection: 'keep-alive, Upgrade' }],
  ['H6 Upgrade: foo, websocket', 101, { Upgrade: 'foo, websocket' }],
  ['H7 key absent', 400, { 'Sec-WebSocket-Key': undefined }],
  ['H7 key of 15 bytes', 400, { 'Sec-WebSocket-Key': Buffer.alloc(15).toString('base64') }],
  ['H7 key of 17 bytes', 400, { 'Sec-WebSocket-Key': Buffer.alloc(17).toString('base64') }],
  ['H7 key in bad base64', 400, { 'Sec-WebSocket-Key': 'dGhlIHNhbXBs*SBub25jZQ==' }],
  ['H7 key with an inner space', 400, { 'Sec-WebSocket-Key': 'dGhlIHNhbXBs SBub25jZQ==' }],
  ['H7 key twice', 400, { 'Sec-WebSocket-Key': [KEY, KEY] }],
  ['H7 key twice, joined', 400, { 'Sec-WebSocket-Key': `${KEY}, ${KEY}` }],
  ['H8 version absent', 426, { 'Sec-WebSocket-Version': undefined }],
  ...['8', '7', '0', '14', '256', '013', '13, 8', '13.0', '+13'].map(
    (version): Row => [`H8 version ${version}`, 426, { 'Sec-WebSocket-Version': version }],
  ),
  ['H9 subprotocol that is no token', 400, { 'Sec-WebSocket-Protocol': 'a b' }],
  ['H9 subprotocol twice', 400, { 'Sec-WebSocket-Protocol': 'a, a' }],
  ['H9 subprotocol twice, in two lines', 400, { 'Sec-WebSocket-Protocol': ['a', 'a'] }],
  ['H9 empty elements are ignored', 101, { 'Sec-WebSocket-Protocol': 'a,, ,b,' }],
  ['H9 only empty elements', 400, { 'Sec-WebSocket-Protocol': ' , ' }],
  ['H9 no elements', 400, { 'Sec-WebSocket-Protocol': '' }],
  ['H11 unknown extension', 101, { 'Sec-WebSocket-Extensions': 'x-unknown; a=1' }],
  [
    'H12 parameters are not judged here',
    101,
    { 'Sec-WebSocket-Extensions': 'permessage-deflate; server_max_window_bits=1000; x; x' },
  ],
  [
    'H12 a quoted value that is no token',
    400,
    { 'Sec-WebSocket-Extensions': 'permessage-deflate; server_max_window_bits="8;8"' },
  ],
  ['H15 Content-Length: 5', 400, { 'Content-Length': '5' }],
  ['H15 Content-Length twice', 400, { 'Content-Length': ['0', '5'] }],
  ['H15 malformed Content-Length', 400, { 'Content-Length': '-0' }],
  ['H15 empty Content-Length', 400, { 'Content-Length': '' }],
  ['H15 Transfer-Encoding', 400, { 'Transfer-Encoding': 'chunked' }],
  ['H15 Transfer-Encoding: identity', 400, { 'transfer-encoding': 'identity' }],
  ['H15 both', 400, { 'Transfer-Encoding': 'chunked', 'Content-Length': '0' }],
  ['H15 Content-Length: 0 is no body', 101, { 'Content-Length': '0' }],
  ['H16 head of more than 16 KiB', 431, { Cookie: 'x'.repeat(16384) }],
  ['H16 target of more than 8 KiB', 414, {}, { url: `/${'x'.repeat(8192)}` }],
  ['H16 target of 8 KiB', 101, {}, { url: `/${'x'.repeat(8191)}` }],
  ['H17 raw 0xE9 in the target', 400, {}, { url: '/caf\xe9' }],
  ['H17 space in the target', 400, {}, { url: '/a b' }],
  ['H18 the same host', 101, { Origin: 'https://example.com' }],
  ['H18 another host', 403, { Origin: 'https://evil.example' }],
  ...[
    'null',
    'https://good.example.evil.io',
    'https://evil-good.example',
    'https://good.example@evil.io',
  ].map((origin): Row => [`H18 ${origin}`, 403, { Origin: origin }, {}, goodOrigins]),
  ['H18 HTTPS://GOOD.EXAMPLE:443', 101, { Origin: 'HTTPS://GOOD.EXAMPLE:443' }, {}, goodOrigins],
  ['H18 trailing dot', 403, { Origin: 'https://good.example.' }, {}, goodOrigins],
  ['H18 IDN', 403, { Origin: 'https://g\xf6\xf6d.example' }, {}, goodOrigins],
  ['H18 two Origins', 403, { Origin: ['https://good.example', 'https://good.example'] }, {}, goodOrigins],
  ['H18 two Origins, joined', 403, { Origin: 'https://good.example, https://good.example' }, {}, goodOrigins],
  ['H18 two Origins in one', 403, { Origin: 'https://good.example https://evil.io' }, {}, goodOrigins],
  ['H19 Origin absent', 101, {}, {}, goodOrigins],
  ['H19 Origin absent but required', 403, {}, {}, { requireOrigin: true }],
  ['H19 Origin required and there', 101, { Origin: 'http://example.com' }, {}, { requireOrigin: true }],
  ['H20 Origin malformed', 403, { Origin: 'http://a:b' }],
  ['H20 Origin malformed, under a list', 403, { Origin: 'http://a:b' }, {}, goodOrigins],
  ['H20 Origin empty', 403, { Origin: '' }],
  ['H26 absolute target', 101, {}, { url: 'http://h/ws' }],
  ['H26 fragment', 400, {}, { url: '/ws#f' }],
  ['H26 asterisk', 400, {}, { url: '*' }],
  ['H26 another scheme', 400, {}, { url: 'ftp://h/ws' }],
]

test.each(rows)('%s → %i', (_, status, changes, parts = {}, options = {}) => {
  expect(judgeStatus(changes, parts, options)).toBe(status)
})

describe('what the answers say', () => {
  test('H1 the accept of §1.3', () => {
    expect(accept(judgeGood()).headers).toContainEqual(['Sec-WebSocket-Accept', ACCEPT])
  })

  test('H2 Allow: GET', () => {
    expect(judgeBad({}, { method: 'POST' }).headers).toEqual([['Allow', 'GET']])
  })

  test.each([{ Upgrade: undefined }, { Connection: 'close' }, { 'Sec-WebSocket-Version': '8' }])(
    'H3 H5 H8 every 426 names the upgrade: %j',
    changes => {
      const { headers } = judgeBad(changes)
      expect(headers.slice(0, 2)).toEqual([
        ['Upgrade', 'websocket'],
        ['Connection', 'Upgrade, close'],
      ])
      expect(judgeBad({}, { httpVersion: '1.0' }).headers).toEqual(headers.slice(0, 2))
    },
  )

  test('H8 Sec-WebSocket-Version: 13', () => {
    expect(judgeBad({ 'Sec-WebSocket-Version': undefined }).headers).toContainEqual([
      'Sec-WebSocket-Version',
      '13',
    ])
  })

  test('H9 two header lines are joined; no overlap is a 101 without the header', () => {
    const judged = judgeGood({ 'Sec-WebSocket-Protocol': ['a', 'b'] })
    expect(judged.subprotocols).toEqual(['a', 'b'])
    expect(formatResponse(accept(judged))).not.toContain('Sec-WebSocket-Protocol')
  })

  test.each(['c', 'a\r\nX: y', 'a\n'])('H10 the server agrees to %j, which was not offered', subprotocol => {
    const judged = judgeGood({ 'Sec-WebSocket-Protocol': 'a, b' })
    expect(() => accept(judged, { subprotocol })).toThrow(TypeError)
  })

  test('H11 an unknown extension is ignored by agreeing to none', () => {
    const judged = judgeGood({ 'Sec-WebSocket-Extensions': 'x-unknown' })
    expect(formatResponse(accept(judged))).not.toContain('Sec-WebSocket-Extensions')
  })

  test('H12 what the extension has to judge reaches it unchanged', () => {
    const offers = judgeGood({ 'Sec-WebSocket-Extensions': 'p; bits=7; bits=16; bits, p' }).extensions
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
      const { extensions, subprotocols } = judgeGood({
        'Sec-WebSocket-Extensions': `${name}; ${name}=${name}`,
        'Sec-WebSocket-Protocol': name,
        [`x-${name}`]: '1',
      })
      const rawHeaders = [...openingRequest().rawHeaders, name, 'x', name, 'y']
      expect(judge({ method: 'GET', url: '/', httpVersion: '1.1', rawHeaders }).ok).toBe(true)
      expect(extensions).toEqual([{ name, params: [[name, name]] }])
      expect(subprotocols).toEqual([name])
      expect(Reflect.ownKeys(Object.prototype)).toEqual(before)
      expect(judgeGood().extensions).toEqual([])
    },
  )

  test('H18 origin is judged against the host of an absolute target (RFC 9112 §3.2.2)', () => {
    expect(judgeStatus({ Origin: 'http://h' }, { url: 'http://h/ws' })).toBe(101)
    expect(judgeStatus({ Origin: 'http://example.com' }, { url: 'http://h/ws' })).toBe(403)
  })

  test.each([
    [503, 'Retry-After'],
    [429, 'Retry-After'],
  ])('H23 a refusal of one’s own: %i', (status, name) => {
    const text = formatResponse(refuse(status, 'Come back later', [[name, '5']]))
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [^\r]+\r\n${name}: 5\r\nConnection: close\r\n`))
    expect(text).toMatch(/Content-Length: 15\r\n\r\nCome back later$/)
  })

  test.each(['a\r\nb', 'a\nb', 'a\rb', 'a\0b'])('H24 the header value %j', value => {
    expect(() => accept(judgeGood(), { headers: [['X', value]] })).toThrow(TypeError)
    expect(() => refuse(400, '', [['X', value]])).toThrow(TypeError)
  })

  test('H25 2,005 short headers first', () => {
    const junk = Array.from({ length: 2005 }, () => ['a', 'b']).flat()
    const rawHeaders = [...junk, ...openingRequest().rawHeaders]
    expect(judge({ ...openingRequest(), rawHeaders })).toMatchObject({ ok: false, status: 431 })
  })

  test('H25 a header list cut short, so without Host or the rest', () => {
    expect(judge({ ...openingRequest(), rawHeaders: ['junk', 'x'] })).toMatchObject({
      ok: false,
      status: 400,
    })
    expect(judge({ ...openingRequest(), rawHeaders: ['Host'] })).toMatchObject({ ok: false, status: 400 })
  })

  test.each([
    ['http://h/ws', '/ws'],
    ['//ws', '//ws'],
    ['/%2e%2e/ws', '/%2e%2e/ws'],
    ['/../ws/./', '/../ws/./'],
  ])('H26 %s is routed by %s', (url, path) => {
    expect(judgeGood({}, { url }).path).toBe(path)
  })
})

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

  test.each(values)('%s: 15 KiB are judged in milliseconds', (_, grow) => {
    const value = grow(15 * 1024)
    const request = openingRequest({
      'Sec-WebSocket-Extensions': value,
      'Sec-WebSocket-Protocol': value.slice(0, 1024),
    })
    expect(fastest(() => judge(request, { limits: { maxHeadSize: 65536 } }))).toBeLessThan(20)
  })

  test('H14 the malformed ones are a 400', () => {
    for (const value of [`a;b="${'\\c'.repeat(4000)}`, ','.repeat(15000), ' '.repeat(15000)]) {
      expect(judgeStatus({ 'Sec-WebSocket-Extensions': value })).toBe(400)
    }
  })

  test.each(values)('%s: the time grows no faster than the value', (_, grow) => {
    expectLinear(size => {
      const value = grow(size)
      return () => parseExtensions(value)
    })
  })

  test.each(['Host', 'Origin', 'Connection', 'Sec-WebSocket-Protocol', 'Sec-WebSocket-Version', 'X'])(
    'a long value in %s is judged in linear time too',
    name => {
      for (const unit of ['a', ' ', ',', ':', '%', 'a b', '\t,', '[', 'A']) {
        expectLinear(size => {
          const request = openingRequest({ [name]: unit.repeat(size / unit.length) })
          return () => judge(request, { limits: { maxHeadSize: 1 << 24 } })
        })
      }
    },
  )
})

describe('heads as bytes, in every segmentation', () => {
  const request = (line: string, ...fields: string[]) =>
    latin1([line, 'Host: example.com', ...fields, '', ''].join('\r\n'))
  const upgrade = [
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${KEY}`,
    'Sec-WebSocket-Version: 13',
  ]
  const bytes: [id: string, status: number, bytes: Uint8Array][] = [
    ['H1 minimal valid', 101, request('GET /chat HTTP/1.1', ...upgrade)],
    ['H3 HTTP/1.0', 426, request('GET /chat HTTP/1.0', ...upgrade)],
    ['H4 two Host', 400, request('GET /chat HTTP/1.1', 'host: example.com', ...upgrade)],
    ['H16 head of more than 16 KiB', 431, request('GET /chat HTTP/1.1', `Cookie: ${'x'.repeat(16384)}`)],
    [
      'H16 head of more than 16 KiB, in short fields',
      431,
      request('GET / HTTP/1.1', ...Array(90).fill(`A: ${'x'.repeat(200)}`)),
    ],
    ['H16 target of more than 8 KiB', 414, request(`GET /${'x'.repeat(8192)} HTTP/1.1`, ...upgrade)],
    ['H16 target that never ends', 414, latin1(`GET /${'x'.repeat(20000)}`)],
    ['H17 bare LF', 400, latin1('GET / HTTP/1.1\nHost: h\n\n')],
    ['H17 bare LF in a field', 400, request('GET / HTTP/1.1', 'A: b\nC: d')],
    ['H17 NUL', 400, request('GET / HTTP/1.1', 'A: b\0c')],
    ['H17 CR in a value', 400, request('GET / HTTP/1.1', 'A: b\rc')],
    ['H17 obs-fold', 400, request('GET / HTTP/1.1', 'A: b', ' c')],
    ['H17 obs-fold by tab', 400, request('GET / HTTP/1.1', 'A: b', '\tc')],
    ['H17 space before the colon', 400, request('GET / HTTP/1.1', 'A : b')],
    ['H17 raw 0xE9 in the target', 400, request('GET /caf\xe9 HTTP/1.1', ...upgrade)],
    ['H17 space in the target', 400, request('GET /a b HTTP/1.1', ...upgrade)],
    ['H25 2,005 short headers', 431, request('GET / HTTP/1.1', ...Array(2005).fill('a:b'))],
    ['T15 TLS ClientHello', 400, Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01)],
    ['T15 HTTP/2 preface', 505, latin1('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
  ]

  describe.each(bytes)('%s → %i', (_, status, head) => {
    test.each(segmentations(head))('$name', ({ segments }) => {
      const verdict = judgeBytes(segments)
      expect(verdict?.ok ? 101 : verdict?.status).toBe(status)
    })
  })

  test('H22 a second request in the same packet is not read, whatever comes of the first', () => {
    const second = request('GET /admin HTTP/1.1', ...upgrade)
    const result = new RequestParser().push(concat(request('POST / HTTP/1.1'), second))
    expect(result).toMatchObject({ ok: true, head: { method: 'POST', url: '/' }, rest: second })
  })

  test('H16 byte by byte takes no more than in proportion', () => {
    expectLinear(size => {
      const head = request('GET / HTTP/1.1', `A: ${'x'.repeat(size)}`)
      return () => {
        const parser = new RequestParser({ maxHeadSize: 1 << 24 })
        for (let i = 0; i < head.length; i++) parser.push(head.subarray(i, i + 1))
      }
    })
  })
})

/** The verdict on bytes as a server reaches it: our own parser first, then the judge. */
function judgeBytes(segments: readonly Uint8Array[]): Verdict | undefined {
  const parser = new RequestParser()
  for (const segment of segments) {
    const result = parser.push(segment)
    if (result !== undefined) return result.ok ? judge(result.head) : result
  }
  return undefined
}

function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, char => char.charCodeAt(0))
}

/**
 * Expects that sixteen times the input takes nothing like the 256 times that quadratic work would take. Linear work
 * takes 16; the room above, and half a millisecond below, is for a busy machine and its garbage collector.
 */
function expectLinear(prepare: (size: number) => () => unknown): void {
  const small = fastest(prepare(1 << 14))
  const large = fastest(prepare(1 << 18))
  expect(large / Math.max(small, 0.5)).toBeLessThan(80)
}

/** Milliseconds of the fastest of three runs: noise only ever adds. */
function fastest(work: () => unknown): number {
  const times = [1, 2, 3].map(() => {
    const start = performance.now()
    work()
    return performance.now() - start
  })
  return Math.min(...times)
}
