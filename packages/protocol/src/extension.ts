// The contract between the protocol and an extension that transforms messages (RFC 6455 §5.8, §9), such as compression: how it is
// agreed on, and what it does then. The protocol keeps order, limits and framing; the extension only makes bytes of bytes.

/** The two kinds of message (RFC 6455 §5.6). */
export type MessageType = 'text' | 'binary'

/** Wishes for one message of ours. */
export interface SendOptions {
  /** Whether an extension that compresses should; it decides by itself when left out. */
  readonly compress?: boolean
}

/** One parameter in a handshake: its name, with its value or `true` where it has none. As `@ws/handshake` reads and writes them. */
export type ExtensionParam = readonly [name: string, value: string | true]

/** An extension before it is agreed on: one for all connections of a server or a client. */
export interface NegotiableExtension {
  /** Its registered name. */
  readonly name: string
  /**
   * A server's choice among the offers of this name, in the client's order: what it answers, and the extension of the connection.
   * Undefined: it declines them all.
   */
  accept(offers: readonly (readonly ExtensionParam[])[]): AcceptedOffer | undefined
  /** What a client offers, the best first. */
  readonly offers: readonly (readonly ExtensionParam[])[]
  /** What a server's answer comes to: the extension of the connection, or a sentence that says why it has to fail. */
  confirm(params: readonly ExtensionParam[]): Extension | string
}

/** An offer that was accepted. */
export interface AcceptedOffer {
  /** What the response says of it. */
  readonly params: readonly ExtensionParam[]
  /** Called once, when the connection begins. */
  create(): Extension
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
   * A message of ours begins, of `size` bytes where that is known. Undefined sends it as it is. `shared`: it goes to other
   * connections too, and may be transformed once for all of them; see `Transformation.key`.
   */
  sending(
    type: MessageType,
    size: number | undefined,
    options: SendOptions,
    shared: boolean,
  ): Transformation | undefined
  /**
   * The connection is over, and what was accepted for sending has left: free what it holds. Called once. Work in progress may
   * still settle; its result is dropped.
   */
  close(): void
}

/** How a message of ours is to be transformed. */
export interface Transformation {
  /** What its first frame carries. */
  readonly bits: number
  readonly transform: MessageTransform
  /**
   * For a shared message: what is made of it depends on nothing of this connection, but is the same wherever this key was given.
   * Then `transform` is used only by the first, outlives its connection, and what it makes is sent on all.
   */
  readonly key?: string
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
  /** Hands on bytes, lent for this call. Throws a `ProtocolError` (1009) above `room`. */
  push(bytes: Uint8Array): void
  /** There for a whole message of ours: it shall leave as it is, without the bits; whatever was pushed is forgotten. */
  sendAsIs?(): void
}
