// The contract between the protocol and an extension that transforms messages (RFC 6455 §5.8, §9), such as compression. The
// protocol keeps order, limits and framing; the extension only makes bytes of bytes.

/** The two kinds of message (RFC 6455 §5.6). */
export type MessageType = 'text' | 'binary'

/** Wishes for one message of ours. */
export interface SendOptions {
  /** Whether an extension that compresses should; it decides by itself when left out. */
  readonly compress?: boolean
}

/** An extension as negotiated for one connection. */
export interface Extension {
  /** Its registered name. */
  readonly name: string
  /** The reserved bits that it gives a meaning, as in `FrameHeader.rsv`; they stand on the first frame of a message. */
  readonly reservedBits: number
  /** A message of the peer's begins with these of its bits set, at least one. Throw a `ProtocolError` where they make no sense. */
  receiving(bits: number, type: MessageType): MessageTransform
  /**
   * A message of ours begins, of `size` bytes where that is known. Undefined sends it as it is; otherwise its first frame
   * carries `bits`.
   */
  sending(
    type: MessageType,
    size: number | undefined,
    options: SendOptions,
  ): { readonly bits: number; readonly transform: MessageTransform } | undefined
  /**
   * The connection is over, and what was accepted for sending has left: free what it holds. Called once. Work in progress may
   * still settle; its result is dropped.
   */
  close(): void
}

/** The work of an extension on one message. */
export interface MessageTransform {
  /**
   * Transforms the next piece and puts out what it makes of it, `last` with the end of the message. At once, or later by a
   * promise: until that settles the piece stays as it is, and nothing else of that direction moves. Throws or rejects with a
   * `ProtocolError` for a fault of the peer's.
   */
  write(piece: Uint8Array, last: boolean, output: TransformOutput): void | PromiseLike<void>
}

/** Where a transform puts what it makes. */
export interface TransformOutput {
  /**
   * How many more bytes this message may have: stop producing above it. `Infinity` for a message of ours; 0 once the
   * connection is over.
   */
  readonly room: number
  /** Hands on bytes; they are the receiver's from then on. Throws a `ProtocolError` (1009) above `room`. */
  push(bytes: Uint8Array): void
}
