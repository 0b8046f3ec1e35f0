// What a server has counted since it was made. Plain numbers, always on: to read them costs nothing that matters.

/** The counts; each only grows, but for `sockets` and `buffered`, which are of now. */
export interface Stats {
  /** Open or closing now. */
  readonly sockets: number
  /** Bytes that wait to be sent now, on all sockets; what topics keep for slow subscribers is not among them. */
  readonly buffered: number
  readonly opened: number
  readonly closed: number
  /** Upgrade requests that were answered with something else than 101. */
  readonly refused: number
  /** Whole messages; those in pieces count when they begin. */
  readonly messagesReceived: number
  readonly messagesSent: number
  /** Bytes on the wire, frames' headers included, opening handshakes not. */
  readonly bytesReceived: number
  readonly bytesSent: number
  /** How often a `send` went above the high-water mark. */
  readonly backpressure: number
  /** Messages of topics that a slow subscriber did not get, by `'drop-oldest'` and `'latest'`; once for each subscriber. */
  readonly dropped: number
  /** Errors of handlers. */
  readonly errors: number
}

/** The same, being counted. */
export class Counters {
  opened = 0
  closed = 0
  refused = 0
  messagesReceived = 0
  messagesSent = 0
  bytesReceived = 0
  bytesSent = 0
  backpressure = 0
  errors = 0
}
