// Rooms and their logs in their tables. Synchronous; writes must be inside a transaction.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Draft, Entry, Position } from '../../log/entry.ts'
import { foldChange, targetOf } from '../../log/fold.ts'
import type { Guard, StatePatch } from '../../log/room-state.ts'
import {
  type Forbidden,
  type HistoryQuery,
  NoSuchRoom,
  type Page,
  type PublishOptions,
  type StoredRoom,
} from '../engine.ts'
import { makeEpoch } from '../epoch.ts'
import { findForbidden } from '../guard.ts'
import { makeEntry } from '../make-entry.ts'
import { checkLimit, rangeOf } from '../range.ts'
import { parse, type Row, readEntry, readFold, readFolded, sizeOf } from './rows.ts'
import { SearchIndex } from './search-index.ts'

/** Most old entries that one publishing removes. */
const REMOVED_AT_ONCE = 16

/** Entries of a removed room that one transaction deletes. */
const CLEARED_AT_ONCE = 200

interface RoomRow extends Position {
  readonly id: number
  readonly name: string
  readonly oldest: number
}

/** All logs of a database. */
export class Rooms {
  readonly #keep: number
  readonly #index: SearchIndex
  readonly #create: StatementSync
  readonly #room: StatementSync
  readonly #names: StatementSync
  readonly #state: StatementSync
  readonly #value: StatementSync
  readonly #setState: StatementSync
  readonly #removeState: StatementSync
  readonly #byCid: StatementSync
  readonly #insert: StatementSync
  readonly #grow: StatementSync
  readonly #range: StatementSync
  readonly #rangeBackward: StatementSync
  readonly #setFold: StatementSync
  readonly #remove: StatementSync
  readonly #setOldest: StatementSync
  readonly #clearState: StatementSync
  readonly #setRemoved: StatementSync
  readonly #removedRoom: StatementSync
  readonly #some: StatementSync
  readonly #deleteRoom: StatementSync

