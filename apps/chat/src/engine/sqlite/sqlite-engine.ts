// The engine of one server that keeps everything in one file.

import { existsSync, realpathSync } from 'node:fs'
import type { Draft, Entry, Json, Position } from '../../log/entry.ts'
import {
  type Accounts,
  type Engine,
  type EngineOptions,
  Forbidden,
  type HistoryQuery,
  type Page,
  type PublishOptions,
  type SearchQuery,
  type SearchResult,
  type Sink,
  type StoredRoom,
  Unavailable,
} from '../engine.ts'
import { checkKeep } from '../keep.ts'
import { LocalAllowances } from '../local-allowances.ts'
import { LocalPresence } from '../local-presence.ts'
import { Access } from './access.ts'
import { SqliteAccounts } from './accounts.ts'
import { FileLock } from './file-lock.ts'
import { cannotOpen, openDatabase } from './open.ts'
import { Rooms } from './rooms.ts'
import { SearchThread } from './search-thread.ts'
import { Signals } from './signals.ts'

/** Milliseconds between two looks whether another program has written into the file. */
const LISTEN_INTERVAL = 1000

/** The state between `start` and the end. */
interface Opened {
  readonly lock: FileLock
  readonly access: Access
  readonly rooms: Rooms
  readonly accounts: SqliteAccounts
  readonly searching: SearchThread
  /** Looks for signals of other programs. */
  readonly listening: NodeJS.Timeout
}

/** An {@link Engine} for one process, in a file that outlives it. */
export class SqliteEngine implements Engine {
  readonly name = 'sqlite'
  readonly presence: LocalPresence
  readonly allowances: LocalAllowances
  readonly #file: string
  readonly #keep: number
  readonly #now: () => number
  readonly #subscribed = new Set<string>()
  #sink: Sink | undefined
  #opened: Opened | undefined
  #closing: Promise<void> | undefined

  /**
   * `file` is created if it does not exist; beside it are files with `-wal`, `-shm` and `-lock`
   * behind the name.
   */
  constructor(file: string, { keep = Number.POSITIVE_INFINITY, now = Date.now }: EngineOptions = {}) {
    this.#file = file
    this.#keep = checkKeep(keep)
    this.#now = now
    this.presence = new LocalPresence(now)
    this.allowances = new LocalAllowances(now)
  }

  get accounts(): Accounts {
    return this.#started().accounts
  }

  /**
   * Rejects with an `Error` of one line that names the file: it is damaged, no chat's, of a later
   * version, or another server has it.
   */
  async start(sink: Sink): Promise<void> {
    const lock = this.#lock()
    try {
      const database = openDatabase(this.#file)
      const access = new Access(database, (state, cause) => this.#sink?.state(state, cause))
      const rooms = new Rooms(database, this.#keep)
      this.#opened = {
        lock,
        access,
        rooms,
        accounts: new SqliteAccounts(database, access, this.#now, guard =>
          rooms.forbidden(guard, this.#now()),
        ),
        searching: new SearchThread(this.#file),
        listening: this.#listen(access, new Signals(database)),
      }
    } catch (error) {
      lock.release()
      throw error
    }
    this.#sink = sink
    sink.state('up')
    void this.#clear()
  }

  #listen(access: Access, signals: Signals): NodeJS.Timeout {
    const look = async () => {
      if (!(await access.read(() => signals.hasNews()))) return
      for (const { room, event } of await access.write(() => signals.take())) this.signal(room, event)
    }
    // A failed read is repeated at the next event.
    return setInterval(() => void look().catch(() => {}), LISTEN_INTERVAL).unref()
  }

  #lock(): FileLock {
    try {
      // The lock is the same for all names of the file.
      const file = existsSync(this.#file) ? realpathSync(this.#file) : this.#file
      return new FileLock(file, 'it is in use by another server')
    } catch (error) {
      throw cannotOpen(this.#file, error)
    }
  }

  async createRoom(room: string): Promise<boolean> {
    const { access, rooms } = this.#open()
    return access.write(() => rooms.create(room))
  }

  async removeRoom(room: string, end?: Position): Promise<boolean> {
    const { access, rooms, accounts } = this.#open()
    const epoch = await access.write(() => {
      const removed = rooms.remove(room, end)
      if (removed !== undefined) accounts.forgetRoom(room)
      return removed
    })
    if (epoch === undefined) return false
    if (this.#subscribed.has(room)) this.#sink?.removed(room, epoch)
    void this.#clear()
    return true
  }

  /**
   * Deletes the remains of removed rooms, a little at a time. The rest is deleted when the file is
   * opened again.
   */
  async #clear(): Promise<void> {
    const { access, rooms } = this.#open()
    try {
      while (await access.write(() => rooms.clear()));
    } catch {}
  }

  room(room: string): Promise<StoredRoom | undefined> {
    return this.#read(rooms => rooms.read(room))
  }

  rooms(limit: number, after = ''): Promise<readonly string[]> {
    return this.#read(rooms => rooms.names(limit, after))
  }

  tops(rooms: readonly string[]): Promise<ReadonlyMap<string, Position>> {
    return this.#read(stored => stored.tops(rooms))
  }

  async subscribe(room: string): Promise<void> {
    this.#open()
    this.#subscribed.add(room)
  }

  async unsubscribe(room: string): Promise<void> {
    this.#open()
    this.#subscribed.delete(room)
  }

  async publish(
    room: string,
    draft: Draft,
    options: PublishOptions = {},
  ): Promise<{ readonly entry: Entry; readonly dup: boolean }> {
    const { access, rooms, accounts } = this.#open()
    const { expels } = options
    const published = await access.write(() => {
      const stored = rooms.publish(room, draft, options, this.#now())
      if (expels !== undefined && 'entry' in stored && !stored.dup)
        accounts.endMembership(expels.user, expels.from === 'room' ? room : undefined)
      return stored
    })
    if (published instanceof Forbidden) throw published
    if (!published.dup && this.#subscribed.has(room)) this.#sink?.entry(published.entry)
    return published
  }

  history(room: string, query: HistoryQuery): Promise<Page> {
    return this.#read(rooms => rooms.history(room, query))
  }

  entry(room: string, seq: number): Promise<Entry | undefined> {
    return this.#read(rooms => rooms.entry(room, seq))
  }

  async search(query: SearchQuery): Promise<SearchResult> {
    return this.#open().searching.run(query)
  }

  signal(room: string, event: Json): void {
    if (this.#subscribed.has(room)) this.#sink?.signal(room, event)
  }

  /** Earlier publishes are still stored. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #close(): Promise<void> {
    this.presence.close()
    this.allowances.close()
    this.#subscribed.clear()
    if (this.#opened === undefined) return
    clearInterval(this.#opened.listening)
    // The last connection to a file removes the files beside it, unless it only reads.
    await this.#opened.searching.close()
    this.#opened.access.close()
    this.#opened.lock.release()
    this.#sink = undefined
  }

  async #read<Result>(work: (rooms: Rooms) => Result): Promise<Result> {
    const { access, rooms } = this.#open()
    return access.read(() => work(rooms))
  }

  #open(): Opened {
    const opened = this.#started()
    if (this.#closing !== undefined) throw new Unavailable('the store is closed')
    return opened
  }

  #started(): Opened {
    if (this.#opened === undefined) throw new Unavailable('the store has not been opened')
    return this.#opened
  }
}
