// The log of a room from its first entry to its end, as a node gives it to whoever asks for the past.

import { setTimeout as pause } from 'node:timers/promises'
import type { Reading } from '../journal/record.ts'
import { type Connection, Cut, type Entry, Refused } from './connection.ts'
import { nameOf } from './message.ts'
import { Visitor, type Way } from './visitor.ts'

/** Milliseconds between two pages: fewer than the 20 requests a second that the chat takes. */
const PACE = 55

/** Entries of a page. */
const PAGE = 100

/** Milliseconds after which who does not answer is given up, and how often it is tried again. */
const PATIENCE = 10_000
const ATTEMPTS = 5

/** Somebody who reads in the rooms of one node. */
export class Reader {
  readonly #node: number
  readonly #visitor: Visitor

  constructor(node: number, way: Way) {
    this.#node = node
    this.#visitor = new Visitor({
      name: `reader-${node}`,
      ways: [way],
      random: Math.random,
      patience: PATIENCE,
      forgotten: () => {},
    })
  }

  /** Rejects where the node does not give it. */
  async read(room: string): Promise<Reading> {
    for (let attempt = 1; ; attempt++) {
      const connection = await this.#visitor.come(() => true)
      try {
        return await this.#readOver(connection!, room)
      } catch (error) {
        if (attempt === ATTEMPTS || !(error instanceof Cut || error instanceof Refused)) throw error
      } finally {
        connection!.end()
      }
    }
  }

  async #readOver(connection: Connection, room: string): Promise<Reading> {
    await connection.ask('join', { room })
    const entries: [seq: number, id: string][] = []
    for (let after = 0; ; ) {
      const page = (await connection.ask('history', { room, after, limit: PAGE })) as unknown as HistoryPage
      for (const entry of page.log) entries.push([entry.seq, nameOf(entry)])
      const last = page.log.at(-1)?.seq ?? after
      if (last <= after || last >= page.top)
        return { t: 'log', node: this.#node, epoch: page.epoch, top: page.top, entries }
      after = last
      await pause(PACE)
    }
  }
}

interface HistoryPage {
  readonly epoch: string
  readonly top: number
  readonly log: readonly Entry[]
}
