// What the parts of one chat node share: its store, its settings, and each other.

import type { Rate } from '@ws/server'
import type { PasswordQueue } from '../accounts/password-queue.ts'
import type { People } from '../connections/connected-users.ts'
import type { Times } from '../context/options.ts'
import type { Counts } from '../context/stats.ts'
import type { Engine, Forbidden } from '../engine/engine.ts'
import type { LocalAllowances } from '../engine/local-allowances.ts'
import type { Draft, Entry } from '../log/entry.ts'
import type { Guard } from '../log/room-state.ts'
import type { Log } from '../logging/log.ts'
import type { AddressBans } from '../policy/address-bans.ts'
import type { Limits } from '../policy/rate-limits.ts'
import type { Searches } from '../policy/search-queue.ts'
import type { Directory } from '../rooms/directory.ts'
import type { Rooms } from '../rooms/rooms.ts'

export interface Node {
  readonly engine: Engine
  readonly auth: 'guest' | 'register'
  /** As `nickKey` makes them. */
  readonly admins: ReadonlySet<string>
  readonly writeRate: Rate
  readonly limits: Limits
  readonly times: Times
  readonly log: Log
  readonly counts: Counts
  readonly rooms: Rooms
  readonly people: People
  readonly directory: Directory
  readonly searches: Searches
  /** Of this node alone; `engine.allowances` are of all nodes together. */
  readonly allowances: LocalAllowances
  readonly passwords: PasswordQueue
  readonly addressBans: AddressBans
  /** In milliseconds since 1970. */
  now(): number
  /** What the store gives; rejects with `Unavailable` when it takes too long. */
  ask<Value>(work: Promise<Value>): Promise<Value>
  /** Does without what the store cannot do now. */
  attempt(work: Promise<unknown>): void
  /** The restriction of a guard that is in force, as far as this node knows; the store may know more. */
  forbidden(guard: Guard): Forbidden | undefined
  /** Throws what `forbidden` gives. For a check right before what the guard is for. */
  check(guard: Guard): void
  /**
   * Stores an entry, unless something of the guard is in force in the store. Rejects with `Forbidden`, and with `Unavailable`, at once
   * while the store is away or the node closes.
   */
  publish(
    room: string,
    draft: Draft,
    unless: Guard,
  ): Promise<{ readonly entry: Entry; readonly dup: boolean }>
}
