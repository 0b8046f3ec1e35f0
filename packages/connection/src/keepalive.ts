// Whether the other end of one connection is still there: asks with a ping when nothing has come for a while (RFC 6455 §5.5.2). It is
// told the time and what happens, sends nothing itself and has no timer.

/** How often to ask, and how long to wait. */
export interface KeepaliveOptions {
  /** Milliseconds without a byte from the peer after which it is pinged, ± 10 % lest all are at once; `Infinity` for never. */
  readonly pingInterval: number
  /** Milliseconds that the peer has to be heard after a ping; `Infinity` for any time. */
  readonly pongTimeout: number
}

/** A ping that has left: what it carries, and when that was. */
interface Asked {
  readonly mark: number
  readonly at: number
}

/** The pulse of one connection. */
export class Keepalive {
  readonly #options: KeepaliveOptions
  readonly #random: () => number
  /** Something has come since the last tick. */
  #heard = true
  #due = 0
  #state: 'idle' | 'pinged' | 'late' = 'idle'
  /** The ping whose pong is to be measured. */
  #asked: Asked | undefined
  #latency: number | undefined

  /** `random` gives numbers in [0, 1). */
  constructor(options: KeepaliveOptions, random: () => number = Math.random) {
    this.#options = options
    this.#random = random
  }

  /** The peer gave a sign of life: bytes of any kind came. Costs one write. */
  heard(): void {
    this.#heard = true
  }

  /**
   * Tells the time, in milliseconds of a clock that never goes back and leaves out stalls, and how many have passed since the
   * call before. They do not count if `standing`: we do not read, so an answer may lie there, or do not get to write, so the
   * peer may not have been asked. Says what to do: send a ping with the payload that `ping` gives, or give the peer up.
   */
  tick(now: number, elapsed: number, standing: boolean): 'ping' | 'dead' | undefined {
    if (this.#heard) {
      this.#heard = false
      this.#state = 'idle'
      this.#due = now + Math.round(this.#options.pingInterval * (0.9 + 0.2 * this.#random()))
      return undefined
    }
    if (standing) {
      this.#due += elapsed
      if (this.#state === 'late') this.#state = 'pinged'
      return undefined
    }
    if (now < this.#due) return undefined
    if (this.#state === 'idle') {
      this.#state = 'pinged'
      this.#due = now + this.#options.pongTimeout
      return 'ping'
    }
    if (this.#state === 'late') return 'dead'
    // A process that wakes up is told the time before it reads what has arrived: it does that before the next tick.
    this.#state = 'late'
    return undefined
  }

  /** A ping leaves now, in real milliseconds: gives its payload, by which its pong is known among those to pings of others. */
  ping(realNow: number): Uint8Array {
    const mark = Math.floor(this.#random() * 2 ** 32)
    this.#asked = { mark, at: realNow }
    const payload = new Uint8Array(4)
    new DataView(payload.buffer).setUint32(0, mark)
    return payload
  }

  /** A pong with this payload has come, at this time in real milliseconds. Any but the first answer to the last ping is ignored. */
  pong(payload: Uint8Array, realNow: number): void {
    if (this.#asked === undefined || payload.length !== 4) return
    if (new DataView(payload.buffer, payload.byteOffset).getUint32(0) !== this.#asked.mark) return
    this.#latency = realNow - this.#asked.at
    this.#asked = undefined
  }

  /** Milliseconds from the last ping that was answered to its pong, the time in queues on both ends included; undefined before. */
  get latency(): number | undefined {
    return this.#latency
  }
}
