// Groups H and K: opening handshakes, of servers and of clients.

import type { HandshakeCase, Payload } from '../case.ts'
import { ascii, hex } from '../define.ts'

type Outcome = Partial<HandshakeCase['outcome']>
type Row = readonly [title: string, head: readonly string[], outcome?: Outcome, body?: Payload]

/** A request that is right; rows replace, add and remove lines. */
const REQUEST = [
  'GET {path} HTTP/1.1',
  'Host: {host}',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: {key}',
  'Sec-WebSocket-Version: 13',
]
const RESPONSE = [
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Accept: {accept}',
]

const nameOf = (line: string): string => line.split(':', 1)[0]!.toLowerCase()

/** The head with these lines in place of those with the same name, and the others added. */
function change(head: readonly string[], ...lines: readonly string[]): string[] {
  const names = lines.map(nameOf)
  const kept = head.filter(line => !names.includes(nameOf(line)))
  return [...kept, ...lines]
}

function without(head: readonly string[], name: string): string[] {
  return head.filter(line => nameOf(line) !== name.toLowerCase())
}

function table(
  prefix: string,
  shared: Pick<HandshakeCase, 'group' | 'requirement' | 'rfc' | 'only'> &
    Pick<Partial<HandshakeCase>, 'optional'>,
  expect: 'open' | 'reject',
  rows: readonly Row[],
): HandshakeCase[] {
  return rows.map(([title, head, outcome, body], i) => ({
    id: `${prefix}.${i + 1}`,
    ...shared,
    title,
    head,
    ...(body === undefined ? {} : { body }),
    outcome: { expect, statuses: [], ...outcome },
  }))
}

const UPGRADED: Outcome = {
  fields: [
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
  ],
}
const BAD_REQUEST: Outcome = { statuses: [400] }
const VERSION: Outcome = { statuses: [426, 400], fields: [['Sec-WebSocket-Version', '13']] }
/** Valid by the letter; a strict server takes it, and another is on the safe side. */
const TOLERANT: Outcome = { mayReject: true }
/** A strict server rejects it; to take it breaks nothing by itself. */
const DOUBTFUL: Outcome = { mayOpen: true }
const DECLINED: Outcome = { without: ['Sec-WebSocket-Extensions'], mayReject: true }

const COOKIE = `Cookie: session=${'0123456789abcdef'.repeat(128)}`

const accepted = table(
  'H1',
  {
    group: 'server handshake valid',
    only: 'server',
    rfc: '6455-4.2.1,4.2.2',
    requirement:
      'A request that has what the standard asks is answered with 101, Upgrade, Connection and the right Sec-WebSocket-Accept.',
  },
  'open',
  [
    ['A request with the required fields', REQUEST, UPGRADED],
    ['A Connection field that lists more than Upgrade', change(REQUEST, 'Connection: keep-alive, Upgrade')],
    ['Upgrade and Connection in other cases', change(REQUEST, 'Upgrade: WebSocket', 'Connection: upgrade')],
    [
      'Field names in upper case',
      REQUEST.map((line, i) => (i === 0 ? line : line.replace(/^[^:]+/, name => name.toUpperCase()))),
    ],
    [
      'White space around field values',
      REQUEST.map((line, i) => (i === 0 ? line : `${line.replace(':', ': \t')}  `)),
    ],
    ['A cookie of 2 KiB', change(REQUEST, COOKIE)],
    [
      'An extension that does not exist',
      change(REQUEST, 'Sec-WebSocket-Extensions: x-nonexistent; a=1'),
      DECLINED,
    ],
    ['An Upgrade field that lists more than WebSocket', change(REQUEST, 'Upgrade: foo, websocket')],
    ['An absolute target', ['GET http://{host}{path} HTTP/1.1', ...REQUEST.slice(1)]],
    [
      'Extensions with the names of object properties',
      change(REQUEST, 'Sec-WebSocket-Extensions: __proto__, constructor; toString=1'),
      DECLINED,
    ],
    [
      'Empty elements in a list of subprotocols',
      change(REQUEST, 'Sec-WebSocket-Protocol: a,, ,b,'),
      TOLERANT,
    ],
    ['An empty list of extensions', change(REQUEST, 'Sec-WebSocket-Extensions:'), TOLERANT],
    [
      'A list of 8000 empty extensions',
      change(REQUEST, `Sec-WebSocket-Extensions: ${','.repeat(8000)}`),
      TOLERANT,
    ],
    ['A body of no octets', change(REQUEST, 'Content-Length: 0'), TOLERANT],
  ],
)

