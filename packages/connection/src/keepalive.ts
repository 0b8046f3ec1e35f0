// Detects a dead peer by pinging it when it has been silent (RFC 6455 §5.5.2). The caller provides
// the time and sends the pings.

/** When to ping, and how long to wait. */
export interface KeepaliveOptions {
  /** Milliseconds of silence before a ping, ± 10 % to spread the pings; `Infinity` for never. */
  readonly pingInterval: number
  /** Milliseconds in which anything must be received after a ping; `Infinity` for no limit. */
  readonly pongTimeout: number
  /** Returns numbers in [0, 1). Default: `Math.random`. */
  readonly random?: () => number
}

/** The keepalive of one connection. */
export class Keepalive {
  readonly #options: KeepaliveOptions
  /**
   * `received`: the peer is known to be alive since the last tick. `idle`: it is silent. `pinged`:
   * an answer is awaited. `overdue`: the time for it is up, but not yet for a whole tick.
   */
  #state: 'received' | 'idle' | 'pinged' | 'overdue' = 'received'
  /** When to ping, or when the time for an answer is up. */
  #due = 0
  /** The payloads of the last two pings. */
  #mark: number | undefined
  #previousMark: number | undefined
  /** When the last ping was sent, until it is answered. */
  #sentAt: number | undefined
  #latency: number | undefined

  constructor(options: KeepaliveOptions) {
    this.#options = options
  }

  /** The peer has sent or accepted bytes, so it is alive. */
  received(): void {
    this.#state = 'received'
  }

  /**
   * `now` is in milliseconds of a clock that never goes back and skips stalls, `elapsed` the time
   * since the last call. It does not count while the transport is full, because the ping may be
   * unsent. While the transport is not read, an answer cannot be found: pings are then sent at each
   * interval without a deadline, so that a peer that is gone shows as a failed write. Returns what
   * to do: send a ping with the payload of `ping()`, or give up a dead peer.
   */
  tick(now: number, elapsed: number, isFull: boolean, isRead: boolean): 'ping' | 'dead' | undefined {
    if (this.#state === 'received' || (!isRead && this.#state !== 'idle')) {
      this.#state = 'idle'
      this.#due = now + this.#drawInterval()
      return undefined
    }
    if (isFull) {
      this.#due += elapsed
      if (this.#state === 'overdue') this.#state = 'pinged'
      return undefined
    }
    if (now < this.#due) return undefined
    if (!isRead) {
      this.#due = now + this.#drawInterval()
      return 'ping'
    }
    if (this.#state === 'idle') {
      this.#state = 'pinged'
      this.#due = now + this.#options.pongTimeout
      return 'ping'
    }
    if (this.#state === 'overdue') return 'dead'
    // A process that wakes up from a stall ticks before it reads what has arrived: wait one more
    // tick.
    this.#state = 'overdue'
    return undefined
  }

  #drawInterval(): number {
    const { pingInterval, random = Math.random } = this.#options
    return Math.round(pingInterval * (0.9 + 0.2 * random()))
  }

  /** The payload of a ping that is sent now, by which its pong is recognized. */
  ping(realNow: number): Uint8Array {
    const { random = Math.random } = this.#options
    const mark = Math.floor(random() * 2 ** 32)
    this.#previousMark = this.#mark
    this.#mark = mark
    this.#sentAt = realNow
    const payload = new Uint8Array(4)
    new DataView(payload.buffer).setUint32(0, mark)
    return payload
  }

  /** A pong was received. All but the first answer to the last ping are ignored. */
  pong(payload: Uint8Array, realNow: number): void {
    if (this.#sentAt === undefined || readMark(payload) !== this.#mark) return
    this.#latency = realNow - this.#sentAt
    this.#sentAt = undefined
  }

  /**
   * Whether a pong answers a ping of this keepalive, the last one or the one before: its pong may be
   * received late, or delivered after the next ping.
   */
  isAnswer(payload: Uint8Array): boolean {
    const mark = readMark(payload)
    return mark !== undefined && (mark === this.#mark || mark === this.#previousMark)
  }

  /** Round-trip time of the last answered ping in milliseconds, queues on both ends included. */
  get latency(): number | undefined {
    return this.#latency
  }
}

/** The mark in a payload; undefined if it is not as long as one. */
function readMark(payload: Uint8Array): number | undefined {
  return payload.length === 4 ? new DataView(payload.buffer, payload.byteOffset).getUint32(0) : undefined
}
