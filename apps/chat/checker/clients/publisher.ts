// Publishes messages to a room, some at a time, and retries each until it is acknowledged; edits
// some of them, and reacts to some. Writes each action to the journal before it, and the outcome
// after it.

import { setTimeout as pause } from 'node:timers/promises'
import { Journal } from '../journal/journal.ts'
import { type Keeper, now, type PublisherRecord } from '../journal/record.ts'
import { type Connection, Cut, Refused } from './connection.ts'
import { bodyOf, cidOf, emojiOf, nameMessage, nameReaction } from './message.ts'
import { Visitor, type VisitorOptions } from './visitor.ts'

export interface PublisherOptions extends Omit<VisitorOptions, 'forgotten'> {
  readonly room: string
  readonly rough: boolean
  readonly journals: string
  /** Most messages that are on their way at the same time. */
  readonly window: number
  /** The number of messages that it sends before it waits for `publish`. */
  readonly quota: number
  /**
   * Some of its requests are edits of its own messages, and reactions to them. Not if positions may
   * become those of other messages.
   */
  readonly changes: boolean
}

/** One in this many requests is an edit, and one a reaction, of the last acknowledged message. */
const CHANGE_EVERY = 8

/** A request, without its `cid`. */
interface Change {
  readonly t: 'edit' | 'react'
  readonly fields: Readonly<Record<string, unknown>>
}

/**
 * Milliseconds between two messages of one connection: fewer than the 20 a second that the chat
 * takes.
 */
const PACE = 56

/** Shortest time in milliseconds before a refused request is retried. */
const RETRY = 50

export class Publisher implements AsyncDisposable {
  /** The number of its acknowledged messages. */
  acknowledged = 0
  readonly #options: PublisherOptions
  readonly #visitor: Visitor
  readonly #journal: Journal<PublisherRecord | Keeper>
  /** Not acknowledged yet, in their order; true while it is on its way. */
  readonly #open = new Map<string, boolean>()
  /** Open edits and reactions. */
  readonly #changes = new Map<string, Change>()
  /** The position of the last acknowledged message, and of the last one with a reaction. */
  #lastMessage = 0
  #lastReaction = 0
  #made = 0
  #quota: number
  #isOver = false
  #connection: Connection | undefined
  #wake: (() => void) | undefined
  readonly #done: Promise<void>
  readonly #watchers = new Set<() => void>()

  constructor(options: PublisherOptions) {
    const { name, room, rough, journals, quota } = options
    this.#options = options
    this.#quota = quota
    this.#journal = Journal.of(journals, { t: 'keeper', role: 'publisher', name, room, rough })
    this.#visitor = new Visitor({ ...options, forgotten: () => this.#beginAnew() })
    this.#done = this.#run()
  }

  /**
   * Sends this many more. Resolves when everything is acknowledged; rejects after this many
   * milliseconds.
   */
  async publish(count: number, patience: number): Promise<void> {
    this.#quota += count
    this.#wake?.()
    await this.#idle(patience)
  }

  /**
   * Starts no more messages. Resolves when all are acknowledged; rejects after this many
   * milliseconds.
   */
  async finish(patience: number): Promise<void> {
    this.#quota = this.#made
    await this.#idle(patience)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    this.#connection?.end()
    this.#wake?.()
    await this.#done
    this.#journal[Symbol.dispose]()
  }

