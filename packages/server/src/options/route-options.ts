// Which handlers and which limits the sockets of a path have.

import { checkRate, type Rate } from '@ws/connection'
import { checkValidationOptions, type OriginPolicy, parseSubprotocols, parseTarget } from '@ws/handshake'
import { checkLimits, type Limits, type NegotiableExtension } from '@ws/protocol'
import type { Handlers } from '../handlers.ts'
import { checkCount, checkFunctions, checkTimeout, checkTimer } from './check.ts'

/** What can be told of the sockets of a path; all of it is optional, and what is left out is as the server has it. */
export interface RouteOptions<Data = unknown> extends Handlers<Data>, Partial<Limits> {
  /** Which pages may connect: those of the same host, unless it says otherwise (RFC 6455 §10.2). `'any'` is dangerous wherever cookies count. */
  readonly origin?: OriginPolicy
  /** Subprotocols that are spoken here, the best first; the first that the client offers too is agreed on (RFC 6455 §1.9). */
  readonly subprotocols?: readonly string[]
  /**
   * Extensions that are spoken here, the best first; the first that accepts an offer of the client's is used (RFC 6455 §9). None:
   * nothing is compressed, unless this has `permessageDeflate()` of `@ws/deflate`.
   */
  readonly extensions?: readonly NegotiableExtension[]
  /**
   * Milliseconds that `upgrade` has; then the client is answered 503. 10,000. As long is waited for other `upgrade` listeners of the
   * HTTP server to answer what is asked for on an unknown path.
   */
  readonly handshakeTimeout?: number
  /** Above so many bytes of unsent data `send` returns false; 65,536. */
  readonly highWaterMark?: number
  /**
   * A `send` or a `ping` while more than so many bytes wait behind what is being written ends the connection: its peer does not
   * read. One message larger than that is taken when nothing waits. 16 MiB.
   */
  readonly maxBufferedAmount?: number
  /** The largest message in bytes that `stream` is given; 1 GiB. */
  readonly maxStreamSize?: number
  /** Milliseconds in which a peer must take something of what waits for it, or be torn down; 20,000. */
  readonly writeTimeout?: number
  /** Milliseconds of silence after which a peer is asked for a sign of life, give or take 10 %; 25,000. `Infinity`: never. */
  readonly pingInterval?: number
  /** Milliseconds that it has to give one, or be torn down; 20,000. */
  readonly pongTimeout?: number
  /** Most messages, bytes on the wire, and pings of one socket: a steady rate and a burst above it; more closes it with 1008. No limits. */
  readonly messageRate?: Rate
  readonly byteRate?: Rate
  readonly pingRate?: Rate
}

/**
 * A `URLPattern` of which only the pathname is given, or whatever else finds the parts of a path. A `URLPattern` looks at the path
 * as a URL has it: to it, `/a/../b` is `/b`.
 */
export interface PathPattern {
  /** The parts of a path, if it fits; null if not. */
  exec(input: {
    pathname: string
  }): { readonly pathname: { readonly groups: Record<string, string | undefined> } } | null
}

/** The options with everything filled in. */
export interface RouteSettings {
  readonly handlers: Handlers
  /** That of the route, or that of its server. */
  readonly onError: Handlers['onError']
  readonly limits: Limits
  readonly origin: OriginPolicy
  readonly subprotocols: readonly string[]
  readonly extensions: readonly NegotiableExtension[]
  readonly handshakeTimeout: number
  readonly highWaterMark: number
  readonly maxBufferedAmount: number
  readonly maxStreamSize: number
  readonly writeTimeout: number
  readonly pingInterval: number
  readonly pongTimeout: number
  readonly messageRate: Rate | undefined
  readonly byteRate: Rate | undefined
  readonly pingRate: Rate | undefined
}

/** The functions among the options. */
export const HANDLER_NAMES = [
  'upgrade',
  'open',
  'message',
  'stream',
  'session',
  'drain',
  'close',
  'onError',
] as const

/** All options of a route. */
export const ROUTE_OPTION_NAMES: readonly string[] = [
  ...HANDLER_NAMES,
  'maxMessageSize',
  'maxFragments',
  'messageTimeout',
  'closeTimeout',
  'origin',
  'subprotocols',
  'extensions',
  'handshakeTimeout',
  'highWaterMark',
  'maxBufferedAmount',
  'maxStreamSize',
  'writeTimeout',
  'pingInterval',
  'pongTimeout',
  'messageRate',
  'byteRate',
  'pingRate',
]

/** What holds where neither a route nor its server says anything. */
const DEFAULTS: RouteSettings = {
  handlers: {},
  onError: undefined,
  limits: checkLimits(),
  origin: 'same-host',
  subprotocols: [],
  extensions: [],
  handshakeTimeout: 10_000,
  highWaterMark: 64 * 1024,
  maxBufferedAmount: 16 * 2 ** 20,
  maxStreamSize: 2 ** 30,
  writeTimeout: 20_000,
  pingInterval: 25_000,
  pongTimeout: 20_000,
  messageRate: undefined,
  byteRate: undefined,
  pingRate: undefined,
}

