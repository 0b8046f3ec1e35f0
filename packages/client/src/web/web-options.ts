// The options that the platform's `WebSocket` can honor.

import type { ConnectionHandlers, RequireFormat, Socket } from '@ws/connection'
import type { Message } from '@ws/protocol'
import { LONGEST_DELAY } from '../reconnect.ts'

/** The socket of a client. */
export type ClientSocket = Socket<undefined> & AsyncDisposable

/** The options of `connect` in a browser, and the handlers of its socket. */
export type ConnectOptions<Value = Message> = Pick<
  ConnectionHandlers<Socket<undefined>, Value>,
  'format' | 'open' | 'message' | 'session' | 'drain' | 'close' | 'error'
> &
  RequireFormat<Value> & {
    /** Subprotocols, the best first: a list, or one. */
    readonly protocols?: string | readonly string[]
    /** Cancels the attempt, and rejects with the signal's reason. */
    readonly signal?: AbortSignal
    /** Milliseconds from the call to the open socket. */
    readonly handshakeTimeout?: number
    /** Buffered bytes from which on `send` returns false. */
    readonly highWaterMark?: number
  }

/** Whether a value is valid, and what it must be. */
type Check = readonly [isValid: (value: never) => boolean, expected: string]
type Checks = Readonly<Record<string, Check>>

const A_FUNCTION: Check = [value => typeof value === 'function', 'a function']

/** The options of `connect`. */
const CONNECT: Checks = {
  protocols: [areProtocols, 'distinct tokens'],
  signal: [value => (value as unknown) instanceof AbortSignal, 'an AbortSignal'],
  handshakeTimeout: [
    value => typeof value === 'number' && value >= 0 && value <= LONGEST_DELAY,
    `from 0 to ${LONGEST_DELAY} milliseconds`,
  ],
  highWaterMark: [value => typeof value === 'number' && value > 0, 'a number above 0'],
  format: [value => typeof Object(value).wrap === 'function', 'a format, such as text'],
  open: A_FUNCTION,
  message: A_FUNCTION,
  session: A_FUNCTION,
  drain: A_FUNCTION,
  close: A_FUNCTION,
  error: A_FUNCTION,
}

/** The options of `reconnecting`. */
export const RECONNECTING: Checks = { ...CONNECT, retry: A_FUNCTION }

/** The options of `send`. */
export const SEND: Checks = { type: [value => value === 'text' || value === 'binary', "'text' or 'binary'"] }

/**
 * Throws a `TypeError` for a value that is invalid, for an option that the platform cannot honor, and
 * for exclusive handlers.
 */
export function checkOptions(options: object, checks: Checks = CONNECT): void {
  if (typeof options !== 'object' || options === null) throw new TypeError('the options must be an object')
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(checks, name)) {
      const expected = Object.keys(checks).join(', ')
      throw new TypeError(`option "${name}" is not available on this platform (expected one of ${expected})`)
    }
    const [isValid, expected] = checks[name]!
    if (value !== undefined && !isValid(value as never))
      throw new TypeError(`${name} must be ${expected}, not ${value}`)
  }
  const { session, open, message, format } = options as ConnectOptions
  if (session !== undefined && (open ?? message) !== undefined)
    throw new TypeError('session takes the place of open and message: give one or the others')
  if (format !== undefined && message === undefined)
    throw new TypeError('format is that of message: give both')
}

function areProtocols(given: string | readonly string[]): boolean {
  const list: readonly string[] = typeof given === 'string' ? [given] : given
  if (!Array.isArray(list)) return false
  return new Set(list).size === list.length && list.every(name => /^[!#-'*+\-.^-z|~]+$/.test(name))
}

/** The URL for the platform. Throws a `TypeError` for one that is none of a WebSocket. */
export function webSocketUrl(given: string | URL): URL {
  const base = (globalThis as { location?: { href: string } }).location?.href
  const url = URL.parse(String(given), base)
  if (url !== null) url.protocol = url.protocol.replace(/^http/, 'ws')
  if (!/^wss?:/.test(url?.protocol ?? '') || `${url!.username}${url!.password}${url!.hash}` !== '')
    throw new TypeError('url must be a ws:, wss:, http: or https: URL, without credentials and fragment')
  return url!
}
