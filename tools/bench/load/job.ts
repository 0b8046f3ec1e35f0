// What the load generator is asked for and what it says: JSON on the command line, JSON on standard output.

/**
 * Output that is not read, a message of many fragments that does not end, or a compressed one of
 * zeros that does not end.
 */
export type Held = 'unread' | 'fragments' | 'bomb'

/** One run of one kind of load against one server. */
export interface Job {
  readonly kind:
    | 'echo'
    | 'rate'
    | 'publish'
    | 'handshakes'
    | 'idle'
    | 'hold'
    | 'compressed-echo'
    | 'compressed-publish'
  readonly port: number
  /** The process of the server, whose CPU time is read at both ends of the measurement. */
  readonly pid: number
  readonly connections: number
  /** Milliseconds of load before the measurement, and of the measurement. */
  readonly warmup: number
  readonly duration: number
  /** Bytes of payload of a message. */
  readonly size: number
  readonly type: 'text' | 'binary'
  /** Messages that each connection has under way at a time. */
  readonly inFlight: number
  /** Messages a second on all connections together; for `rate`. */
  readonly rate: number
  /** Milliseconds that a server has at the end for the replies that are still missing; for `echo`. */
  readonly patience: number
  /** Connections offer to compress; for `idle`. */
  readonly compressed: boolean
  /** Compressed messages that each connection has echoed when it is told to talk; for `idle`. */
  readonly messages: number
  /** The memory that each connection makes the server hold; for `hold`. */
  readonly held: Held
  /** The server sends frames back as they came. */
  readonly raw: boolean
}

/** What happened between the two ends of the measurement. */
export interface LoadResult {
  /** Replies, deliveries or handshakes. */
  readonly count: number
  readonly seconds: number
  /** CPU seconds of the server, and of the load generator. */
  readonly serverCpu: number
  readonly loadCpu: number
  /** CPU seconds that others took on the cores of these two, the host of a virtual machine included. */
  readonly otherCpu: number
  /** Milliseconds from when a message was due to when its reply had come, sorted; for `rate`. */
  readonly latency?: Percentiles
}

/** Milliseconds. */
export interface Percentiles {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}
