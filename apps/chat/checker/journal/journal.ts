// Journals as append-only files with one record per line: one file for each publisher, each
// subscriber, the readings of each room, and the faults. Independent of the rules.

import { appendFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RoomJournals } from '../judge/room-journals.ts'
import type {
  FaultRecord,
  JournalRecord,
  Keeper,
  PublisherRecord,
  Reading,
  SubscriberRecord,
} from './record.ts'

const FAULTS = 'faults.jsonl'
const READINGS = 'readings.jsonl'

/** A file that records are appended to, in their order; a turn of the event loop at a time. */
export class Journal<Written extends JournalRecord = JournalRecord> implements Disposable {
  readonly #file: string
  #lines: string[] = []

  private constructor(file: string) {
    this.#file = file
    // An empty journal, not a missing one, if nothing happened.
    appendFileSync(file, '')
  }

  /** Of a publisher or a subscriber. */
  static of<Written extends JournalRecord>(folder: string, keeper: Keeper): Journal<Written | Keeper> {
    const journal = Journal.#open<Written | Keeper>(join(folder, keeper.room), `${keeper.name}.jsonl`)
    journal.add(keeper)
    return journal
  }

  /** The readings of the logs of a room. */
  static ofReadings(folder: string, room: string): Journal<Reading> {
    return Journal.#open(join(folder, room), READINGS)
  }

  static ofFaults(folder: string): Journal<FaultRecord> {
    return Journal.#open(folder, FAULTS)
  }

  static #open<Written extends JournalRecord>(folder: string, name: string): Journal<Written> {
    mkdirSync(folder, { recursive: true })
    return new Journal<Written>(join(folder, name))
  }

  add(record: Written): void {
    if (this.#lines.push(JSON.stringify(record)) === 1) setImmediate(() => this.#write())
  }

  [Symbol.dispose](): void {
    this.#write()
  }

  #write(): void {
    if (this.#lines.length === 0) return
    appendFileSync(this.#file, `${this.#lines.join('\n')}\n`)
    this.#lines = []
  }
}

/** All journals of a run but those of the rooms. */
export function readFaults(folder: string): FaultRecord[] {
  return readRecords<FaultRecord>(join(folder, FAULTS))
}

/** All journals of a room. */
export function readRoom(folder: string, room: string): Omit<RoomJournals, 'faults' | 'mayLose'> {
  const files = readdirSync(join(folder, room)).filter(file => file.endsWith('.jsonl') && file !== READINGS)
  const journals = files.map(file => {
    const [keeper, ...records] = readRecords<JournalRecord>(join(folder, room, file))
    return { ...(keeper as Keeper), records }
  })
  return {
    room,
    publishers: journals
      .filter(({ role }) => role === 'publisher')
      .map(({ name, records }) => ({ name, records: records as PublisherRecord[] })),
    subscribers: journals
      .filter(({ role }) => role === 'subscriber')
      .map(({ name, rough, records }) => ({ name, rough, records: records as SubscriberRecord[] })),
    readings: readRecords<Reading>(join(folder, room, READINGS)),
  }
}

function readRecords<Written extends JournalRecord>(file: string): Written[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter(line => line !== '').map(line => JSON.parse(line) as Written)
}
