// The errors with which a connection does not open. The codes are listed in docs/errors.md.

/** The server could not be reached: DNS, TCP, TLS, a proxy, or the deadline. */
export class ConnectError extends Error {
  override readonly name: string = 'ConnectError'
  /** A stable name, such as `ERR_WS_CONNECT`. */
  readonly code: string

  /** Created by `connect`. The `cause` is the error of the system, if there is one. */
  constructor(message: string, { code, cause }: { readonly code: string; readonly cause?: unknown }) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

/** The server was reached, and no WebSocket was opened. */
export class HandshakeError extends Error {
  override readonly name: string = 'HandshakeError'
  /** A stable name, such as `ERR_WS_REJECTED`. */
  readonly code: string
  /**
   * The answer with its status, headers and at most 64 KiB of its body. Undefined if there was no
   * valid answer, or an invalid 101.
   */
  readonly response: Response | undefined

  /** Created by `connect`. */
  constructor(
    message: string,
    options: { readonly code: string; readonly response?: Response; readonly cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.response = options.response
  }
}