/** Fills in what is missing from `base`. Throws a `TypeError` or a `RangeError` that says what is accepted. */
export function checkRoute(options: RouteOptions, base: RouteSettings = DEFAULTS): RouteSettings {
  checkFunctions(options, HANDLER_NAMES)
  checkCombination(options)
  return {
    handlers: options as Handlers,
    onError: (options as Handlers).onError ?? base.onError,
    limits: checkLimits({ ...base.limits, ...definedLimits(options) }),
    origin: checkOrigin(options.origin, base.origin),
    subprotocols:
      options.subprotocols === undefined ? base.subprotocols : checkSubprotocols(options.subprotocols),
    extensions: options.extensions === undefined ? base.extensions : checkExtensions(options.extensions),
    handshakeTimeout: checkTimer('handshakeTimeout', options.handshakeTimeout, base.handshakeTimeout),
    highWaterMark: checkCount('highWaterMark', options.highWaterMark, base.highWaterMark),
    maxBufferedAmount: checkCount('maxBufferedAmount', options.maxBufferedAmount, base.maxBufferedAmount),
    maxStreamSize: checkCount('maxStreamSize', options.maxStreamSize, base.maxStreamSize),
    writeTimeout: checkTimeout('writeTimeout', options.writeTimeout, base.writeTimeout),
    pingInterval: checkTimeout('pingInterval', options.pingInterval, base.pingInterval),
    pongTimeout: checkTimeout('pongTimeout', options.pongTimeout, base.pongTimeout),
    messageRate: checkOptionalRate('messageRate', options.messageRate, base.messageRate),
    byteRate: checkOptionalRate('byteRate', options.byteRate, base.byteRate),
    pingRate: checkOptionalRate('pingRate', options.pingRate, base.pingRate),
  }
}

function checkCombination({ open, message, stream, session }: Handlers): void {
  if (session !== undefined && (open ?? message ?? stream) !== undefined)
    throw new TypeError('session takes the place of open, message and stream: give one or the others')
  if (message !== undefined && stream !== undefined)
    throw new TypeError('stream takes the place of message: give one or the other')
}

function definedLimits(options: Partial<Limits>): Partial<Limits> {
  const { maxMessageSize, maxFragments, messageTimeout, closeTimeout } = options
  const limits = { maxMessageSize, maxFragments, messageTimeout, closeTimeout }
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined))
}

function checkOptionalRate(
  name: string,
  rate: Rate | undefined,
  defaultValue: Rate | undefined,
): Rate | undefined {
  return rate === undefined ? defaultValue : checkRate(name, rate)
}

function checkOrigin(origin: OriginPolicy | undefined, defaultValue: OriginPolicy): OriginPolicy {
  if (origin === undefined) return defaultValue
  // To the validator, null is an option left out.
  if (origin === null) throw new TypeError("origin must be 'same-host', 'any' or a list of origins, not null")
  checkValidationOptions({ origin })
  return origin
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

function checkExtensions(extensions: readonly NegotiableExtension[]): readonly NegotiableExtension[] {
  if (!Array.isArray(extensions)) throw new TypeError('extensions must be a list')
  for (const extension of extensions as readonly Partial<NegotiableExtension>[]) {
    if (typeof extension?.name !== 'string' || typeof extension.accept !== 'function')
      throw new TypeError('extensions must be a list of such as permessageDeflate() of @ws/deflate')
  }
  return [...extensions]
}

/** A route that was found for a path, and what its pattern found in it. */
export interface Match {
  readonly settings: RouteSettings
  readonly params: Readonly<Record<string, string | undefined>>
}

const NO_PARAMS = {}

/** The routes of a server, the first that was added first. */
export class Routes {
  readonly #exact = new Map<string, RouteSettings>()
  readonly #patterns: { readonly pattern: PathPattern; readonly settings: RouteSettings }[] = []
  /** For all other paths, if there is one. */
  #rest: RouteSettings | undefined

  /** Adds a route. Throws a `TypeError` for what is no path or pattern, and an `Error` for a path that has one. */
  add(path: string | PathPattern, settings: RouteSettings): void {
    if (typeof path === 'string') {
      if (parseTarget(path)?.path !== path) {
        throw new TypeError(
          `a path is what requests ask for, literally: ASCII from / on, without ? and #, not ${JSON.stringify(path)}`,
        )
      }
      if (this.#exact.has(path)) throw new Error(`there is a route for ${path} already`)
      this.#exact.set(path, settings)
    } else if (typeof path?.exec === 'function') this.#patterns.push({ pattern: path, settings })
    else throw new TypeError('a route is for a path or for a URLPattern')
  }

  /** Sets the route of all paths that have none of their own; undefined for none. */
  setRest(settings: RouteSettings | undefined): void {
    this.#rest = settings
  }

  /** The route of a path: one for exactly it, the first whose pattern fits, or the one for the rest. */
  find(path: string): Match | undefined {
    const exact = this.#exact.get(path)
    if (exact !== undefined) return { settings: exact, params: NO_PARAMS }
    for (const { pattern, settings } of this.#patterns) {
      const found = pattern.exec({ pathname: path })
      if (found !== null) return { settings, params: found.pathname.groups }
    }
    return this.#rest && { settings: this.#rest, params: NO_PARAMS }
  }
}
