// Rows H of docs/hostile-inputs.md as requests with the expected status, for `validateRequest` and the
// parser. Over sockets, the conformance cases of group H send such requests to whole servers.

import type { HandshakeRequest, ValidationOptions } from '../src/index.ts'
import { type Changes, KEY } from './example.ts'

/** Name with id, expected status, changes to the smallest valid request, and options. */
export type Row = [
  name: string,
  status: number,
  changes: Changes,
  parts?: Partial<HandshakeRequest>,
  options?: ValidationOptions,
]

const goodOrigins: ValidationOptions = { origin: ['https://good.example'] }

/** Rows that consist of a request and a status. */
export const rows: Row[] = [
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
  ...[
    '256.256.256.256',
    '1.2.3.4.5',
    'a.08',
    '[::1]]',
    '[:::]',
    '[fe80::1%25eth0]',
    'ex%61mple.com',
    '%',
  ].map((host): Row => [`H4 Host that forms no URL: ${host}`, 400, { Host: host }]),
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
  ['H9 subprotocol that is not a token', 400, { 'Sec-WebSocket-Protocol': 'a b' }],
  ['H9 subprotocol twice counts once', 101, { 'Sec-WebSocket-Protocol': 'a, a' }],
  ['H9 subprotocol twice, in two lines', 101, { 'Sec-WebSocket-Protocol': ['a', 'b, a'] }],
  ['H9 empty elements are ignored', 101, { 'Sec-WebSocket-Protocol': 'a,, ,b,' }],
  ['H9 only empty elements', 101, { 'Sec-WebSocket-Protocol': ' , ' }],
  ['H9 no elements', 101, { 'Sec-WebSocket-Protocol': '' }],
  ['H9 no elements, in two lines', 101, { 'Sec-WebSocket-Protocol': ['', ''] }],
  ['H9 no extensions', 101, { 'Sec-WebSocket-Extensions': '' }],
  ['H9 no extensions, in two lines', 101, { 'Sec-WebSocket-Extensions': ['', ','] }],
  ['H9 version twice counts once', 101, { 'Sec-WebSocket-Version': '13, 13' }],
  ['H9 version twice, in two lines', 101, { 'Sec-WebSocket-Version': ['13', '13'] }],
  ['H9 two different versions', 426, { 'Sec-WebSocket-Version': ['13', '8'] }],
  ['H9 version with an empty element', 426, { 'Sec-WebSocket-Version': '13,' }],
  ['H11 unknown extension', 101, { 'Sec-WebSocket-Extensions': 'x-unknown; a=1' }],
  [
    'H12 parameters are not checked here',
    101,
    { 'Sec-WebSocket-Extensions': 'permessage-deflate; server_max_window_bits=1000; x; x' },
  ],
  [
    'H12 a quoted value that is not a token',
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
  ['H15 Content-Length: 0 means no body', 101, { 'Content-Length': '0' }],
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

/** The header lines that request a WebSocket. */
export const UPGRADE: readonly string[] = [
  'Upgrade: websocket',
  'Connection: Upgrade',
  `Sec-WebSocket-Key: ${KEY}`,
  'Sec-WebSocket-Version: 13',
]

/** Rows that consist of bytes, for the parser and `validateRequest`. */
export const heads: [name: string, status: number, bytes: Uint8Array<ArrayBuffer>][] = [
  ['H1 minimal valid', 101, request('GET /chat HTTP/1.1', ...UPGRADE)],
  ['H3 HTTP/1.0', 426, request('GET /chat HTTP/1.0', ...UPGRADE)],
  ['H4 two Host', 400, request('GET /chat HTTP/1.1', 'host: example.com', ...UPGRADE)],
  ['H16 head of more than 16 KiB', 431, request('GET /chat HTTP/1.1', `Cookie: ${'x'.repeat(16384)}`)],
  [
    'H16 head of more than 16 KiB, in short fields',
    431,
    request('GET / HTTP/1.1', ...Array(90).fill(`A: ${'x'.repeat(200)}`)),
  ],
  ['H16 target of more than 8 KiB', 414, request(`GET /${'x'.repeat(8192)} HTTP/1.1`, ...UPGRADE)],
  ['H16 target that never ends', 414, latin1(`GET /${'x'.repeat(20000)}`)],
  ['H17 bare LF', 400, latin1('GET / HTTP/1.1\nHost: h\n\n')],
  ['H17 bare LF in a field', 400, request('GET / HTTP/1.1', 'A: b\nC: d')],
  ['H17 NUL', 400, request('GET / HTTP/1.1', 'A: b\0c')],
  ['H17 CR in a value', 400, request('GET / HTTP/1.1', 'A: b\rc')],
  ['H17 obs-fold', 400, request('GET / HTTP/1.1', 'A: b', ' c')],
  ['H17 obs-fold by tab', 400, request('GET / HTTP/1.1', 'A: b', '\tc')],
  ['H17 space before the colon', 400, request('GET / HTTP/1.1', 'A : b')],
  ['H17 raw 0xE9 in the target', 400, request('GET /caf\xe9 HTTP/1.1', ...UPGRADE)],
  ['H17 space in the target', 400, request('GET /a b HTTP/1.1', ...UPGRADE)],
  ['H25 2,005 short headers', 431, request('GET / HTTP/1.1', ...Array(2005).fill('a:b'))],
  ['T15 TLS ClientHello', 400, Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01)],
  ['T15 HTTP/2 preface', 505, latin1('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
]

/** The head of a request as bytes: first line, Host, other lines. */
export function request(line: string, ...fields: readonly string[]): Uint8Array<ArrayBuffer> {
  return latin1([line, 'Host: example.com', ...fields, '', ''].join('\r\n'))
}

/** Latin1 bytes. */
function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, char => char.charCodeAt(0))
}
