// The head of a request, from bytes to the answer: parser, validateRequest, acceptance.

import {
  accept,
  type Extension,
  formatResponse,
  type Parsed,
  type Rejection,
  type RequestHead,
  RequestParser,
  ResponseParser,
  type ValidRequest,
  validateRequest,
  validateResponse,
} from '@ws/handshake'
import { concat, upgradeRequest, utf8 } from '@ws/testing'
import { Chance, cut, seedOf } from '../chance.ts'
import { fromLatin1, latin1, must, mustEqual, type Target } from '../target.ts'

const LINES: Readonly<Record<string, readonly string[]>> = {
  Host: ['h', 'h:80', '[::1]:1', 'h:99999', 'a@b', '', 'h, h', 'xn--a.example'],
  Upgrade: ['websocket', 'WebSocket', 'foo, websocket', 'h2c', ''],
  Connection: ['Upgrade', 'keep-alive, upgrade', 'close', ''],
  'Sec-WebSocket-Key': [
    'AAAAAAAAAAAAAAAAAAAAAA==',
    'AAAAAAAAAAAAAAAAAAAAAB==',
    'AAAA',
    '',
    ' dGhlIHNhbXBsZSBub25jZQ== ',
  ],
  'Sec-WebSocket-Version': ['13', '8', '013', '13, 8', '', '14'],
  'Sec-WebSocket-Protocol': ['chat', 'a, b', 'a,,b', 'a, a', ',', '"a"', '__proto__'],
  'Sec-WebSocket-Extensions': [
    'permessage-deflate',
    'a;b=1, c;d="e"',
    'a;b="\\c"',
    ';',
    'a;b="',
    '__proto__; constructor',
  ],
  Origin: ['http://localhost', 'null', 'https://localhost.evil', 'http://a:b', 'HTTP://LOCALHOST:80', ''],
  'Content-Length': ['0', '00', '5', '-1', ''],
  'Transfer-Encoding': ['chunked', 'identity', ''],
  'X-Filler': ['x'.repeat(9000), '\xe9', ' folded', '\t'],
}
const REQUEST_LINES = [
  'POST / HTTP/1.1',
  'GET / HTTP/1.0',
  'GET / HTTP/2.0',
  'GET / HTTP/3.1',
  'GET http://h/ws?a HTTP/1.1',
  'GET /ws#f HTTP/1.1',
  'GET //ws HTTP/1.1',
  'GET * HTTP/1.1',
  'GET  / HTTP/1.1',
  'GET /\xe9 HTTP/1.1',
  `GET /${'a'.repeat(8200)} HTTP/1.1`,
  'GET /',
]
/** What the parser and the judge document as their answers. */
const OF_PARSER = [400, 414, 431, 505]
const OF_JUDGE = [400, 403, 405, 414, 426, 431]

type Result = Parsed<RequestHead> | Rejection | undefined

