// The error for a peer's faults. A caller's mistake is a TypeError or a RangeError instead.

/**
 * A violation of the protocol by the peer. The message ends with the section of the RFC that was
 * violated.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  /** The code to close the connection with (RFC 6455 §7.4.1): 1002, 1007, 1009, … */
  readonly closeCode: number

  constructor(closeCode: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.closeCode = closeCode
  }
}
