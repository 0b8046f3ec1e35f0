// The events of a connection.

import type { MessageType } from './extension.ts'

/** Bytes that were received: an array of its own, which the web's APIs accept. */
export type Bytes = Uint8Array<ArrayBuffer>

/** A message that was received: text is a string, binary is bytes. */
export type Message = string | Bytes

/** The error that ended a connection. */
export interface CloseCause extends Error {
  /** A stable name: `ERR_WS_…` (docs/errors.md), or that of the transport, such as `ECONNRESET`. */
  readonly code: string
}

/** The end of a connection. */
export interface CloseInfo {
  /**
   * The code of the peer's Close frame (1005 if it had none), of our Close frame if the connection
   * failed, or 1006 without a Close frame.
   */
  readonly code: number
  readonly reason: string
  /** Both sides sent a Close frame. */
  readonly wasClean: boolean
  /** The peer by a Close frame, we (also for a peer's fault or a timeout), or the transport. */
  readonly by: 'peer' | 'local' | 'network'
  /**
   * The error, if there is one: a `ProtocolError` for a peer's fault. For an internal error it is a
   * `WebSocketError` whose `cause` is the value that was thrown.
   */
  readonly cause?: CloseCause
}

/**
 * Receives the events of a connection, in order. Each method may call any method of the protocol.
 * If one throws, the connection closes with 1011 (`ERR_WS_INTERNAL_ERROR`); only `closing`, `close`,
 * `output` and a stream's `abort` must not throw.
 */
export interface ProtocolSink {
  /**
   * A whole message: text as a string, or as bytes with `textAsBytes`, and binary as bytes. You may
   * keep the bytes.
   */
  message(data: Message, type: MessageType): void
  /**
   * A message begins. Return a stream to receive it in pieces, or undefined to receive it whole.
   */
  stream?(type: MessageType): IncomingStream | undefined
  /**
   * A ping was received, by `scan` or in its turn. Called once for each, before `ping`. Return false
   * to leave it unanswered, because of a rate limit for example.
   */
  pingReceived?(): boolean | undefined
  /**
   * A pong was received, by `scan` or in its turn. Called once for each, before `pong`. The payload
   * is lent for this call.
   */
  pongReceived?(payload: Uint8Array): void
  /** A ping, after all messages before it. You may keep the payload. */
  ping?(payload: Bytes): void
  /** A pong, solicited or not, after all messages before it. You may keep the payload. */
  pong?(payload: Bytes): void
  /**
   * The connection is about to close, and its report is final: the peer's Close or the end of the
   * transport was received, or the connection failed. Called once before `close`, while messages
   * that were received before may still be held. Must not throw.
   */
  closing?(report: CloseInfo): void
  /** The connection is closed. Called once, after all messages. Must not throw. */
  close(report: CloseInfo): void
  /** An extension finished its work, so there may be output to take. Must not throw. */
  output?(): void
}

/** Receives a message in pieces. */
export interface IncomingStream {
  /** The largest message in bytes, instead of `maxMessageSize`. */
  readonly maxSize?: number
  /**
   * The next piece: whole characters of a text, or bytes that you may keep. Never empty. With
   * `textAsBytes`, a piece of a text may end inside a character.
   */
  write(piece: Message): void
  /** The message is complete. */
  end(): void
  /** The rest of the message will not be delivered. Must not throw. */
  abort(): void
}
