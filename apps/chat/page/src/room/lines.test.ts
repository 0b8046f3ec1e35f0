import { expect, it } from 'vitest'
import type { EntryContent } from '../../../src/log/entry.ts'
import type { WireEntry } from '../../../src/wire/messages.ts'
import type { Pending } from '../client/outbox.ts'
import { linesOf } from './lines.ts'
import { RoomLog } from './room-log.ts'

const NOON = new Date(2026, 0, 15, 12).getTime()
const MINUTE = 60_000
const ann = { id: 'a', nick: 'Ann' }
const ben = { id: 'b', nick: 'Ben' }

function entry(seq: number, user = ann, minutes = seq, data: { reply?: number } = {}): WireEntry {
  const content: EntryContent = { kind: 'msg', data: { body: `${seq}`, ...data } }
  return { ...content, seq, user, ts: NOON + minutes * MINUTE }
}

function logOf(...entries: WireEntry[]): RoomLog {
  const log = new RoomLog()
  log.begin('e', 0, 1)
  for (const each of entries) log.apply(each)
  return log
}

/** Each line in a word; a message that leads its group with a star. */
function short(log: RoomLog, more: { newAfter?: number; pending?: Pending[] } = {}): string {
  return linesOf({ log, me: ann, pending: [], newAfter: undefined, now: NOON, ...more })
    .map(line => {
      if (line.kind === 'pending') return line.leads ? '*pending' : 'pending'
      if (!('item' in line)) return line.kind
      return `${line.leads ? '*' : ''}${line.item.entry.seq}`
    })
    .join(' ')
}

it('groups messages of one author within five minutes', () => {
  expect(short(logOf(entry(1), entry(2), entry(3, ben), entry(4), entry(5, ann, 10)))).toBe(
    'start day *1 2 *3 *4 *5',
  )
})

it('begins a group after ten messages', () => {
  const entries = Array.from({ length: 12 }, (_, i) => entry(i + 1, ann, i / 10))
  expect(short(logOf(...entries))).toBe('start day *1 2 3 4 5 6 7 8 9 10 *11 12')
})

it('knows today, yesterday, and the day before', () => {
  const log = logOf(entry(1))
  const ages = [0, 1, 2].map(days => {
    const now = new Date(2026, 0, 15 + days, 0, 30).getTime()
    const day = linesOf({ log, me: ann, pending: [], newAfter: undefined, now }).find(
      each => each.kind === 'day',
    )
    return day?.age
  })
  expect(ages).toEqual([0, 1, 2])
})

it('names the message that a reply quotes as it is now', () => {
  const log = logOf(entry(1), entry(2, ben, 2, { reply: 1 }), { ...entry(3), kind: 'del', data: { seq: 1 } })
  const line = linesOf({ log, me: ann, pending: [], newAfter: undefined, now: NOON }).at(-1)
  expect(line?.kind === 'message' && line.quoted?.fold).toEqual({ deleted: true })
})

it('begins a group with an answer, after an event and with another name', () => {
  const topic: WireEntry = { ...entry(3), kind: 'topic', data: { topic: 't' } }
  const renamed = { id: 'a', nick: 'Anna' }
  expect(short(logOf(entry(1), entry(2, ann, 2, { reply: 1 }), topic, entry(4), entry(5, renamed)))).toBe(
    'start day *1 *2 *3 *4 *5',
  )
})

it('tells the days apart', () => {
  expect(short(logOf(entry(1), entry(2, ann, 24 * 60), entry(3, ann, 24 * 60 + 1)))).toBe(
    'start day *1 day *2 3',
  )
})

it('marks the first new message of another user', () => {
  const log = logOf(entry(1), entry(2, ann), entry(3, ben), entry(4, ben))
  expect(short(log, { newAfter: 2 })).toBe('start day *1 2 new *3 4')
  expect(short(log, { newAfter: 4 })).toBe('start day *1 2 *3 4')
})

it('marks a gap', () => {
  const log = logOf(entry(1))
  log.sync({ t: 'sync', room: 'r', epoch: 'f', from: 9, to: 8, ok: false, log: [], more: false })
  log.addOlder({ log: [entry(1), entry(8)], top: 8, oldest: 1 })
  expect(short(log)).toBe('start day *1 gap *8')
})

it('ends with the waiting messages, at the end of the log', () => {
  const write = { room: 'r', cid: 'c', body: 'x' }
  const pending: Pending[] = [{ t: 'send', fields: write, user: 'a', ts: NOON, state: 'queued' }]
  expect(short(logOf(entry(1)), { pending })).toBe('start day *1 pending')
  expect(short(logOf(entry(1, ben)), { pending })).toBe('start day *1 *pending')
  const past = logOf(...[1, 2, 3].map(seq => entry(seq)))
  past.replace({ log: [entry(1)], top: 3, oldest: 1 })
  expect(short(past, { pending })).toBe('start day *1')
})
