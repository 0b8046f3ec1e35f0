// Rooms and their logs in a Redis.

import type { Draft, Entry, Fold, Json, Position } from '../../log/entry.ts'
import { foldChange, targetOf, uniteReactions } from '../../log/fold.ts'
import { type HistoryQuery, NoSuchRoom, type Page, type PublishOptions, type StoredRoom } from '../engine.ts'
import { makeEpoch } from '../epoch.ts'
import { checkLimit } from '../range.ts'
import type { Reply } from './connection.ts'
import { guardKeys, guardValues, readForbidden } from './guard.ts'
import {
  cidsKey,
  foldsKey,
  hereKey,
  IDS,
  logKey,
  MEMBERS,
  membersKey,
  READ,
  REMOVED,
  ROOMS,
  readKey,
  roomKey,
  stateKey,
} from './keys.ts'
import type { Ask } from './link.ts'
import { CREATE, HEADS, PUBLISH, REMOVE, ROOM, ROWS, TOPS } from './room-scripts.ts'
import { call } from './script.ts'
import { readStoredEntry, writeStoredEntry } from './stored-entry.ts'

/** A stored entry, with its place among those of all rooms. */
interface Row {
  readonly id: number
  readonly entry: Entry
}

/** A position from which the log of a room is read backward. */
export interface Head {
  readonly room: string
  readonly seq: number
  /** The place of the entry among those of all rooms. */
  readonly id: number
}

/** Rooms whose heads are looked for by one script: Redis does nothing else in the meantime. */
const HEADS_AT_ONCE = 32

/** Larger than any page. */
const ANY_SIZE = Number.MAX_SAFE_INTEGER

interface RowsQuery {
  readonly direction: 'after' | 'before'
  readonly from: number | '+'
  readonly limit: number
  readonly size?: number
  readonly folded: boolean
}

/** A stored fold: the position of the last change, a space, the fold. */
interface StoredFold {
  readonly at: string
  readonly fold?: Fold
}

interface Rows extends Position {
  readonly oldest: number
  readonly rows: readonly (Row & { readonly at: string })[]
}

type Published = { readonly entry: Entry; readonly dup: boolean }

/** All logs of a database. */
export class RedisRooms {
  readonly #ask: Ask
  readonly #channel: (room: string) => string
  readonly #keep: number
  readonly #now: () => number
  /** By room: the last thing that is being published there since a change was. */
  readonly #changing = new Map<string, Promise<unknown>>()

  constructor(
    ask: Ask,
    { channel, keep, now }: { channel: (room: string) => string; keep: number; now: () => number },
  ) {
    this.#ask = ask
    this.#channel = channel
    this.#keep = keep
    this.#now = now
  }

