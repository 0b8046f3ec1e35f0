// One function for the whole life of a socket, `for await (const message of socket)`, made of the handlers open, message and
// close. Knows neither the protocol nor the transport.

import { AsyncQueue } from './async-queue.ts'

type Message = string | Uint8Array

/** What a session is given. */
export interface SessionSocket extends AsyncIterable<Message> {
  close(code?: number, reason?: string): void
}

/** Who keeps the messages of one socket until its session takes them. */
export interface SessionOwner {
  /** What the socket is iterated by; undefined before `open`. */
  queue?: AsyncQueue<Message> | undefined
  /** Reports an error and closes with 1011. Must not throw, whatever the state. */
  fail(error: unknown): void
}

/**
 * The life of one socket. It is over when the promise settles: the socket is then closed with 1000 and what it has not read is
 * dropped; if it rejects, the error is reported and the socket closed with 1011.
 *
 * The peer is held back while a message waits to be read. That holds back the end too: a session that does not read does not
 * learn that the peer has closed. The loop ends with the socket, whoever ended it; to leave it earlier ends the reading, so
 * that later messages are dropped, and the socket closes when the session returns.
 */
export type Session<S extends SessionSocket> = (socket: S) => void | Promise<void>

/** The handlers that carry a session. */
export interface SessionHandlers<S extends SessionSocket> {
  open(socket: S): void
  /** Settles when the session has asked for the message after this one. */
  message(socket: S, data: Message): Promise<void> | undefined
  close(socket: S): void
}

/** Makes the handlers of a session; `ownerOf` finds what belongs to a socket. */
export function sessionHandlers<S extends SessionSocket>(
  session: Session<S>,
  ownerOf: (socket: S) => SessionOwner,
): SessionHandlers<S> {
  return {
    open: socket => void runSession(session, socket, ownerOf(socket)),
    message: (socket, data) => ownerOf(socket).queue?.deliver(data),
    close: socket => ownerOf(socket).queue?.end(),
  }
}

/** Runs a session from `open` on. Resolves when the session is over, however it went. */
export async function runSession<S extends SessionSocket>(
  session: Session<S>,
  socket: S,
  owner: SessionOwner,
): Promise<void> {
  // Leaving the loop must not close the socket by itself: an error thrown inside leaves it too, before it gets here.
  owner.queue = new AsyncQueue()
  try {
    await session(socket)
    socket.close(1000)
  } catch (error) {
    owner.fail(error)
  }
  owner.queue.discard()
}