const rejected = table(
  'H2',
  {
    group: 'server handshake invalid',
    only: 'server',
    rfc: '6455-4.2.1,4.2.2,4.4',
    requirement: 'A request that lacks what the standard asks does not open a WebSocket.',
  },
  'reject',
  [
    ['The method POST', ['POST {path} HTTP/1.1', ...REQUEST.slice(1), 'Content-Length: 0']],
    ['HTTP/1.0', ['GET {path} HTTP/1.0', ...REQUEST.slice(1)]],
    ['No Host', without(REQUEST, 'Host'), BAD_REQUEST],
    ['Two Hosts', [...REQUEST, 'Host: other.example'], BAD_REQUEST],
    ['No Upgrade', without(REQUEST, 'Upgrade')],
    ['Upgrade to another protocol', change(REQUEST, 'Upgrade: h2c')],
    ['No Connection', without(REQUEST, 'Connection')],
    ['A Connection without Upgrade', change(REQUEST, 'Connection: keep-alive')],
    ['No key', without(REQUEST, 'Sec-WebSocket-Key'), BAD_REQUEST],
    ['An empty key', change(REQUEST, 'Sec-WebSocket-Key:'), BAD_REQUEST],
    ['A key of 15 octets', change(REQUEST, 'Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0O'), BAD_REQUEST],
    ['A key that is not base64', change(REQUEST, 'Sec-WebSocket-Key: **********************=='), BAD_REQUEST],
    ['No version', without(REQUEST, 'Sec-WebSocket-Version'), { statuses: [426, 400] }],
    ['Version 8', change(REQUEST, 'Sec-WebSocket-Version: 8'), VERSION],
    ['Version 14', change(REQUEST, 'Sec-WebSocket-Version: 14'), VERSION],
    ['Malformed extensions', change(REQUEST, 'Sec-WebSocket-Extensions: ;=;'), BAD_REQUEST],
    ['White space before a colon', change(REQUEST, 'Cookie : a=b'), BAD_REQUEST],
    ['A request line without a version', ['GET {path}', ...REQUEST.slice(1)]],
    ['The method HEAD', ['HEAD {path} HTTP/1.1', ...REQUEST.slice(1)]],
    ['The method PUT', ['PUT {path} HTTP/1.1', ...REQUEST.slice(1), 'Content-Length: 0']],
    ['The method get, in lower case', ['get {path} HTTP/1.1', ...REQUEST.slice(1)]],
    ['A Host with a space', change(REQUEST, 'Host: a b'), BAD_REQUEST],
    ['A Host that is not an address', change(REQUEST, 'Host: [:::]'), BAD_REQUEST],
    ['A key of 17 octets', change(REQUEST, 'Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODxA='), BAD_REQUEST],
    [
      'A key with a space inside',
      change(REQUEST, 'Sec-WebSocket-Key: AAECAwQFBgcI CQoLDA0ODw=='),
      BAD_REQUEST,
    ],
    ['Two keys', [...REQUEST, 'Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw=='], BAD_REQUEST],
    ...['0', '7', '256', '013', '13, 8', '13.0', '+13'].map(
      (version): Row => [`Version ${version}`, change(REQUEST, `Sec-WebSocket-Version: ${version}`), VERSION],
    ),
    ['A subprotocol with a space', change(REQUEST, 'Sec-WebSocket-Protocol: a b'), BAD_REQUEST],
    [
      'A quoted parameter of an extension that is not a token',
      change(REQUEST, 'Sec-WebSocket-Extensions: x-nonexistent; a="8;8"'),
      { ...BAD_REQUEST, ...DOUBTFUL },
    ],
    ['The preface of HTTP/2', ['PRI * HTTP/2.0', '', 'SM']],
    ['The first octets of TLS', ['\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001']],
  ],
)