  async create(room: string): Promise<boolean> {
    return (await call(this.#ask, CREATE, [roomKey(room), ROOMS], [room, makeEpoch()])) === 1
  }

  async remove(room: string, end: Position | undefined): Promise<boolean> {
    const content = [logKey, cidsKey, foldsKey, stateKey, hereKey].map(keyOf => keyOf(room))
    const keys = [roomKey(room), ROOMS, REMOVED, membersKey(room), ...content]
    const values = [room, this.#now(), this.#channel(room), READ, end?.epoch ?? '', end?.seq ?? '']
    return (await call(this.#ask, REMOVE, keys, values)) === 1
  }

  async read(room: string): Promise<StoredRoom | undefined> {
    const reply = await call(this.#ask, ROOM, [roomKey(room), stateKey(room)])
    if (reply === null) return undefined
    const [epoch, seq, oldest, ...pairs] = reply as string[]
    const state = new Map<string, Json>()
    for (let i = 0; i < pairs.length; i += 2) state.set(pairs[i]!, JSON.parse(pairs[i + 1]!))
    return { epoch: epoch!, seq: Number(seq), oldest: Number(oldest), state }
  }

  async names(limit: number, after: string): Promise<readonly string[]> {
    const from = after === '' ? '-' : `(${after}`
    return (await this.#ask(['ZRANGE', ROOMS, from, '+', 'BYLEX', 'LIMIT', '0', String(limit)])) as string[]
  }

  async tops(rooms: readonly string[]): Promise<ReadonlyMap<string, Position>> {
    const places = (await call(this.#ask, TOPS, rooms.map(roomKey))) as (readonly string[])[]
    const tops = new Map<string, Position>()
    for (const [index, [epoch, seq]] of places.entries())
      if (epoch !== undefined) tops.set(rooms[index]!, { epoch, seq: Number(seq) })
    return tops
  }

  /** Later publishes wait for a change, or they would overtake it during its first read. */
  publish(room: string, draft: Draft, options: PublishOptions): Promise<Published> {
    const before = this.#changing.get(room)
    const store = () => this.#store(room, draft, options)
    const published = before === undefined ? store() : before.then(store, store)
    if (before !== undefined || targetOf(draft) !== undefined) this.#follow(room, published)
    return published
  }

  #follow(room: string, published: Promise<unknown>): void {
    const done = () => {
      if (this.#changing.get(room) === published) this.#changing.delete(room)
    }
    this.#changing.set(room, published)
    published.then(done, done)
  }

  /**
   * Folds a change into the current fold, and starts again if that was replaced in the meantime.
   */
  async #store(room: string, draft: Draft, options: PublishOptions): Promise<Published> {
    const ts = this.#now()
    const target = targetOf(draft)
    if (target === undefined) return (await this.#append(room, draft, options, ts))!
    for (;;) {
      const row = await this.#row(room, target)
      const fold = row?.entry.kind === 'msg' ? foldChange(row.entry.fold, { ...draft, ts }) : undefined
      const isNews = fold !== undefined && fold !== row?.entry.fold
      const change = isNews ? { target, at: row!.at, fold } : undefined
      const published = await this.#append(room, draft, options, ts, change)
      if (published !== undefined) return published
    }
  }

  /** Undefined if the fold is no longer at `change.at`. */
  async #append(
    room: string,
    draft: Draft,
    { patch = {}, guard = [], expels }: PublishOptions,
    ts: number,
    change?: { readonly target: number } & Required<StoredFold>,
  ): Promise<Published | undefined> {
    const text = writeStoredEntry(draft, ts)
    const content = [logKey, cidsKey, foldsKey, stateKey].map(keyOf => keyOf(room))
    const keys = [roomKey(room), ...content, IDS, readKey(expels?.user ?? ''), ...guardKeys(guard)]
    const pairs = Object.entries(patch)
    const fold = change ? [change.target, change.at, JSON.stringify(change.fold)] : ['', '', '']
    const keep = Number.isFinite(this.#keep) ? this.#keep : ''
    const reply = (await call(this.#ask, PUBLISH, keys, [
      JSON.stringify([draft.user.id, draft.cid]),
      text,
      this.#channel(room),
      keep,
      ...fold,
      ...[MEMBERS, expels?.user ?? '', expels?.from === 'room' ? room : ''],
      2 * pairs.length,
      ...pairs.flatMap(([key, value]) => [key, value === null ? '' : JSON.stringify(value)]),
      ...guardValues(guard, ts),
    ])) as readonly string[] | null
    if (reply === null) throw noRoom(room)
    const [outcome, epoch, seq, first] = reply
    if (outcome === 'stale') return undefined
    if (outcome === 'forbidden') throw readForbidden(guard, epoch, seq)
    const place = { room, epoch: epoch!, seq: Number(seq) }
    return { entry: readStoredEntry(first ?? text, place), dup: outcome === 'dup' }
  }

  async history(room: string, { after, before, limit, size, folded = false }: HistoryQuery): Promise<Page> {
    checkLimit(limit)
    const most = { limit, ...(size !== undefined && { size }) }
    const { epoch, seq, oldest, rows } = await (after === undefined
      ? this.#rows(room, {
          direction: 'before',
          from: before === undefined ? '+' : before - 1,
          folded: true,
          ...most,
        })
      : this.#rows(room, { direction: 'after', from: after + 1, folded, ...most }))
    const entries = rows.map(({ entry }) => entry)
    return { epoch, seq, oldest, entries: after === undefined ? entries.toReversed() : entries }
  }

  async entry(room: string, seq: number): Promise<Entry | undefined> {
    return (await this.#row(room, seq))?.entry
  }

  async #row(room: string, seq: number): Promise<(Row & StoredFold) | undefined> {
    try {
      const { rows } = await this.#rows(room, { direction: 'after', from: seq, limit: 1, folded: true })
      return rows[0]?.entry.seq === seq ? rows[0] : undefined
    } catch (error) {
      if (error instanceof NoSuchRoom) return undefined
      throw error
    }
  }

  /**
   * The last entry of each room, or the last before a place among those of all rooms; of rooms that
   * have one.
   */
  async heads(rooms: readonly string[], before: number | undefined): Promise<readonly Head[]> {
    const heads: Head[] = []
    for (let at = 0; at < rooms.length; at += HEADS_AT_ONCE) {
      const names = rooms.slice(at, at + HEADS_AT_ONCE)
      const keys = names.flatMap(room => [roomKey(room), logKey(room)])
      const found = (await call(this.#ask, HEADS, keys, [before ?? ''])) as (readonly string[])[]
      for (const [index, [seq, id]] of found.entries())
        if (seq !== undefined) heads.push({ room: names[index]!, seq: Number(seq), id: Number(id) })
    }
    return heads
  }

  /** Entries of a room, newest first, from a position on; empty if the room does not exist. */
  async backward(room: string, from: number, limit: number, size: number): Promise<readonly Row[]> {
    try {
      return (await this.#rows(room, { direction: 'before', from, limit, size, folded: true })).rows
    } catch (error) {
      if (error instanceof NoSuchRoom) return []
      throw error
    }
  }

  async #rows(room: string, { direction, from, limit, size = ANY_SIZE, folded }: RowsQuery): Promise<Rows> {
    const keys = [roomKey(room), logKey(room), foldsKey(room)]
    const first = from === '+' ? from : Math.max(from, 0)
    const reply = await call(this.#ask, ROWS, keys, [direction, first, limit, Number(folded), size])
    if (reply === null) throw noRoom(room)
    const [epoch, top, oldest, ...rows] = reply as [string, string, string, ...Reply[]]
    return {
      epoch,
      seq: Number(top),
      oldest: Number(oldest),
      rows: rows.map(row => readRow(row, room, epoch)),
    }
  }
}

function readRow(row: Reply, room: string, epoch: string): Row & { readonly at: string } {
  const [seq, id, text, stored] = row as readonly [string, string, string, string | null]
  const entry = readStoredEntry(text, { room, epoch, seq: Number(seq) })
  const { at, fold } = readFold(stored)
  return { id: Number(id), at, entry: fold ? { ...entry, fold } : entry }
}

function readFold(stored: string | null): StoredFold {
  if (stored === null) return { at: '' }
  const end = stored.indexOf(' ')
  return { at: stored.slice(0, end), fold: uniteReactions(JSON.parse(stored.slice(end + 1))) }
}

function noRoom(room: string): NoSuchRoom {
  return new NoSuchRoom(`there is no room ${JSON.stringify(room)}`)
}
