// Runs a session: one function for the whole life of a socket, which reads it in a loop.

import type { Message } from '@ws/protocol'
import type { AsyncQueue } from './async-queue.ts'

/** The connection that a session runs on. */
export interface SessionConnection {
  /** Begins the closing handshake. */
  close(code: number): void
  /** Reports an error and closes with 1011. Must not throw, whatever the state. */
  fail(error: unknown): void
}

/**
 * Runs a session until it returns (1000) or throws (1011); then drops the messages that it has not
 * read. Resolves when it is over, however it went.
 *
 * The peer is held back while a message waits to be read, and with it the end: a session that does
 * not read does not notice that the peer has closed. Leaving the loop drops later messages and does
 * not close the socket by itself, because an error thrown inside also leaves it before it gets
 * here.
 */
export async function runSession(
  session: () => unknown,
  messages: AsyncQueue<Message>,
  connection: SessionConnection,
): Promise<void> {
  try {
    await session()
    connection.close(1000)
  } catch (error) {
    connection.fail(error)
  }
  messages.discard()
}
