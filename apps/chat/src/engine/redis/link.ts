// A lasting connection to a Redis: opens it, checks that it answers, and replaces a lost one.
// Independent of keys and scripts.

import { setTimeout as pause } from 'node:timers/promises'
import { within } from '../deadline.ts'
import { type Sink, Unavailable } from '../engine.ts'
import type { RedisAddress } from './address.ts'
import { Connection, loadLibrary, Refusal, type Reply } from './connection.ts'

/** Sends one command, in its turn. */
export type Ask = (command: readonly string[]) => Promise<Reply>

/** The owner of a link, as the link sees it. */
export interface LinkUser {
  /**
   * Makes a new connection usable. Until it resolves, nothing else is asked; if it rejects, another
   * one is tried.
   */
  prepare(ask: Ask, connection: Connection): Promise<void>
  message(channel: string, message: string): void
  state: Sink['state']
}

/** Milliseconds for one operation; after that its outcome is unknown. */
const DEADLINE = 2000

/** Most operations that are under way; more are not begun. */
const MOST_PENDING = 10_000

/** Milliseconds between two looks whether Redis still answers. */
const WATCH_INTERVAL = 1000

/**
 * Milliseconds until a lost connection is opened again: doubled each time, up to the longest. Each
 * with a random part.
 */
const SHORTEST_WAIT = 50
const LONGEST_WAIT = 1000

/**
 * Refusals that say that this Redis, now, stores nothing or is not ready: by another connection
 * that may become otherwise.
 */
const DOWN: ReadonlySet<string> = new Set([
  'BUSY',
  'CLUSTERDOWN',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  'NOAUTH',
  'NOPERM',
  'NOREPLICAS',
  'NOSCRIPT',
  'OOM',
  'READONLY',
  'UNKILLABLE',
])

/**
 * Refusals at the start that pass with time; all others are errors in the address and are reported.
 */
const WILL_PASS: ReadonlySet<string> = new Set([
  'BUSY',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  'OOM',
  'READONLY',
])

export class Link {
  readonly #address: RedisAddress
  readonly #user: LinkUser
  #library: Awaited<ReturnType<typeof loadLibrary>> | undefined
  #connection: Connection | undefined
  readonly #pending = new Set<Promise<unknown>>()
  readonly #closing = new AbortController()
  #watch: NodeJS.Timeout | undefined

  constructor(address: RedisAddress, user: LinkUser) {
    this.#address = address
    this.#user = user
  }

  /**
   * Resolves when it is connected, or when Redis is unavailable: then it keeps trying. Rejects with
   * an `Error` of one line if trying again will not help.
   */
  async start(): Promise<void> {
    this.#library = await loadLibrary()
    try {
      await this.#open()
    } catch (error) {
      if (error instanceof Refusal && !WILL_PASS.has(error.code))
        throw new Error(`cannot use ${this.#address.name}: ${error.message}`, { cause: error })
      this.#user.state('down', error as Error)
      void this.#openAgain()
    }
  }

  /** Sends a command at once. Rejects with {@link Unavailable}: it may have been done or not. */
  readonly ask: Ask = command => this.#do(connection => connection.ask(command))

  subscribe(channel: string): Promise<void> {
    return this.#do(connection => connection.subscribe([channel]))
  }

  unsubscribe(channel: string): Promise<void> {
    return this.#do(connection => connection.unsubscribe(channel))
  }

  /** Replaces a connection that is no longer usable. */
  renew(cause: Error): void {
    if (this.#connection !== undefined) this.#lose(this.#connection, cause)
  }

  /** Ends after the operations in progress. Further ones reject. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#pending)
    clearTimeout(this.#watch)
    this.#connection?.end()
    this.#connection = undefined
  }

  async #do<Value>(work: (connection: Connection) => Promise<Value>): Promise<Value> {
    const connection = this.#connection
    if (this.#closing.signal.aborted) throw new Unavailable('the store is closed')
    if (connection === undefined) throw new Unavailable('Redis is away')
    if (this.#pending.size >= MOST_PENDING) throw new Unavailable(`${MOST_PENDING} operations wait for Redis`)
    const done = within(DEADLINE, work(connection))
    this.#pending.add(done)
    try {
      return await done
    } catch (error) {
      if (error instanceof Unavailable) throw error
      const told = new Unavailable(`Redis refused: ${(error as Error).message}`, { cause: error })
      if (error instanceof Refusal && DOWN.has(error.code)) this.#lose(connection, told)
      throw told
    } finally {
      this.#pending.delete(done)
    }
  }

  async #open(): Promise<void> {
    let isLost = false
    const connection = await Connection.open(this.#library!, this.#address, {
      message: (channel, message) => this.#user.message(channel, message),
      ended: cause => {
        isLost = true
        this.#lose(connection, cause)
      },
    })
    try {
      await this.#user.prepare(command => within(DEADLINE, connection.ask(command)), connection)
      if (isLost || this.#closing.signal.aborted) throw new Unavailable('the connection was lost at once')
    } catch (error) {
      connection.end()
      throw error
    }
    this.#connection = connection
    this.#lookSoon(connection)
    this.#user.state('up')
  }

  #lookSoon(connection: Connection): void {
    this.#watch = setTimeout(() => void this.#look(connection), WATCH_INTERVAL).unref()
  }

  async #look(connection: Connection): Promise<void> {
    try {
      await within(DEADLINE, connection.ask(['PING']))
      if (this.#connection === connection) this.#lookSoon(connection)
    } catch (error) {
      this.#lose(connection, error as Error)
    }
  }

  #lose(connection: Connection, cause: Error): void {
    if (this.#connection !== connection) return
    this.#connection = undefined
    clearTimeout(this.#watch)
    connection.end()
    if (this.#closing.signal.aborted) return
    this.#user.state('down', cause)
    void this.#openAgain()
  }

  async #openAgain(): Promise<void> {
    for (let wait = SHORTEST_WAIT; !this.#closing.signal.aborted; wait = Math.min(2 * wait, LONGEST_WAIT)) {
      try {
        await pause(wait * (0.5 + Math.random() / 2), undefined, { signal: this.#closing.signal })
        await this.#open()
        return
      } catch {
        // The reason was reported when it became unavailable.
      }
    }
  }
}
