// The opening of a client's connection, from the bytes of servers and proxies to a socket or an error.

import { Duplex } from 'node:stream'
import { ConnectError, type ConnectOptions, connect, HandshakeError } from '@ws/client'
import { computeAccept } from '@ws/handshake'
import { concat } from '@ws/testing'
import { Chance, cut, seedOf } from '../chance.ts'
import { fromLatin1, latin1, must, mustEqual, type Target, Undocumented } from '../target.ts'
import { ACCEPT, responseHead } from './response-head.ts'

/** The ways to a server; the first byte of an input chooses one. */
const WAYS = [
  { name: 'server', options: {} },
  { name: 'HTTP proxy', options: { proxy: 'http://ann:secret@proxy.test' } },
  { name: 'SOCKS proxy', options: { proxy: 'socks5h://proxy.test' } },
  { name: 'SOCKS proxy with a password', options: { proxy: 'socks5h://ann:secret@proxy.test' } },
] as const satisfies readonly { readonly name: string; readonly options: ConnectOptions }[]

const CONNECT_CODES = ['ERR_WS_PROXY_FAILED']
const HANDSHAKE_CODES = [
  'ERR_WS_REJECTED',
  'ERR_WS_PROXY_REJECTED',
  'ERR_WS_NO_RESPONSE',
  'ERR_WS_INVALID_RESPONSE',
  'ERR_WS_NO_SUBPROTOCOL',
  'ERR_WS_INVALID_REDIRECT',
  'ERR_WS_TOO_MANY_REDIRECTS',
]

const STATUS_LINES = [
  'HTTP/1.1 100 Continue',
  'HTTP/1.1 200 OK',
  'HTTP/1.1 204 No Content',
  'HTTP/1.1 302 Found',
  'HTTP/1.1 407 Proxy Authentication Required',
  'HTTP/1.0 503 Busy',
]
const FIELDS = [
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked ',
  'Transfer-Encoding: chunked, gzip',
  'Content-Length: 5',
  'Content-Length: 5, 5',
  'Content-Length: -5',
  'Content-Length: 0x5',
  'Content-Length: 99999999999999999999',
  'Location: /again',
  'Location: ftp://a',
  'Location: http://',
  'Set-Cookie: a=b',
]
const CHUNKS = [
  '3\r\nabc\r\n',
  'A;x=y\r\n0123456789\r\n',
  '1 \r\nx\r\n',
  '2\nxy\n\n',
  '0\r\n\r\n',
  '0\r\nTrailer: x\r\n\r\n',
  '-1\r\n',
  '0x2\r\nab\r\n',
  'fffffffff\r\n',
  'ffffffff\r\nabc',
  '\r\n',
  `1;${'x'.repeat(1100)}\r\nx\r\n`,
]
const SOCKS_ANSWERS = [
  [5, 0],
  [5, 2],
  [5, 255],
  [4, 0],
  [1, 0],
  [1, 1],
  [5, 0, 0, 1, 127, 0, 0, 1, 0, 80],
  [5, 0, 0, 3, 1, 97, 0, 80],
  [5, 0, 0, 3, 0, 0, 80],
  [5, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 80],
  [5, 5, 0, 1, 0, 0, 0, 0, 0, 0],
  [5, 0, 0, 9],
].map(bytes => Uint8Array.from(bytes))

