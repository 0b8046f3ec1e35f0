// Reads the log of a room from its first entry to its end, as a node returns it.

import { setTimeout as pause } from 'node:timers/promises'
import type { Cluster } from '../chat/cluster.ts'
import { Journal } from '../journal/journal.ts'
import type { LoggedEntry, LoggedFold, Reading } from '../journal/record.ts'
import { type Connection, Cut, type Entry, Refused } from './connection.ts'
import { emojiOf, nameOf, nameOfBody, nameReaction } from './message.ts'
import type { Position } from './subscriber.ts'
import { Visitor, type Way } from './visitor.ts'

/** Milliseconds between two pages: fewer than the 20 requests a second that the chat takes. */
const PACE = 55

/** Entries of a page. */
const PAGE = 100

/** Milliseconds after which a node that does not answer is given up, and the number of attempts. */
const PATIENCE = 10_000
const ATTEMPTS = 5

/**
 * Reads every room from every node into the journal, and returns the ends of the rooms. Rejects if
 * a node does not return its logs.
 */
export async function readLogs(
  cluster: Cluster,
  rooms: readonly string[],
  journals: string,
): Promise<Record<string, Position>> {
  const tops: Record<string, Position> = {}
  const read = async (room: string, node: number, way: Way) => {
    const reading = await readLog(room, node, way)
    tops[room] = [reading.epoch, reading.top]
    using journal = Journal.ofReadings(journals, room)
    journal.add(reading)
  }
  await Promise.all(
    cluster.nodes.flatMap(({ process }, node) => rooms.map(room => read(room, node, () => process.port))),
  )
  return tops
}

async function readLog(room: string, node: number, way: Way): Promise<Reading> {
  const name = `reader-${node}-${room}`
  const visitor = new Visitor({
    name,
    ways: [way],
    random: Math.random,
    patience: PATIENCE,
    forgotten: () => {},
  })
  for (let attempt = 1; ; attempt++) {
    const connection = await visitor.come(() => true)
    try {
      return await readOver(connection!, room, node)
    } catch (error) {
      if (attempt === ATTEMPTS || !(error instanceof Cut || error instanceof Refused)) throw error
    } finally {
      connection!.end()
    }
  }
}

async function readOver(connection: Connection, room: string, node: number): Promise<Reading> {
  await connection.ask('join', { room })
  const entries: LoggedEntry[] = []
  const folds: LoggedFold[] = []
  for (let after = 0; ; ) {
    const asked = { room, after, limit: PAGE, folds: true }
    const page = (await connection.ask('history', asked)) as unknown as HistoryPage
    for (const entry of page.log) {
      const { seq, kind, data, fold } = entry
      const isChange = kind === 'edit' || kind === 'react'
      entries.push(isChange ? [seq, nameOf(entry), Number(data.seq)] : [seq, nameOf(entry)])
      if (fold !== undefined) folds.push(readFold(seq, fold))
    }
    const last = page.log.at(-1)?.seq ?? after
    if (last <= after || last >= page.top)
      return { t: 'log', node, epoch: page.epoch, top: page.top, entries, folds }
    after = last
    await pause(PACE)
  }
}

/** A reaction with another emoji, or of more than one user, is not from a publisher. */
function readFold(seq: number, { body, reactions = {} }: NonNullable<Entry['fold']>): LoggedFold {
  const found = Object.entries(reactions)
  const isOurs = found.length === 1 && found[0]![0] === emojiOf(seq) && found[0]![1].length === 1
  const reaction = found.length === 0 ? '' : isOurs ? nameReaction(seq) : `<${JSON.stringify(found)}>`
  return [seq, body === undefined ? '' : nameOfBody(body), reaction]
}

interface HistoryPage {
  readonly epoch: string
  readonly top: number
  readonly log: readonly Entry[]
}
