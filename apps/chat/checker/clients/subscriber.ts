// Joins a room and writes everything it receives to the journal; reconnects with its position. It
// repairs nothing: finding violations is the judge's task.

import { Journal } from '../journal/journal.ts'
import { type Keeper, now, type SubscriberRecord } from '../journal/record.ts'
import { type Connection, Cut, type Entry, Refused, type ServerMessage } from './connection.ts'
import { nameOf } from './message.ts'
import { Visitor, type VisitorOptions } from './visitor.ts'

export interface SubscriberOptions extends Omit<VisitorOptions, 'forgotten'> {
  readonly room: string
  /** The epoch of the room when it was created. */
  readonly epoch: string
  readonly rough: boolean
  readonly journals: string
}

/** A place in the log of a room. */
export type Position = readonly [epoch: string, seq: number]

/**
 * Milliseconds between two looks whether the chat is still there; of silence after which it is
 * asked.
 */
const LOOK = 1000
const SILENCE = 2000

export class Subscriber implements AsyncDisposable {
  readonly #options: SubscriberOptions
  readonly #visitor: Visitor
  readonly #journal: Journal<SubscriberRecord | Keeper>
  readonly #watch: NodeJS.Timeout
  #epoch: string
  #seq = 0
  #isOver = false
  #connection: Connection | undefined
  readonly #done: Promise<void>
  readonly #watchers = new Set<() => void>()

  constructor(options: SubscriberOptions) {
    const { name, room, epoch, rough, journals } = options
    this.#options = options
    this.#epoch = epoch
    this.#journal = Journal.of(journals, { t: 'keeper', role: 'subscriber', name, room, rough })
    const forgotten = () => this.#journal.add({ t: 'forgotten', at: now() })
    this.#visitor = new Visitor({ ...options, forgotten })
    this.#watch = setInterval(() => this.#look(), LOOK)
    this.#done = this.#run()
  }

  get room(): string {
    return this.#options.room
  }

  /** Resolves when it has received everything up to a position, or after this many milliseconds. */
  async reach([epoch, seq]: Position, patience: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, patience)
    const look = () => {
      if (this.#epoch === epoch && this.#seq >= seq) resolve()
    }
    this.#watchers.add(look)
    look()
    await promise
    clearTimeout(timer)
    this.#watchers.delete(look)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    clearInterval(this.#watch)
    this.#connection?.end()
    await this.#done
    this.#journal[Symbol.dispose]()
  }

  async #run(): Promise<void> {
    const isWanted = () => !this.#isOver
    while (isWanted()) {
      let current: Connection | undefined
      // A late message of an abandoned connection does not count as received.
      const take = (push: ServerMessage) => {
        if (current !== undefined && current === this.#connection && current.isOpen) this.#take(push)
      }
      current = await this.#visitor.come(isWanted, take)
      if (current === undefined) return
      this.#connection = current
      await this.#follow(current)
      current.end()
      this.#journal.add({ t: 'cut', at: now() })
    }
  }

  async #follow(connection: Connection): Promise<void> {
    try {
      this.#journal.add({ t: 'joined', at: now(), epoch: this.#epoch, seq: this.#seq })
      await connection.ask('join', { room: this.#options.room, since: [this.#epoch, this.#seq] })
      await connection.ended
    } catch (error) {
      if (!(error instanceof Cut || error instanceof Refused)) throw error
    }
  }

  #take(push: ServerMessage): void {
    if (push.room !== this.#options.room) return
    if (push.t === 'entry') this.#see(push as unknown as Entry)
    else if (push.t === 'sync') this.#sync(push as unknown as Sync)
    for (const look of this.#watchers) look()
  }

  #sync({ ok, epoch, to, log }: Sync): void {
    if (!ok) {
      this.#epoch = epoch
      this.#seq = to
      this.#journal.add({ t: 'told', at: now(), epoch, seq: to })
    }
    for (const entry of log) this.#see(entry)
  }

  #see(entry: Entry): void {
    this.#seq = Math.max(this.#seq, entry.seq)
    this.#journal.add({ t: 'seen', at: now(), seq: entry.seq, id: nameOf(entry) })
  }

  /** A silent connection may be dead. */
  #look(): void {
    const connection = this.#connection
    if (!connection?.isOpen || performance.now() - connection.heardAt < SILENCE) return
    connection.ask('ping').catch((error: unknown) => {
      if (!(error instanceof Cut || error instanceof Refused)) throw error
    })
  }
}

/** A part of the log at once. */
interface Sync {
  readonly ok: boolean
  readonly epoch: string
  readonly to: number
  readonly log: readonly Entry[]
}
