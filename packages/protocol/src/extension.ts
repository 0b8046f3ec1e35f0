// The contract of extensions that transform messages, such as compression (RFC 6455 §5.8, §9). The
// protocol handles order, limits and framing; an extension turns bytes into bytes.

/** The two kinds of message (RFC 6455 §5.6). */
export type MessageType = 'text' | 'binary'

/** Options for sending one message. */
export interface SendOptions {
  /** Whether to compress the message. By default the extension decides. */
  readonly compress?: boolean
  /**
   * The type of the message. Bytes that are sent as text must be valid UTF-8; a string that is sent
   * as binary is encoded as UTF-8. Default: text for a string, binary for bytes.
   */
  readonly type?: MessageType
}

/** A parameter in a handshake, as `@ws/handshake` reads it: its name, and its value or `true`. */
export type ExtensionParam = readonly [name: string, value: string | true]

/** An extension before its negotiation: one value for all connections of a server or client. */
export interface NegotiableExtension {
  /** Its registered name. */
  readonly name: string
  /**
   * For a server: accepts one of the client's offers of this extension, which are in the client's
   * order of preference, or returns undefined to decline them all.
   */
  accept(offers: readonly (readonly ExtensionParam[])[]): AcceptedOffer | undefined
  /** For a client: its offers, the best first. */
  readonly offers: readonly (readonly ExtensionParam[])[]
  /**
   * For a client: accepts the server's answer, or returns a sentence that says why it is invalid.
   */
  confirm(params: readonly ExtensionParam[]): Extension | string
}

/** An accepted offer. */
export interface AcceptedOffer {
  /** The parameters for the response. */
  readonly params: readonly ExtensionParam[]
  /** Called once, when the connection opens. */
  create(): Extension
}

/** An extension on one connection. */
export interface Extension {
  /** Its registered name. */
  readonly name: string
  /** The reserved bits that it sets on the first frame of a message, as in `FrameHeader.rsv`. */
  readonly reservedBits: number
  /**
   * Called when a received message begins with at least one of the reserved bits set. Throw a
   * `ProtocolError` for an invalid combination.
   */
  receiving(bits: number, type: MessageType): MessageTransform
  /**
   * Called when a message is about to be sent; `size` is undefined for a streamed message. Return
   * undefined to send it untransformed. A `shared` message is also sent on other connections and
   * may be transformed once for all of them; see `Transformation.key`.
   */
  sending(
    type: MessageType,
    size: number | undefined,
    options: SendOptions,
    shared: boolean,
  ): Transformation | undefined
  /**
   * Called once, when the connection is closed and its last message has been transformed: free all
   * resources. Work in progress may still settle; its result is dropped.
   */
  close(): void
}

/** The transformation of a message that is sent. */
export interface Transformation {
  /** The reserved bits of its first frame. */
  readonly bits: number
  readonly transform: MessageTransform
  /**
   * For a shared message: set it if the result is the same for all connections with this key. Then
   * `transform` is used once, outlives its connection, and its output is sent on all of them.
   */
  readonly key?: string
}

/** Transforms one message. */
export interface MessageTransform {
  /**
   * Transforms the next piece, `last` at the end of the message, and pushes the result to `output`.
   * Return a promise to finish later: until it settles the piece does not change, and the same
   * direction of the connection waits. Throws or rejects with a `ProtocolError` for a peer's fault.
   */
  write(piece: Uint8Array, last: boolean, output: TransformOutput): void | PromiseLike<void>
}

/** Receives the output of a transform. */
export interface TransformOutput {
  /**
   * The number of bytes that the message may still grow by; stop producing above it. `Infinity` for
   * a message that is sent, 0 once the connection is closed.
   */
  readonly room: number
  /** Adds bytes, which are lent for this call. Throws a `ProtocolError` (1009) above `room`. */
  push(bytes: Uint8Array): void
  /**
   * Sends the message untransformed and drops pushed bytes. Only for a whole message being sent.
   */
  sendAsIs?(): void
}