/** The target. */
export const requestHead: Target = {
  name: 'request head',
  about:
    "`RequestParser`, `validateRequest`, `accept` and our client's `validateResponse`, with the " +
    'input whole, byte by byte and cut at random. Each segmentation gives the same result. A ' +
    'rejection is complete, and its status is 400, 403, 405, 414, 426, 431 or 505.',
  files: [
    'handshake/src/head.ts',
    'handshake/src/lines.ts',
    'handshake/src/validate-request.ts',
    'handshake/src/target.ts',
  ],
  words: [
    ...Object.entries(LINES).flatMap(([name, values]) =>
      values.filter(value => value.length < 100).map(value => fromLatin1(`${name}: ${value}\r\n`)),
    ),
    ...['\r\n', '\r\n\r\n', '\n', '\r', '\0', ' : ', ',', '"', '\\', ' HTTP/1.1\r\n'].map(fromLatin1),
  ],

  generate(chance) {
    const lines: Record<string, string | readonly string[] | undefined> = {}
    const names = Object.keys(LINES)
    for (let left = chance.int(4); left > 0; left--) {
      const name = chance.pick(names)
      const value = chance.pick(LINES[name]!)
      lines[name] = chance.pick([value, value, value, [value, value], undefined])
    }
    const head = upgradeRequest('/chat?a=1', lines, chance.oneIn(8) ? chance.pick(REQUEST_LINES) : undefined)
    return concat(fromLatin1(head), chance.oneIn(3) ? chance.bytes(chance.int(30)) : new Uint8Array(0))
  },

  run(input) {
    const whole = parse([input])
    const chance = new Chance(seedOf(input))
    mustEqual(parse(cut(chance, input)), whole, 'cut at random')
    mustEqual(parse(cut(chance, input, 1)), whole, 'byte by byte')
    if (whole === undefined) return 'not complete'
    if (!whole.ok) return refused('parser', whole, OF_PARSER)
    const { head, rest } = whole
    must(latin1(input).endsWith(latin1(rest)), 'the rest is not what followed the head')
    const verdict = validateRequest(head)
    if (!verdict.ok) return refused('validateRequest', verdict, OF_JUDGE)
    opens(verdict)
    return `101${verdict.protocols.length > 0 ? ' subprotocols' : ''}${verdict.extensions.length > 0 ? ' extensions' : ''}`
  },
}

/** What a parser makes of these segments, with all that follows the head in `rest`. */
function parse(segments: readonly Uint8Array[]): Result {
  const parser = new RequestParser()
  for (const [i, segment] of segments.entries()) {
    const result = parser.push(segment)
    if (result?.ok) return { ...result, rest: concat(result.rest, ...segments.slice(i + 1)) }
    if (result === undefined) continue
    mustEqual(parser.push(segment), result, 'a refusal that does not stay')
    return result
  }
  return undefined
}

function refused(by: string, refusal: Rejection, documented: readonly number[]): string {
  const { status, body, headers } = refusal
  must(documented.includes(status), `${by}: undocumented status ${status}`)
  must(/\(RFC \d+ §[\d.]+(?:, (?:RFC \d+ )?§[\d.]+)*\)$/.test(body), `no section at the end of: ${body}`)
  const names = headers.map(([name]) => name)
  must(
    status !== 426 || names.some(name => /^(Upgrade|Sec-WebSocket-Version)$/.test(name)),
    '426 without what to do',
  )
  must(status !== 405 || names.includes('Allow'), '405 without Allow')
  const text = formatResponse(refusal)
  const response = new ResponseParser().push(utf8(text))
  must(response?.ok === true && response.head.status === status, 'our own client cannot read the refusal')
  mustEqual(
    findValue(response.head.rawHeaders, 'content-length'),
    `${response.rest.length}`,
    'Content-Length',
  )
  must(/close/.test(findValue(response.head.rawHeaders, 'connection') ?? ''), 'a refusal that does not close')
  return `${by} ${status}: ${body.replace(/\(.*/, '').replace(/\d+/g, 'n').trim()}`
}

function opens(judged: ValidRequest): void {
  const { key, path, protocols, extensions } = judged
  must(/^[A-Za-z0-9+/]{22}==$/.test(key), 'a key that is none')
  must(path.startsWith('/') && !/[^!-~]|[#?]/.test(path), 'a path that is none')
  mustEqual([...new Set(protocols)], protocols, 'subprotocols listed twice')
  const chosen = protocols[0]
  const agreed: Extension[] = extensions.slice(0, 1)
  const text = formatResponse(accept(judged, { protocol: chosen, extensions: agreed }))
  const response = new ResponseParser().push(utf8(text))
  must(response?.ok === true, 'our own client cannot read the response')
  const request = { target: path, key, protocols, extensions, headers: [] }
  mustEqual(
    validateResponse(response.head, request),
    { ok: true, protocol: chosen ?? '', extensions: agreed },
    'our own client',
  )
}

function findValue(rawHeaders: readonly string[], name: string): string | undefined {
  return rawHeaders[rawHeaders.findIndex((text, i) => i % 2 === 0 && text.toLowerCase() === name) + 1]
}