  get #isIdle(): boolean {
    return this.#made >= this.#quota && this.#open.size === 0
  }

  async #idle(patience: number): Promise<void> {
    if (this.#isIdle) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const left = () => `${this.#options.name}: ${this.#open.size} not acknowledged within ${patience} ms`
    const timer = setTimeout(() => reject(new Error(left())), patience)
    const look = () => {
      if (this.#isIdle) resolve()
    }
    this.#watchers.add(look)
    await promise.finally(() => {
      clearTimeout(timer)
      this.#watchers.delete(look)
    })
  }

  async #run(): Promise<void> {
    const isWanted = () => !this.#isOver
    while (isWanted()) {
      const connection = await this.#visitor.come(isWanted)
      if (connection === undefined) return
      this.#connection = connection
      try {
        await connection.ask('join', { room: this.#options.room })
        await this.#publishOver(connection)
      } catch (error) {
        if (!(error instanceof Cut || error instanceof Refused)) throw error
      }
      connection.end()
      this.#journal.add({ t: 'cut', at: now() })
    }
  }

  /** Until the connection has ended. */
  async #publishOver(connection: Connection): Promise<void> {
    const flights = new Set<Promise<void>>()
    while (connection.isOpen && !this.#isOver) {
      const id = flights.size < this.#options.window ? this.#next() : undefined
      if (id === undefined) await this.#change(connection, flights)
      else {
        this.#open.set(id, true)
        const flight = this.#send(connection, id).finally(() => flights.delete(flight))
        flights.add(flight)
        await pause(PACE)
      }
    }
    await Promise.all(flights)
  }

  /**
   * The first message that is neither acknowledged nor in progress; a new one if there is none and
   * more are wanted.
   */
  #next(): string | undefined {
    for (const [id, isOnItsWay] of this.#open) if (!isOnItsWay) return id
    return this.#made < this.#quota ? this.#make(++this.#made) : undefined
  }

  #make(number: number): string {
    const id = nameMessage(this.#options.name, number)
    const seq = this.#lastMessage
    if (!this.#options.changes || seq === 0) return id
    if (number % CHANGE_EVERY === CHANGE_EVERY - 2)
      this.#changes.set(id, { t: 'edit', fields: { seq, body: bodyOf(id) } })
    if (number % CHANGE_EVERY !== CHANGE_EVERY - 1 || seq === this.#lastReaction) return id
    this.#lastReaction = seq
    const reaction = nameReaction(seq)
    this.#changes.set(reaction, { t: 'react', fields: { seq, emoji: emojiOf(seq), on: true } })
    return reaction
  }

  async #change(connection: Connection, flights: ReadonlySet<Promise<void>>): Promise<void> {
    const woken = new Promise<void>(resolve => {
      this.#wake = resolve
    })
    await Promise.race([connection.ended, woken, ...flights])
  }

  async #send(connection: Connection, id: string): Promise<void> {
    const { room } = this.#options
    this.#journal.add({ t: 'sent', at: now(), id })
    try {
      const { t, fields } = this.#changes.get(id) ?? { t: 'send', fields: { body: bodyOf(id) } }
      const { epoch, seq, dup } = await connection.ask(t, { room, cid: cidOf(id), ...fields })
      const place = { epoch: String(epoch), seq: Number(seq), ...(dup === true && { dup: true as const }) }
      this.#journal.add({ t: 'acknowledged', at: now(), id, ...place })
      if (t === 'send') this.#lastMessage = Math.max(this.#lastMessage, place.seq)
      this.#close(id)
    } catch (error) {
      await this.#fail(id, error)
    }
  }

  #close(id: string): void {
    // A publisher that started again in between has abandoned it.
    if (!this.#open.delete(id)) return
    this.#changes.delete(id)
    this.acknowledged++
    for (const look of this.#watchers) look()
  }

  async #fail(id: string, error: unknown): Promise<void> {
    if (error instanceof Refused) {
      const { code, temporary, retry } = error
      this.#journal.add({ t: 'refused', at: now(), id, code, temporary })
      if (temporary) await pause(Math.max(RETRY, retry))
      else this.#giveUp(id)
    } else if (!(error instanceof Cut)) throw error
    if (this.#open.has(id)) this.#open.set(id, false)
  }

  #beginAnew(): void {
    this.#journal.add({ t: 'forgotten', at: now() })
    // Its earlier messages belong to another user.
    this.#lastMessage = 0
    for (const id of [...this.#open.keys()]) this.#giveUp(id)
  }

  #giveUp(id: string): void {
    this.#open.delete(id)
    this.#changes.delete(id)
    for (const look of this.#watchers) look()
  }
}
