// The options that the platform's `WebSocket` can honor.

import type { ConnectionHandlers, RequireFormat, Socket } from '@ws/connection'
import type { Message } from '@ws/protocol'

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

const NAMES = [
  'protocols',
  'signal',
  'handshakeTimeout',
  'highWaterMark',
  'format',
  'open',
  'message',
  'session',
  'drain',
  'close',
  'error',
]

/** Throws a `TypeError` for an option that the platform cannot honor, and for exclusive handlers. */
export function checkOptions(options: object): void {
  const name = Object.keys(options).find(given => !NAMES.includes(given))
  if (name !== undefined) {
    throw new TypeError(
      `option "${name}" is not available on this platform (expected one of ${NAMES.join(', ')})`,
    )
  }
  const { session, open, message, format } = options as ConnectOptions
  if (session !== undefined && (open ?? message) !== undefined)
    throw new TypeError('session takes the place of open and message: give one or the others')
  if (format !== undefined && message === undefined)
    throw new TypeError('format is that of message: give both (a session reads with format.read(socket))')
}

/** The URL for the platform. Throws a `TypeError` for one that is none of a WebSocket. */
export function webSocketUrl(given: string | URL): URL {
  const base = (globalThis as { location?: { href: string } }).location?.href
  const url = URL.parse(String(given), base)
  if (url === null) throw new TypeError('url must be a URL, such as wss://example.com/chat')
  url.protocol = url.protocol.replace(/^http/, 'ws')
  if (!/^wss?:$/.test(url.protocol) || url.hash !== '' || url.username !== '' || url.password !== '')
    throw new TypeError('url must be a ws:, wss:, http: or https: URL, without credentials and fragment')
  return url
}
