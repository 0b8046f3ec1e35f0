// The errors of a connection. A caller's mistake is a TypeError or a RangeError instead.

/** Fields of a `WebSocketError`. */
export interface WebSocketErrorOptions extends ErrorOptions {
  /** Default: `ERR_WS_CLOSED`. */
  readonly code?: string
  /** Default: 1000 with a reason, null without. */
  readonly closeCode?: number
  /** Default: empty. */
  readonly reason?: string
}

/**
 * An error that ends a connection. It has the `closeCode` and `reason` of the web's
 * `WebSocketError`, and a `code` that does not change between versions.
 */
export class WebSocketError extends Error {
  override readonly name: string = 'WebSocketError'
  /** A stable name, such as `ERR_WS_INVALID_UTF8`. */
  readonly code: string
  /** The code of the Close frame, 1006 for an end without one, or null for no code. */
  readonly closeCode: number | null
  /** The reason in the Close frame. */
  readonly reason: string

  constructor(message?: string, options: WebSocketErrorOptions = {}) {
    super(message, options)
    const { code = 'ERR_WS_CLOSED', reason = '', closeCode = reason === '' ? null : 1000 } = options
    this.code = code
    this.closeCode = closeCode
    this.reason = reason
  }
}

/** Fields of a `ProtocolError`. */
export interface ProtocolErrorOptions extends ErrorOptions {
  /** A stable name, such as `ERR_WS_INVALID_UTF8`. */
  readonly code: string
  /** The code to close the connection with (RFC 6455 §7.4.1): 1002, 1007, 1009, … */
  readonly closeCode: number
  /** The section that the peer violated, such as `RFC 6455 §8.1`. */
  readonly section?: string
}

/**
 * A violation of the protocol, or of a limit, by the peer. Its message, which is also the reason in
 * the Close frame, is the sentence that is passed in, and the section in parentheses.
 */
export class ProtocolError extends WebSocketError {
  override readonly name: string = 'ProtocolError'
  /** The code to close the connection with (RFC 6455 §7.4.1): 1002, 1007, 1009, … */
  declare readonly closeCode: number
  /** The section that the peer violated, such as `RFC 6455 §8.1`. */
  readonly section: string | undefined

  constructor(sentence: string, { section, ...options }: ProtocolErrorOptions) {
    const message = section === undefined ? sentence : `${sentence} (${section})`
    super(message, { ...options, reason: message })
    this.section = section
  }
}
