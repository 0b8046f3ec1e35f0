// Counts what happens on connections. Always on: counting costs an addition.

/** The counters of a server's or a client's connections. All of them only increase. */
export class ConnectionCounters {
  /** Whole messages; a streamed message counts when it begins. */
  messagesReceived = 0
  messagesSent = 0
  /** Bytes on the wire, frame headers included, opening handshakes not. */
  bytesReceived = 0
  bytesSent = 0
  /** How often a `send` reached the high-water mark. */
  backpressure = 0
  /** Errors thrown by handlers. */
  errors = 0
}
