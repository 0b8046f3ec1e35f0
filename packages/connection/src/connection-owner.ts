// The server or client that connections belong to, as a connection sees it.

import type { ConnectionCounters } from './counters.ts'

/** The owner of connections of type `C`. None of its methods may throw. */
export interface ConnectionOwner<C> {
  readonly counters: ConnectionCounters
  /** The server, if the owner is one: for diagnostics events. */
  readonly server?: object
  /** A session has started. The promise resolves when it has returned; it never rejects. */
  sessionStarted(session: Promise<void>): void
  /**
   * There is room below the high-water mark again. What is sent now precedes `ready` and `drain`.
   */
  roomAvailable(connection: C): void
  /** The memory that a connection's buffers take has changed by this many bytes. */
  bufferedMemoryChanged?(change: number): void
  /**
   * The close report is final. The transport may still be open, and messages that were received
   * before may still be delivered.
   */
  connectionClosed(connection: C): void
  /**
   * The transport is closed, and the close report has been delivered, or waits for a handler for
   * longer than `closeTimeout`. Called once, as the last.
   */
  connectionFinished(connection: C): void
}
