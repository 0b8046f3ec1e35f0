// The errors with which a connection does not open. The codes are listed in docs/errors.md.

/** An error with a code. */
class OpeningError extends Error {
  /** A stable name, such as `ERR_WS_CONNECT`. */
  readonly code: string

  constructor(message: string, { code, cause }: { readonly code: string; readonly cause?: unknown }) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

/**
 * The server could not be reached: DNS, TCP, TLS, a proxy, or the deadline. The `cause` is the error
 * of the system, if there is one. Created by `connect`.
 */
export class ConnectError extends OpeningError {
  override readonly name: string = 'ConnectError'
}

/** The server was reached, and no WebSocket was opened. Created by `connect`. */
export class HandshakeError extends OpeningError {
  override readonly name: string = 'HandshakeError'
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
    super(message, options)
    this.response = options.response
  }
}
