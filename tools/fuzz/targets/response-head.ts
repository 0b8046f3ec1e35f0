// The head of a response, from bytes to the client's judgment: parser, validateResponse, the answer of permessage-deflate.

import { permessageDeflate } from '@ws/deflate'
import {
  createRequest,
  type Parsed,
  type ResponseHead,
  ResponseParser,
  validateResponse,
} from '@ws/handshake'
import { concat } from '@ws/testing'
import { Chance, cut, seedOf } from '../chance.ts'
import { fromLatin1, latin1, must, mustEqual, type Target } from '../target.ts'

const deflate = permessageDeflate()
const request = createRequest({
  host: 'localhost',
  key: 'dGhlIHNhbXBsZSBub25jZQ==',
  protocols: ['chat', 'b'],
  extensions: deflate.offers.map(params => ({ name: deflate.name, params })),
})
/** The accept value for the key of the request. */
export const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

const LINES: Readonly<Record<string, readonly string[]>> = {
  Upgrade: ['websocket', 'WebSocket', 'websocket, h2c', 'h2c', ''],
  Connection: ['Upgrade', 'keep-alive, upgrade', 'close', ''],
  'Sec-WebSocket-Accept': [ACCEPT, ` ${ACCEPT} `, ACCEPT.toLowerCase(), 'dGhlIHNhbXBsZSBub25jZQ==', ''],
  'Sec-WebSocket-Protocol': ['chat', 'b', 'Chat', 'chat, b', 'c', '', '__proto__'],
  'Sec-WebSocket-Extensions': [
    'permessage-deflate; server_no_context_takeover',
    'permessage-deflate; server_no_context_takeover; client_max_window_bits=10',
    'permessage-deflate; server_max_window_bits=99',
    'permessage-deflate, permessage-deflate',
    'x-other',
    ';',
    'a;b="',
  ],
  'Content-Length': ['0', '5', '-1', ''],
  'X-Filler': ['x'.repeat(9000), '\xe9', ' folded', '\t'],
}
const STATUS_LINES = [
  'HTTP/1.1 200 OK',
  'HTTP/1.1 101',
  'HTTP/1.0 101 Old',
  'HTTP/2 101 New',
  'HTTP/1.1 099 Low',
  'HTTP/1.1 600 High',
  'HTTP/1.1  101 Two',
  'HTTP/1.1 101 \xe9',
  'HTTP/1.1',
]

type Result = Parsed<ResponseHead> | { readonly ok: false; readonly error: string } | undefined

/** The target. */
export const responseHead: Target = {
  name: 'response head',
  about:
    '`ResponseParser`, `validateResponse` and `confirm`, with the input whole, byte by byte and ' +
    'cut at random. Each segmentation gives the same result. Every error ends with its section, ' +
    'and only a 101 with the right accept value opens a connection.',
  files: ['handshake/src/head.ts', 'handshake/src/lines.ts', 'handshake/src/validate-response.ts'],
  words: [
    ...Object.entries(LINES).flatMap(([name, values]) =>
      values.filter(value => value.length < 100).map(value => fromLatin1(`${name}: ${value}\r\n`)),
    ),
    ...['\r\n', '\r\n\r\n', '\n', '\r', '\0', ' : ', ',', '"', 'HTTP/1.1 100 Continue\r\n\r\n'].map(
      fromLatin1,
    ),
  ],

  generate(chance) {
    const lines = new Map<string, readonly string[]>([
      ['Upgrade', ['websocket']],
      ['Connection', ['Upgrade']],
      ['Sec-WebSocket-Accept', [ACCEPT]],
    ])
    for (let left = chance.int(4); left > 0; left--) {
      const name = chance.pick(Object.keys(LINES))
      const value = chance.pick(LINES[name]!)
      lines.set(name, chance.pick([[value], [value], [value, value], []]))
    }
    const status = chance.oneIn(8) ? chance.pick(STATUS_LINES) : 'HTTP/1.1 101 Switching Protocols'
    const fields = [...lines].flatMap(([name, values]) => values.map(value => `${name}: ${value}\r\n`))
    const rest = chance.oneIn(3) ? chance.bytes(chance.int(30)) : new Uint8Array(0)
    return concat(fromLatin1(`${status}\r\n${fields.join('')}\r\n`), rest)
  },

  run(input) {
    const whole = parse([input])
    const chance = new Chance(seedOf(input))
    mustEqual(parse(cut(chance, input)), whole, 'cut at random')
    mustEqual(parse(cut(chance, input, 1)), whole, 'byte by byte')
    if (whole === undefined) return 'not complete'
    if (!whole.ok) return failed('parser', whole.error)
    const { head, rest } = whole
    must(latin1(input).endsWith(latin1(rest)), 'the rest is not what followed the head')
    const verdict = validateResponse(head, request)
    if (!verdict.ok) return failed('validateResponse', verdict.error)
    must(head.status === 101 && latin1(input).includes(ACCEPT), 'opened without an accept value')
    must(['', 'chat', 'b'].includes(verdict.protocol), 'a subprotocol that was not offered')
    const confirmed = verdict.extensions.map(({ params }) => deflate.confirm(params))
    const problem = confirmed.find(result => typeof result === 'string')
    if (problem !== undefined) return failed('confirm', problem)
    return `101${verdict.protocol === '' ? '' : ' subprotocol'} ${confirmed.length} extensions`
  },
}

/** What a parser makes of these segments, with all that follows the head in `rest`. */
function parse(segments: readonly Uint8Array[]): Result {
  const parser = new ResponseParser()
  for (const [i, segment] of segments.entries()) {
    const result = parser.push(segment)
    if (result?.ok) return { ...result, rest: concat(result.rest, ...segments.slice(i + 1)) }
    if (result === undefined) continue
    mustEqual(parser.push(segment), result, 'an error that does not stay')
    return result
  }
  return undefined
}

function failed(by: string, error: string): string {
  must(/\(RFC \d+ §[\d.]+(?:, (?:RFC \d+ )?§[\d.]+)*\)$/.test(error), `no section at the end of: ${error}`)
  return `${by}: ${error.replace(/\(.*/, '').replace(/\d+/g, 'n').trim()}`
}