  constructor(database: DatabaseSync, keep: number) {
    this.#keep = keep
    this.#index = new SearchIndex(database)
    const prepare = (query: string) => database.prepare(query)
    this.#create = prepare('INSERT INTO room (name, epoch) VALUES (?, ?) ON CONFLICT DO NOTHING')
    this.#room = prepare(
      'SELECT id, name, epoch, top AS seq, oldest FROM room WHERE name = ? AND NOT removed',
    )
    this.#names = prepare('SELECT name FROM room WHERE name > ? AND NOT removed ORDER BY name LIMIT ?')
    this.#state = prepare('SELECT key, value FROM room_state WHERE room = ?')
    this.#value = prepare(`
      SELECT value FROM room_state JOIN room ON room.id = room_state.room
      WHERE room.name = ? AND NOT removed AND key = ?`)
    this.#setState = prepare('INSERT OR REPLACE INTO room_state (room, key, value) VALUES (?, ?, ?)')
    this.#removeState = prepare('DELETE FROM room_state WHERE room = ? AND key = ?')
    this.#byCid = prepare('SELECT * FROM entry WHERE room = ? AND user = ? AND cid = ?')
    this.#insert = prepare(
      'INSERT INTO entry (room, seq, user, nick, cid, ts, kind, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    )
    this.#grow = prepare('UPDATE room SET top = ? WHERE id = ?')
    this.#range = prepare('SELECT * FROM entry WHERE room = ? AND seq BETWEEN ? AND ? ORDER BY seq LIMIT ?')
    this.#rangeBackward = prepare(
      'SELECT * FROM entry WHERE room = ? AND seq BETWEEN ? AND ? ORDER BY seq DESC LIMIT ?',
    )
    this.#setFold = prepare('UPDATE entry SET fold = ? WHERE id = ?')
    this.#remove = prepare('DELETE FROM entry WHERE id = ?')
    this.#setOldest = prepare('UPDATE room SET oldest = ? WHERE id = ?')
    this.#clearState = prepare('DELETE FROM room_state WHERE room = ?')
    // Frees the name. Epochs are never used twice, so neither is the replacement.
    this.#setRemoved = prepare("UPDATE room SET removed = 1, name = name || ' ' || epoch WHERE id = ?")
    this.#removedRoom = prepare('SELECT id FROM room WHERE removed LIMIT 1')
    this.#some = prepare('SELECT id FROM entry WHERE room = ? LIMIT ?')
    this.#deleteRoom = prepare('DELETE FROM room WHERE id = ?')
  }

  create(name: string): boolean {
    return this.#create.run(name, makeEpoch()).changes === 1
  }

  read(name: string): StoredRoom | undefined {
    const room = this.#find(name)
    if (room === undefined) return undefined
    const { id, epoch, seq, oldest } = room
    const state = new Map(this.#state.all(id).map(({ key, value }) => [String(key), parse(value)]))
    return { epoch, seq, oldest, state }
  }

  names(limit: number, after: string): readonly string[] {
    return this.#names.all(after, limit).map(({ name }) => String(name))
  }

  tops(names: readonly string[]): ReadonlyMap<string, Position> {
    const tops = new Map<string, Position>()
    for (const name of names) {
      const room = this.#find(name)
      if (room) tops.set(name, { epoch: room.epoch, seq: room.seq })
    }
    return tops
  }

  /**
   * Removes a room, whose entries `clear` deletes. Gives its epoch; undefined where nothing was
   * removed.
   */
  remove(name: string, end: Position | undefined): string | undefined {
    const room = this.#find(name)
    if (room === undefined || (end !== undefined && (end.epoch !== room.epoch || end.seq !== room.seq)))
      return undefined
    this.#clearState.run(room.id)
    this.#setRemoved.run(room.id)
    return room.epoch
  }

  /** Deletes some entries of removed rooms. False when there are no such rooms left. */
  clear(): boolean {
    const room = this.#removedRoom.get()?.id
    if (room === undefined) return false
    const rows = this.#some.all(room, CLEARED_AT_ONCE)
    for (const { id } of rows) {
      this.#index.remove(Number(id))
      this.#remove.run(id!)
    }
    if (rows.length < CLEARED_AT_ONCE) this.#deleteRoom.run(room)
    return true
  }

  /** The first restriction that is in force; undefined where none is. */
  forbidden(guard: Guard, now: number): Forbidden | undefined {
    const stored = ({ room, key }: Guard[number]) => {
      const row = this.#value.get(room, key)
      return row && parse(row.value)
    }
    return findForbidden(guard, stored, now)
  }

  /** A `Forbidden` is returned rather than thrown, so that the shared transaction continues. */
  publish(
    name: string,
    draft: Draft,
    { patch = {}, guard = [] }: PublishOptions,
    ts: number,
  ): { readonly entry: Entry; readonly dup: boolean } | Forbidden {
    const room = this.#get(name)
    const first = this.#byCid.get(room.id, draft.user.id, draft.cid)
    if (first) return { entry: readEntry(first, room), dup: true }
    const forbidden = this.forbidden(guard, ts)
    if (forbidden !== undefined) return forbidden
    const { epoch, seq: top } = room
    const entry = makeEntry(draft, { room: name, epoch, seq: top + 1, ts })
    this.#append(room.id, entry)
    this.#fold(room, entry)
    this.#patch(room.id, patch)
    this.#removeOldest({ ...room, seq: entry.seq })
    return { entry, dup: false }
  }

  #append(room: number, { seq, user, cid, ts, kind, data }: Entry): void {
    const text = JSON.stringify(data)
    const { lastInsertRowid } = this.#insert.run(room, seq, user.id, user.nick, cid, ts, kind, text)
    this.#grow.run(seq, room)
    if (kind === 'msg' && 'body' in data) this.#index.add(Number(lastInsertRowid), room, data.body)
  }

  /** Stores the effect of a later entry on a message. */
  #fold(room: RoomRow, change: Entry): void {
    const target = targetOf(change)
    const row = target === undefined ? undefined : this.#row(room.id, target)
    if (row?.kind !== 'msg') return
    const before = readFold(row)
    const fold = foldChange(before, change)
    if (fold === before) return
    const id = Number(row.id)
    this.#setFold.run(JSON.stringify(fold), id)
    if (fold.deleted || fold.body !== before?.body) this.#index.remove(id)
    if (!fold.deleted && fold.body !== before?.body) this.#index.add(id, room.id, fold.body!)
  }

  #patch(room: number, patch: StatePatch): void {
    for (const [key, value] of Object.entries(patch)) {
      if (value === null) this.#removeState.run(room, key)
      else this.#setState.run(room, key, JSON.stringify(value))
    }
  }

  #removeOldest({ id, oldest, seq }: RoomRow): void {
    const first = Math.min(Math.max(oldest, seq - this.#keep + 1), oldest + REMOVED_AT_ONCE)
    if (first === oldest) return
    for (const row of this.#range.all(id, oldest, first - 1, REMOVED_AT_ONCE)) {
      this.#index.remove(Number(row.id))
      this.#remove.run(row.id!)
    }
    this.#setOldest.run(first, id)
  }

  history(name: string, query: HistoryQuery): Page {
    checkLimit(query.limit)
    const room = this.#get(name)
    const { epoch, seq, oldest } = room
    const [first, last] = rangeOf(query, { oldest, top: seq })
    const isForward = query.after !== undefined
    const range = isForward ? this.#range : this.#rangeBackward
    const read = isForward && !query.folded ? readEntry : readFolded
    const entries: Entry[] = []
    let left = query.size ?? Number.POSITIVE_INFINITY
    for (const row of range.iterate(room.id, first, last, query.limit)) {
      entries.push(read(row, room))
      left -= sizeOf(row)
      if (left <= 0) break
    }
    return { epoch, seq, oldest, entries: isForward ? entries : entries.reverse() }
  }

  entry(name: string, seq: number): Entry | undefined {
    const room = this.#find(name)
    const row = room && this.#row(room.id, seq)
    return row && readFolded(row, room)
  }

  #find(name: string): RoomRow | undefined {
    return this.#room.get(name) as RoomRow | undefined
  }

  #get(name: string): RoomRow {
    const room = this.#find(name)
    if (room === undefined) throw new NoSuchRoom(`there is no room ${JSON.stringify(name)}`)
    return room
  }

  #row(room: number, seq: number): Row | undefined {
    return this.#range.get(room, seq, seq, 1)
  }
}