/** The target. */
export const clientHandshake: Target = {
  name: 'client handshake',
  about:
    '`connect`, with the bytes of a server, an HTTP proxy or a SOCKS proxy, whole, in up to 100 ' +
    'pieces and cut at random. Each segmentation gives the same socket or error. All errors are ' +
    'documented, and none contains a password. A body, and the answers of a SOCKS proxy, are ' +
    'compared with a naive reading.',
  files: [
    'client/src/http/chunked-decoder.ts',
    'client/src/http/response.ts',
    'client/src/http/transport-reader.ts',
    'client/src/dialing/http-proxy.ts',
    'client/src/dialing/socks-proxy.ts',
    'client/src/handshake/opening-handshake.ts',
    'client/src/handshake/redirect.ts',
  ],
  words: [
    ...SOCKS_ANSWERS,
    ...[...CHUNKS, ...FIELDS.map(field => `${field}\r\n`), '\r\n\r\n'].map(fromLatin1),
  ],

  generate(chance) {
    const way = chance.int(WAYS.length)
    const answers = chance.several(2, () => drawAnswer(chance))
    return concat(Uint8Array.of(way), drawProxyAnswers(chance, way), ...answers)
  },

  async run(input) {
    const way = WAYS[(input[0] ?? 0) % WAYS.length]!
    const bytes = input.subarray(1)
    const chance = new Chance(seedOf(input))
    // A stream takes about 10 µs for each piece.
    const shortest = Math.ceil(bytes.length / 100)
    const whole = await open(way.options, bytes, part => [part])
    mustEqual(await open(way.options, bytes, part => cut(chance, part, 8 * shortest)), whole, 'cut at random')
    mustEqual(await open(way.options, bytes, part => cut(chance, part, shortest)), whole, 'in short pieces')
    checkAgainstReading(whole, way.name, bytes)
    return `${way.name}: ${whole.code} ${whole.status ?? ''}`.trimEnd()
  },
}

function drawAnswer(chance: Chance): Uint8Array {
  if (chance.oneIn(2)) return responseHead.generate(chance)
  const fields = chance.several(3, () => `${chance.pick(FIELDS)}\r\n`)
  const body = chance.several(4, () => chance.pick(CHUNKS))
  return fromLatin1(`${chance.pick(STATUS_LINES)}\r\n${fields.join('')}\r\n${body.join('')}`)
}

function drawProxyAnswers(chance: Chance, way: number): Uint8Array {
  if (way === 0) return new Uint8Array(0)
  if (way === 1) return fromLatin1(chance.oneIn(4) ? '' : 'HTTP/1.1 200 OK\r\n\r\n')
  const [none, password, , , accepted] = SOCKS_ANSWERS
  const method = way === 2 || chance.oneIn(2) ? [none!] : [password!, accepted!]
  const answers = [...method, SOCKS_ANSWERS[6 + chance.int(4)]!]
  return concat(...answers.map(answer => (chance.oneIn(12) ? chance.pick(SOCKS_ANSWERS) : answer)))
}

interface Outcome {
  /** `open`, or the code of the error. */
  readonly code: string
  readonly message?: string
  readonly status?: number
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string
}

const OPEN: Outcome = { code: 'open' }

/** Connects over a transport that receives these bytes, and reports the outcome. */
async function open(
  options: ConnectOptions,
  bytes: Uint8Array,
  segment: (part: Uint8Array) => Uint8Array[],
): Promise<Outcome> {
  let transport: ScriptedTransport | undefined
  const createConnection = (): Duplex => {
    transport = new ScriptedTransport(bytes, segment)
    return transport
  }
  try {
    const socket = await connect('ws://server.test/', { ...options, createConnection })
    socket.terminate()
    await socket.closed
    return OPEN
  } catch (error) {
    const outcome = await describeError(error)
    // Keys are random.
    const text = JSON.stringify(outcome).replaceAll(transport!.accept, ACCEPT)
    return JSON.parse(text)
  }
}

async function describeError(error: unknown): Promise<Outcome> {
  const isConnectError = error instanceof ConnectError && CONNECT_CODES.includes(error.code)
  const isHandshakeError = error instanceof HandshakeError && HANDSHAKE_CODES.includes(error.code)
  if (!isConnectError && !isHandshakeError)
    throw new Undocumented(`connect rejects with ${String(error)}`, { cause: error })
  const { code, message } = error
  // It depends on the time between the two.
  if (message.endsWith('ended the connection with its answer')) return OPEN
  must(!message.includes('secret'), `a password in the message: ${message}`)
  if (!isHandshakeError || error.response === undefined) return { code, message }
  const { status, headers } = error.response
  return {
    code,
    message,
    status,
    headers: [...headers],
    body: latin1(new Uint8Array(await error.response.arrayBuffer())),
  }
}

/**
 * A transport that receives bytes, then its end. The accept value in them is replaced by that for the
 * client's key, once all that precedes it has had its effect.
 */
