// Between an engine, whose hints may be lost, repeated or out of order, and the rooms of a node,
// which want every entry once and in order. Knows nothing of connections, and keeps no entries.

import type { Entry, Json, Position } from '../../log/entry.ts'
import { type Engine, NoSuchRoom, type Sink, Unavailable } from '../engine.ts'
import { type Delay, RoomStream, type StreamListener } from './room-stream.ts'

/** Called by a {@link Sequencer}. Synchronous, and must not throw. */
export interface Listener extends StreamListener {
  /** The next entry of a subscribed room: each once, in order, without a gap. */
  entry(entry: Entry): void
  /**
   * Continuity is lost: the log was replaced, has lost its end, or missed entries are no longer
   * kept. Entries after `position` follow.
   */
  reset(room: string, position: Position): void
  /**
   * A subscribed room was removed. Its subscriptions still count; a new one refers to the room that
   * has the name now.
   */
  removed(room: string): void
  /** An event of `signal` in a subscribed room. May be lost. */
  signal(room: string, event: Json): void
  /** Whether the store is there. */
  state(state: 'up' | 'down', cause?: Error): void
}

export interface SequencerOptions {
  /** For tests; timers that keep no process alive when left out. */
  readonly delay?: Delay
}

/** Milliseconds between two looks at the ends of all logs, and after one that failed. */
const CHECK_INTERVAL = 10_000
const CHECK_RETRY = 1000

interface Subscription {
  readonly stream: RoomStream
  /** Undefined where the room was removed. */
  begun: Promise<void> | undefined
  users: number
}

/**
 * Makes an unbroken stream of each subscribed room. Drafts are published to the engine itself: its
 * hints bring them back.
 */
export class Sequencer implements Sink {
  readonly #engine: Engine
  readonly #listener: Listener
  readonly #delay: Delay
  readonly #subscriptions = new Map<string, Subscription>()
  /** The last request to the engine about a room: one after the other. */
  readonly #turns = new Map<string, Promise<void>>()
  #closed = false
  #checking = false
  #checkAgain = false
  #callOff: (() => void) | undefined

  constructor(engine: Engine, listener: Listener, { delay = unobtrusively }: SequencerOptions = {}) {
    this.#engine = engine
    this.#listener = listener
    this.#delay = delay
  }

  /** Starts the engine, with this as its sink. Rejects where the engine does. */
  async start(): Promise<void> {
    await this.#engine.start(this)
    this.#checkIn(CHECK_INTERVAL)
  }

  /**
   * Entries after the position that it resolves with reach the listener. Counted: as many
   * `unsubscribe` end it. Rejects with {@link NoSuchRoom}, with {@link Unavailable}; then it does
   * not count.
   */
  async subscribe(room: string): Promise<Position> {
    if (this.#closed) throw new Unavailable('the stream of rooms has ended')
    const subscription = this.#subscriptions.get(room) ?? this.#open(room)
    const { stream } = subscription
    subscription.begun ??= this.#begin(room, stream)
    subscription.users++
    const { begun } = subscription
    try {
      await begun
      if (stream.position === undefined) throw noRoom(room)
      return stream.position
    } catch (error) {
      if (subscription.begun === begun) subscription.begun = undefined
      this.#release(room, subscription)
      throw error
    }
  }

  /**
   * After the last one, the listener receives nothing of the room. Resolves when the engine has
   * been notified; a failure is not an error.
   */
  async unsubscribe(room: string): Promise<void> {
    const subscription = this.#subscriptions.get(room)
    if (subscription) this.#release(room, subscription)
    await this.#turns.get(room)?.catch(() => {})
  }

  /** Up to where the listener has a room. Undefined where it is not subscribed. */
  position(room: string): Position | undefined {
    return this.#subscriptions.get(room)?.stream.position
  }

  /** Ends all streams and timers, but not the engine. */
  close(): void {
    this.#closed = true
    this.#callOff?.()
    for (const { stream } of this.#subscriptions.values()) stream.close()
    this.#subscriptions.clear()
  }

  entry(entry: Entry): void {
    this.#subscriptions.get(entry.room)?.stream.hint(entry)
  }

  removed(room: string, epoch: string): void {
    const subscription = this.#subscriptions.get(room)
    if (subscription === undefined) return
    if (subscription.stream.position?.epoch === epoch) subscription.begun = undefined
    subscription.stream.remove(epoch)
  }

  lost(): void {
    void this.#check()
  }

  signal(room: string, event: Json): void {
    if (this.#subscriptions.has(room)) this.#listener.signal(room, event)
  }

  state(state: 'up' | 'down', cause?: Error): void {
    if (this.#closed) return
    this.#listener.state(state, cause)
    if (state === 'up') void this.#check()
  }

  #open(room: string): Subscription {
    const stream = new RoomStream(room, this.#engine, this.#listener, this.#delay)
    const subscription: Subscription = { stream, begun: undefined, users: 0 }
    this.#subscriptions.set(room, subscription)
    return subscription
  }

  #begin(room: string, stream: RoomStream): Promise<void> {
    return this.#inTurn(room, async () => {
      // Hints first, then the end of the log: nothing falls between them.
      await this.#engine.subscribe(room)
      const top = (await this.#engine.tops([room])).get(room)
      if (top === undefined) throw noRoom(room)
      stream.begin(top)
    })
  }

  #release(room: string, subscription: Subscription): void {
    if (subscription.users === 0 || --subscription.users > 0) return
    subscription.stream.close()
    if (this.#subscriptions.get(room) === subscription) this.#subscriptions.delete(room)
    this.#inTurn(room, () => this.#engine.unsubscribe(room)).catch(() => {})
  }

  #inTurn(room: string, work: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(room) ?? Promise.resolve()
    const turn = before.then(work, work)
    const done = () => {
      if (this.#turns.get(room) === turn) this.#turns.delete(room)
    }
    this.#turns.set(room, turn)
    turn.then(done, done)
    return turn
  }

  #checkIn(milliseconds: number): void {
    this.#callOff?.()
    if (!this.#closed) this.#callOff = this.#delay(milliseconds, () => void this.#check())
  }

  /**
   * Compares the ends of all logs with the delivered positions: only this reveals that the hint of
   * the last entry was lost.
   */
  async #check(): Promise<void> {
    this.#checkAgain = true
    if (this.#checking) return
    this.#checking = true
    let wait = CHECK_INTERVAL
    try {
      while (this.#checkAgain && !this.#closed) {
        this.#checkAgain = false
        await this.#compareTops()
      }
    } catch {
      wait = CHECK_RETRY
    }
    this.#checking = false
    this.#checkIn(wait)
  }

  async #compareTops(): Promise<void> {
    if (this.#subscriptions.size === 0) return
    const tops = await this.#engine.tops([...this.#subscriptions.keys()])
    for (const [room, { stream }] of [...this.#subscriptions]) {
      const top = tops.get(room)
      const head = stream.position
      if (top && head && (top.epoch !== head.epoch || top.seq !== head.seq)) stream.heal()
    }
  }
}

function noRoom(room: string): NoSuchRoom {
  return new NoSuchRoom(`there is no room ${JSON.stringify(room)}`)
}

function unobtrusively(milliseconds: number, run: () => void): () => void {
  const timer = setTimeout(run, milliseconds).unref()
  return () => clearTimeout(timer)
}