const field = (line: string): string[] => [...REQUEST, line]
const target = (text: string): string[] => [`GET ${text} HTTP/1.1`, ...REQUEST.slice(1)]
const ambiguous = { ...BAD_REQUEST, ...DOUBTFUL }

const doubtful = table(
  'H4',
  {
    group: 'server handshake ambiguous',
    only: 'server',
    rfc: '9112-2.2,3.2,5,6;6455-4.2.1',
    requirement:
      'A request that two programs may read in two ways opens no WebSocket: a proxy in between could be deceived.',
  },
  'reject',
  [
    ['A body that looks like a frame', field('Content-Length: 6'), ambiguous, hex('818000000000')],
    ['A body that is announced, and not sent', field('Content-Length: 5'), ambiguous],
    ['A chunked body', field('Transfer-Encoding: chunked'), ambiguous, ascii('0\r\n\r\n')],
    ['Transfer-Encoding: identity', field('Transfer-Encoding: identity'), ambiguous],
    ['Two lengths', [...field('Content-Length: 0'), 'Content-Length: 5'], ambiguous],
    ['A negative length', field('Content-Length: -0'), ambiguous],
    [
      'A length and a Transfer-Encoding',
      [...field('Content-Length: 0'), 'Transfer-Encoding: chunked'],
      ambiguous,
      ascii('0\r\n\r\n'),
    ],
    ['An empty Host', change(REQUEST, 'Host:'), ambiguous],
    ['A bare LF between fields', field('A: b\nC: d'), ambiguous],
    ['U+0000 in a value', field('A: b\u0000c'), ambiguous],
    ['A bare CR in a value', field('A: b\rc'), ambiguous],
    ['A folded line', [...field('A: b'), ' c'], ambiguous],
    ['A space in the target', target('{path}a b'), ambiguous],
    ['An octet above 7F in the target', target('{path}caf\u00e9'), ambiguous],
    ['A fragment in the target', target('{path}#f'), ambiguous],
    ['An asterisk as the target', target('*'), ambiguous],
    ['A target of another scheme', target('ftp://{host}{path}'), ambiguous],
  ],
)

const large = table(
  'H5',
  {
    group: 'server handshake large',
    only: 'server',
    rfc: '9112-3,5;6455-10.4',
    requirement: 'A server limits the head of a request. A request above the limit gets a response.',
  },
  'reject',
  [
    [
      'A cookie of 100 KiB',
      change(REQUEST, COOKIE.padEnd(102_400, 'x')),
      { statuses: [431, 400], ...DOUBTFUL },
    ],
    [
      '2000 fields',
      [...REQUEST, ...Array.from({ length: 2000 }, () => 'a: b')],
      { statuses: [431, 400], ...DOUBTFUL },
    ],
    ['A target of 64 KiB', target(`{path}${'x'.repeat(65_536)}`), { statuses: [414, 431, 400], ...DOUBTFUL }],
  ],
)

const offer = (params: string): string[] =>
  change(REQUEST, `Sec-WebSocket-Extensions: permessage-deflate; ${params}`)

const declined = table(
  'H3',
  {
    group: 'server offers invalid',
    only: 'server',
    rfc: '7692-7.1',
    requirement: 'An offer of permessage-deflate with a parameter that is not valid is declined.',
  },
  'open',
  [
    ['An offer with a window of 7 bits', offer('server_max_window_bits=7'), DECLINED],
    ['An offer with a window of 16 bits', offer('server_max_window_bits=16'), DECLINED],
    ['An offer with a leading zero', offer('server_max_window_bits=08'), DECLINED],
    ['An offer of a server window without a value', offer('server_max_window_bits'), DECLINED],
    ['An offer with a client window of 0 bits', offer('client_max_window_bits=0'), DECLINED],
    ['An offer with a value where none belongs', offer('server_no_context_takeover=true'), DECLINED],
    [
      'An offer with a parameter twice',
      offer('client_no_context_takeover; client_no_context_takeover'),
      DECLINED,
    ],
    ['An offer with an unknown parameter', offer('unknown=1'), DECLINED],
  ],
)

