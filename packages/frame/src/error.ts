// The one error of the stack: a peer broke the law. A caller's own mistake is a TypeError or a RangeError instead.

/** A peer's fault, with the close code that answers it (RFC 6455 §7.4.1). The message ends in the section that was broken. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  /** What to close the connection with: 1002 for a broken rule, 1007 for wrong data, 1009 for too much of it, … */
  readonly closeCode: number

  constructor(closeCode: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.closeCode = closeCode
  }
}
