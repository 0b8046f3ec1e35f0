// The counters of a server.

import { ConnectionCounters } from '@ws/connection'

/** The counters. All are monotonic except the gauges `sockets`, `buffered` and `unread`. */
export interface Stats {
  /** Sockets that are open or closing now. */
  readonly sockets: number
  /** Unsent bytes of all sockets now, without what topics keep for slow subscribers. */
  readonly buffered: number
  /**
   * Memory in bytes that received data takes before its delivery, of all sockets now. This and
   * `buffered` are limited by `maxTotalBuffered`.
   */
  readonly unread: number
  readonly opened: number
  readonly closed: number
  /** Upgrade requests that were not answered with 101. */
  readonly refused: number
  /** Whole messages; a streamed message counts when it begins. */
  readonly messagesReceived: number
  readonly messagesSent: number
  /** Bytes on the wire, frame headers included, opening handshakes not. */
  readonly bytesReceived: number
  readonly bytesSent: number
  /** How often a `send` reached the high-water mark. */
  readonly backpressure: number
  /**
   * Messages dropped for slow subscribers by `'drop-oldest'` and `'latest'`, once for each
   * subscriber.
   */
  readonly dropped: number
  /** Sockets closed because more than `maxTotalBuffered` was buffered. */
  readonly overflowed: number
  /** Errors thrown by handlers. */
  readonly errors: number
}

/** The counters that the server increments. */
export class Counters extends ConnectionCounters {
  opened = 0
  closed = 0
  refused = 0
  overflowed = 0
}
