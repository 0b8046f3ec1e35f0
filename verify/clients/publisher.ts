// Sends one message after the other to a room, some at a time, each again and again until it is acknowledged; and writes down what it does
// before it does it, and what came of it.

import { setTimeout as pause } from 'node:timers/promises'
import { Journal } from '../journal/journal.ts'
import { type Keeper, now, type PublisherRecord } from '../journal/record.ts'
import { type Connection, Cut, Refused } from './connection.ts'
import { bodyOf, cidOf, nameMessage } from './message.ts'
import { Visitor, type VisitorOptions } from './visitor.ts'

export interface PublisherOptions extends Omit<VisitorOptions, 'forgotten'> {
  readonly room: string
  readonly rough: boolean
  readonly journals: string
  /** Most messages that are on their way at the same time. */
  readonly window: number
  /** How many messages it sends before it waits for `publish`. */
  readonly quota: number
}

/** Milliseconds between two messages of one connection: fewer than the 20 a second that the chat takes. */
const PACE = 56

/** Milliseconds until what was refused is tried again, at least. */
const RETRY = 50

export class Publisher implements AsyncDisposable {
  /** How many of its messages have been acknowledged. */
  acknowledged = 0
  readonly #options: PublisherOptions
  readonly #visitor: Visitor
  readonly #journal: Journal<PublisherRecord | Keeper>
  /** Not acknowledged yet, in their order; true while it is on its way. */
  readonly #open = new Map<string, boolean>()
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

  /** Sends so many more. Resolves when all that it has to send are acknowledged; rejects after so many milliseconds. */
  async publish(count: number, patience: number): Promise<void> {
    this.#quota += count
    this.#wake?.()
    await this.#idle(patience)
  }

  /** Makes no more messages. Resolves when all are acknowledged; rejects after so many milliseconds. */
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

  /** The first that is neither acknowledged nor on its way; a new one if there is none and it is to make more. */
  #next(): string | undefined {
    for (const [id, isOnItsWay] of this.#open) if (!isOnItsWay) return id
    return this.#made < this.#quota ? nameMessage(this.#options.name, ++this.#made) : undefined
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
      const { epoch, seq, dup } = await connection.ask('send', { room, cid: cidOf(id), body: bodyOf(id) })
      const place = { epoch: String(epoch), seq: Number(seq), ...(dup === true && { dup: true as const }) }
      this.#journal.add({ t: 'acknowledged', at: now(), id, ...place })
      this.#close(id)
    } catch (error) {
      await this.#fail(id, error)
    }
  }

  #close(id: string): void {
    // Who began anew in between has given it up.
    if (!this.#open.delete(id)) return
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
    for (const id of [...this.#open.keys()]) this.#giveUp(id)
  }

  #giveUp(id: string): void {
    this.#open.delete(id)
    for (const look of this.#watchers) look()
  }
}
