// The unbroken stream of one room: entries from hints, and missing ones from the log. Holds no
// entry back: one that cannot be delivered now is read from the log later.

import type { Entry, Position } from '../../log/entry.ts'
import type { Engine, Page } from '../engine.ts'

/** Runs a function after this many milliseconds, unless it is canceled. */
export type Delay = (milliseconds: number, run: () => void) => () => void

/** The receiver of a stream. Synchronous, and must not throw. */
export interface StreamListener {
  entry(entry: Entry): void
  reset(room: string, position: Position): void
  /** The room was removed: nothing follows, unless the stream begins again. */
  removed(room: string): void
}

/**
 * Entries that are read at once; milliseconds until a failed reading is tried again: doubled each
 * time, up to the longest.
 */
const PAGE = 100
const SHORTEST_WAIT = 100
const LONGEST_WAIT = 5000

/**
 * Delivers the entries of one room after a position: each once, in order, without a gap; or says
 * that it cannot.
 */
export class RoomStream {
  readonly #room: string
  readonly #engine: Engine
  readonly #listener: StreamListener
  readonly #delay: Delay
  #head: Position | undefined
  /** The epoch of the last log that was removed. */
  #removed: string | undefined
  #reading = false
  /** Something came up while it was reading that this reading may not have seen. */
  #again = false
  #closed = false
  #failures = 0
  #callOff: (() => void) | undefined

  constructor(room: string, engine: Engine, listener: StreamListener, delay: Delay) {
    this.#room = room
    this.#engine = engine
    this.#listener = listener
    this.#delay = delay
  }

  /** The last entry that was delivered, or where the stream began; undefined before it has. */
  get position(): Position | undefined {
    return this.#head
  }

  /**
   * From here on entries are delivered: those after `head`. Does nothing if that log has been
   * removed.
   */
  begin(head: Position): void {
    if (head.epoch === this.#removed) return
    this.#head = head
    if (this.#again) this.heal()
  }

  /** A room with this epoch was removed. */
  remove(epoch: string): void {
    this.#removed = epoch
    if (this.#head?.epoch !== epoch || this.#closed) return
    this.#head = undefined
    this.#callOff?.()
    this.#callOff = undefined
    this.#listener.removed(this.#room)
  }

  /** An entry was stored; perhaps long ago. */
  hint(entry: Entry): void {
    const head = this.#head
    if (head === undefined) this.#again = true
    else if (entry.epoch === head.epoch && entry.seq <= head.seq + 1) {
      if (entry.seq === head.seq + 1) this.#deliver(entry)
    } else if (this.#callOff === undefined) this.heal()
  }

  /** Reads entries without a hint from the log. */
  heal(): void {
    this.#again = true
    if (this.#reading || this.#head === undefined || this.#closed) return
    this.#callOff?.()
    this.#callOff = undefined
    void this.#catchUp()
  }

  /** Nothing is delivered from now on. */
  close(): void {
    this.#closed = true
    this.#callOff?.()
    this.#callOff = undefined
  }

  async #catchUp(): Promise<void> {
    this.#reading = true
    try {
      while (this.#again && this.#head !== undefined && !this.#closed) {
        this.#again = false
        const asked: Position = this.#head
        const page = await this.#engine.history(this.#room, { after: asked.seq, limit: PAGE })
        this.#failures = 0
        this.#take(page, asked)
      }
    } catch {
      this.#retry()
    } finally {
      this.#reading = false
    }
  }

  /** `asked`: the page was to begin behind it. Hints may have led further in the meantime. */
  #take(page: Page, asked: Position): void {
    const { epoch, seq, oldest, entries } = page
    if (this.#closed) return
    if (this.#head?.epoch !== asked.epoch) {
      // It was removed, and perhaps has begun again.
      this.#again = true
      return
    }
    if (epoch !== this.#head.epoch || seq < asked.seq || oldest > this.#head.seq + 1) {
      this.#reset({ epoch, seq })
      return
    }
    for (const entry of entries) if (entry.seq === this.#head.seq + 1) this.#deliver(entry)
    if (this.#closed || this.#head.seq >= seq) return
    // A full page has more behind it. Otherwise there is a hole in the log, which nothing will ever
    // fill.
    if (entries.length === PAGE && this.#head.seq > asked.seq) this.#again = true
    else this.#reset({ epoch, seq })
  }

  #deliver(entry: Entry): void {
    if (this.#closed) return
    this.#head = { epoch: entry.epoch, seq: entry.seq }
    this.#listener.entry(entry)
  }

  #reset(position: Position): void {
    this.#head = position
    this.#listener.reset(this.#room, position)
  }

  /** The store is away, or the room is not there: tries again later. */
  #retry(): void {
    if (this.#closed || this.#head === undefined) return
    const wait = Math.min(SHORTEST_WAIT * 2 ** this.#failures++, LONGEST_WAIT)
    this.#callOff = this.#delay(wait, () => this.heal())
  }
}
