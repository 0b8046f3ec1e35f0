// What a server can be told, and the check of it: nothing is coerced, a wrong value throws when the server is made.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { checkJudgeOptions, type OriginPolicy, parseSubprotocols } from '@ws/handshake'
import { type CloseReport, checkLimits, type Limits } from '@ws/protocol'
import type { Socket } from './socket.ts'

/**
 * What happens on the sockets of a server. One object serves them all. A handler that throws or rejects closes its socket with
 * 1011, and nothing else.
 */
export interface Handlers {
  /** A socket is open. If it returns a promise, nothing that the peer sends is handed on until that settles. */
  open?(socket: Socket): void | Promise<void>
  /**
   * A message: text is a string, binary is a Uint8Array that is yours. If it returns a promise, the next message of the same
   * socket waits until that settles, and TCP makes the peer wait.
   */
  message?(socket: Socket, data: string | Uint8Array): void | Promise<void>
  /** What a `send` that returned false had to wait for has left. */
  drain?(socket: Socket): void
  /** The end of a socket that was open; once, after all its messages. */
  close?(socket: Socket, report: CloseReport): void
  /** A handler failed. Without this, the error and its stack go to `console.error`. */
  onError?(error: unknown, socket: Socket): void
}

/** Everything that a server can be told; all of it is optional. */
export interface ServerOptions extends Handlers, Partial<Limits> {
  /** Which pages may connect: those of the same host, unless it says otherwise (RFC 6455 §10.2). `'any'` is dangerous wherever cookies count. */
  readonly origin?: OriginPolicy
  /** Subprotocols that this server speaks, the best first; the first that the client offers too is agreed on (RFC 6455 §1.9). */
  readonly subprotocols?: readonly string[]
  /** Above so many bytes of unsent data `send` returns false; 65,536. */
  readonly highWaterMark?: number
  /** Most sockets at a time; more are answered 503. No limit. */
  readonly maxSockets?: number
  /** Most sockets at a time from one IPv4 address or one IPv6 /64; more are answered 429. No limit. */
  readonly maxSocketsPerAddress?: number
  /** What answers ordinary HTTP requests where `listen` was called. Without it they are answered 426. */
  readonly request?: (request: IncomingMessage, response: ServerResponse) => void
}

/** The options with everything filled in. */
export interface Settings {
  readonly handlers: Handlers
  readonly limits: Limits
  readonly origin: OriginPolicy
  readonly subprotocols: readonly string[]
  readonly highWaterMark: number
  readonly maxSockets: number
  readonly maxSocketsPerAddress: number
  readonly request: ServerOptions['request']
}

const KNOWN: ReadonlySet<string> = new Set<keyof ServerOptions>([
  'open',
  'message',
  'drain',
  'close',
  'onError',
  'maxMessageSize',
  'maxFragments',
  'messageTimeout',
  'closeTimeout',
  'origin',
  'subprotocols',
  'highWaterMark',
  'maxSockets',
  'maxSocketsPerAddress',
  'request',
])

const FUNCTIONS = ['open', 'message', 'drain', 'close', 'onError', 'request'] as const

/** Fills in what is missing. Throws a `TypeError` or a `RangeError` that says what is accepted. */
export function checkOptions(options: ServerOptions): Settings {
  if (typeof options !== 'object' || options === null) throw new TypeError('the options must be an object')
  for (const name of Object.keys(options)) {
    if (!KNOWN.has(name))
      throw new TypeError(`there is no option ${name}; there are ${[...KNOWN].join(', ')}`)
  }
  for (const name of FUNCTIONS) {
    if (options[name] !== undefined && typeof options[name] !== 'function')
      throw new TypeError(`${name} must be a function`)
  }
  const { origin = 'same-host' } = options
  // To the judge, null is an option left out.
  if (origin === null) throw new TypeError("origin must be 'same-host', 'any' or a list of origins, not null")
  checkJudgeOptions({ origin })
  return {
    handlers: options,
    limits: checkLimits(options),
    origin,
    subprotocols: checkSubprotocols(options.subprotocols ?? []),
    highWaterMark: checkCount('highWaterMark', options.highWaterMark, 64 * 1024),
    maxSockets: checkCount('maxSockets', options.maxSockets, Number.POSITIVE_INFINITY),
    maxSocketsPerAddress: checkCount(
      'maxSocketsPerAddress',
      options.maxSocketsPerAddress,
      Number.POSITIVE_INFINITY,
    ),
    request: options.request,
  }
}

function checkCount(name: string, value: number | undefined, otherwise: number): number {
  if (value === undefined) return otherwise
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${typeof value}`)
  if (value !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(value) && value > 0)) {
    throw new RangeError(`${name} must be a whole number above 0, or Infinity, not ${value}`)
  }
  return value
}

function checkSubprotocols(subprotocols: readonly string[]): readonly string[] {
  if (!Array.isArray(subprotocols)) throw new TypeError('subprotocols must be a list')
  const list = subprotocols.length === 0 ? [] : parseSubprotocols(subprotocols.join(','))
  // Not coerced: neither a number to its digits nor ' a' to 'a'.
  if (list?.length !== subprotocols.length || list.some((name, i) => name !== subprotocols[i])) {
    throw new TypeError(
      `subprotocols must be distinct tokens, not ${JSON.stringify(subprotocols)} (RFC 6455 §4.1)`,
    )
  }
  return list
}