class ScriptedTransport extends Duplex {
  readonly #segment: (part: Uint8Array) => Uint8Array[]
  readonly #segments: Uint8Array[]
  #answer: string | undefined
  #sent = ''
  /** The accept value that has been sent. */
  accept: string = ACCEPT

  constructor(bytes: Uint8Array, segment: (part: Uint8Array) => Uint8Array[]) {
    super()
    const at = latin1(bytes).indexOf(ACCEPT)
    this.#segment = segment
    this.#segments = segment(at < 0 ? bytes : bytes.subarray(0, at))
    this.#answer = at < 0 ? undefined : latin1(bytes.subarray(at))
  }

  override _read(): void {
    const next = this.#segments.shift()
    if (next !== undefined) this.push(next)
    else if (this.#answer === undefined) this.push(null)
    else setImmediate(() => this.#pushAnswer(this.#answer!))
  }

  override _write(chunk: Uint8Array, _encoding: string, callback: () => void): void {
    this.#sent += latin1(chunk)
    callback()
  }

  #pushAnswer(answer: string): void {
    const [, key] = /^Sec-WebSocket-Key: (.*)\r$/im.exec(this.#sent) ?? []
    if (key !== undefined) this.accept = computeAccept(key)
    this.#answer = undefined
    this.#segments.push(...this.#segment(fromLatin1(answer.replaceAll(ACCEPT, this.accept))))
    if (!this.destroyed) this._read()
  }
}

/** Compares an outcome with a naive reading of all the bytes. */
function checkAgainstReading(outcome: Outcome, way: string, bytes: Uint8Array): void {
  const socksLength = way.startsWith('SOCKS') ? readSocksAnswers(bytes, way.endsWith('password')) : 0
  const isTunnel = way === 'server' || (socksLength !== undefined && way !== 'HTTP proxy')
  if (way.startsWith('SOCKS'))
    mustEqual(outcome.code !== 'ERR_WS_PROXY_FAILED', isTunnel, 'a tunnel through a SOCKS proxy')
  if (outcome.body === undefined) return
  const rest = latin1(bytes.subarray(socksLength))
  const heads = way === 'HTTP proxy' && outcome.code !== 'ERR_WS_PROXY_REJECTED' ? 2 : 1
  mustEqual(outcome.body, readBody(afterHeads(rest, heads), outcome), 'the body')
}

/** The length of a proxy's answers that open a tunnel; undefined for any others (RFC 1928, RFC 1929). */
function readSocksAnswers(bytes: Uint8Array, hasPassword: boolean): number | undefined {
  const pattern = new RegExp(
    `^\\x05(?:\\x00${hasPassword ? '|\\x02[^]\\x00' : ''})` +
      '\\x05\\x00[^](?:\\x01[^]{4}|\\x04[^]{16}|\\x03([^]))',
  )
  const [answers, nameLength] = pattern.exec(latin1(bytes)) ?? []
  if (answers === undefined) return undefined
  const length = answers.length + (nameLength?.charCodeAt(0) ?? 0) + 2
  return length <= bytes.length ? length : undefined
}

/** What follows this many heads of final responses. */
function afterHeads(text: string, count: number): string {
  let rest = text
  for (let left = count; left > 0; ) {
    const end = rest.indexOf('\r\n\r\n') + 4
    if (!/^HTTP\/1\.[01] 1(?!01)/.test(rest)) left--
    rest = rest.slice(end)
  }
  return rest
}

function readBody(text: string, { status, headers }: Outcome): string {
  if ([204, 205, 304].includes(status!)) return ''
  const fields = new Map(headers)
  if (/\bchunked\s*$/i.test(fields.get('transfer-encoding') ?? '')) return readChunks(text)
  const [length, ...others] = new Set(fields.get('content-length')?.split(', '))
  return /^\d+$/.test(length ?? '') && others.length === 0 ? text.slice(0, Number(length)) : text
}

function readChunks(text: string): string {
  const [line, digits = ''] = /^([0-9a-f]{1,8})[ \t]*(?:[;\r][^\n]*)?\n/i.exec(text) ?? []
  const size = Number.parseInt(digits, 16)
  if (line === undefined || line.length > 1024 || size === 0) return ''
  const data = text.slice(line.length, line.length + size)
  return data + readChunks(text.slice(line.length + size + 2))
}