const CLIENT = { only: 'client', optional: true } as const

const responses = table(
  'K1',
  {
    ...CLIENT,
    group: 'client handshake valid',
    rfc: '6455-4.1',
    requirement: 'A response that has what the standard asks opens the WebSocket.',
  },
  'open',
  [
    ['A response with the required fields', RESPONSE],
    ['Upgrade and Connection in other cases', change(RESPONSE, 'Upgrade: WebSocket', 'Connection: upgrade')],
    ['Another reason phrase', ['HTTP/1.1 101 Web Socket Protocol Handshake', ...RESPONSE.slice(1)]],
    ['Fields that mean nothing', change(RESPONSE, 'X-Nothing: 1', 'Date: Thu, 01 Jan 2026 00:00:00 GMT')],
  ],
)

const answer = (params: string): string[] =>
  change(RESPONSE, `Sec-WebSocket-Extensions: permessage-deflate; ${params}`)

const refused = table(
  'K2',
  {
    ...CLIENT,
    group: 'client handshake invalid',
    rfc: '6455-4.1',
    requirement: 'A response that lacks what the standard asks fails the connection.',
  },
  'reject',
  [
    ['Status 200', ['HTTP/1.1 200 OK', ...RESPONSE.slice(1), 'Content-Length: 0']],
    ['Status 403', ['HTTP/1.1 403 Forbidden', 'Content-Length: 0']],
    ['No Upgrade', without(RESPONSE, 'Upgrade')],
    ['Upgrade to another protocol', change(RESPONSE, 'Upgrade: h2c')],
    ['No Connection', without(RESPONSE, 'Connection')],
    ['A Connection without Upgrade', change(RESPONSE, 'Connection: close')],
    ['No Sec-WebSocket-Accept', without(RESPONSE, 'Sec-WebSocket-Accept')],
    [
      'A Sec-WebSocket-Accept for another key',
      change(RESPONSE, 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo='),
    ],
    ['The key instead of its answer', change(RESPONSE, 'Sec-WebSocket-Accept: {key}')],
    ['A subprotocol that was not offered', change(RESPONSE, 'Sec-WebSocket-Protocol: x-nonexistent')],
    ['An extension that was not offered', change(RESPONSE, 'Sec-WebSocket-Extensions: x-nonexistent')],
    ['Malformed extensions', change(RESPONSE, 'Sec-WebSocket-Extensions: ;=;')],
    ['A line that is not HTTP', ['SSH-2.0-OpenSSH_9.9']],
    ['HTTP/1.0', ['HTTP/1.0 101 Switching Protocols', ...RESPONSE.slice(1)]],
    ['Two subprotocols that were not offered', change(RESPONSE, 'Sec-WebSocket-Protocol: a, b')],
  ],
)

const answers = table(
  'K3',
  {
    ...CLIENT,
    group: 'client answers invalid',
    rfc: '7692-7.1',
    requirement: 'An answer of permessage-deflate with a parameter that is not valid fails the connection.',
  },
  'reject',
  [
    ['An answer with a window of 7 bits', answer('server_max_window_bits=7')],
    ['An answer with a window of 16 bits', answer('server_max_window_bits=16')],
    ['An answer of a client window without a value', answer('client_max_window_bits')],
    ['An answer with a value where none belongs', answer('server_no_context_takeover=true')],
    ['An answer with a parameter twice', answer('server_no_context_takeover; server_no_context_takeover')],
    ['An answer with an unknown parameter', answer('unknown=1')],
  ],
)

/** Groups H and K. */
export const handshakeCases: readonly HandshakeCase[] = [
  ...accepted,
  ...rejected,
  ...declined,
  ...doubtful,
  ...large,
  ...responses,
  ...refused,
  ...answers,
]
