// The connections of a server or a client: ticked by one clock for as long as their transports
// exist.

import { Clock, type Tickable } from './clock.ts'
import { SlotList } from './slot-list.ts'

/** A member of a set. */
export interface ConnectionSetMember extends Tickable {
  /** Its place in the set, which only the set changes. */
  slot: number
}

/** Connections in no particular order. The clock runs while there are any. */
export class ConnectionSet<C extends ConnectionSetMember> implements Iterable<C>, Tickable {
  readonly #members = new SlotList<C>()
  readonly #clock: Clock

  /** `shortest` is the shortest deadline of a connection, in milliseconds. */
  constructor(shortest: number) {
    this.#clock = new Clock(shortest)
  }

  /** Makes the clock precise enough for this deadline too. */
  serve(shortest: number): void {
    this.#clock.serve(shortest)
  }

  /** Number of connections. */
  get size(): number {
    return this.#members.size
  }

  /** Adds a connection, which must be deleted when its transport is closed. */
  add(connection: C): void {
    connection.slot = this.#members.add(connection)
    this.#clock.add(this)
  }

  /** Removes a connection. */
  delete(connection: C): void {
    this.#members.delete(connection.slot)
    if (this.#members.size === 0) this.#clock.delete(this)
  }

  /** Skips connections that are deleted during the iteration. */
  [Symbol.iterator](): Iterator<C> {
    return this.#members[Symbol.iterator]()
  }

  /** Ticks all connections. */
  tick(now: number, elapsed: number): void {
    for (const connection of this.#members) connection.tick(now, elapsed)
  }
}
