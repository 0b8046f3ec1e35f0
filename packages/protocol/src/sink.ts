// What a connection tells whoever runs it.

import type { MessageType } from './extension.ts'

/** How a connection ended, and by whom. */
export interface CloseReport {
  /** The code of the peer's Close frame (1005: it had none), of ours if the peer broke the law, 1006 without either. */
  readonly code: number
  readonly reason: string
  /** Close frames went both ways. */
  readonly clean: boolean
  /** Who ended it: the peer's Close, we (also for a fault of the peer's, or out of patience), or the transport. */
  readonly by: 'peer' | 'local' | 'network'
  /** The error behind it, if there is one: a `ProtocolError` for a fault of the peer's. */
  readonly cause?: unknown
}

/**
 * What happens on a connection, in order. Each may call any method of the protocol. Each may throw, but for `close`, `output`
 * and a stream's `abort`: the connection then closes with 1011 and the error is the report's `cause`.
 */
export interface ProtocolSink {
  /** A whole message: text is a string, binary is bytes that are yours. */
  message(data: string | Uint8Array): void
  /** A message begins. Return where its pieces shall go as they arrive, or undefined to have it whole. */
  stream?(type: MessageType): IncomingStream | undefined
  /** A ping came and has been answered; the payload is good for this call. */
  ping?(payload: Uint8Array): void
  /** A pong came, asked for or not; the payload is good for this call. */
  pong?(payload: Uint8Array): void
  /** The end, once, after all messages. Must not throw. */
  close(report: CloseReport): void
  /** There may be output to take that no call of yours brought about: an extension finished its work. Must not throw. */
  output?(): void
}

/** Where a message goes that is received in pieces. */
export interface IncomingStream {
  /** The largest message in bytes that is wanted here, in place of `maxMessageSize`. */
  readonly maxSize?: number
  /** The next piece: whole characters for a text, bytes that are yours for a binary message. Never empty. */
  write(piece: string | Uint8Array): void
  /** The message is complete. */
  end(): void
  /** The connection ended first. Must not throw. */
  abort(): void
}
