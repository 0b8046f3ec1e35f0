// The load of the chat: a process of its own that runs one job, checks that everybody was given everything, and prints what came of it.

import { setTimeout as sleep } from 'node:timers/promises'
import { measure } from '../load/measure.ts'
import { percentilesOf } from '../load/rate.ts'
import type { ChatJob, ChatResult } from './job.ts'
import { lagging } from './lagging.ts'
import { Member } from './member.ts'

/** Milliseconds that the chat has at the end for what is still missing. */
const PATIENCE = 10_000
/** Messages that may be needed until whoever does not read is left to the log: the kernel takes mebibytes for each. */
const ENOUGH = 20_000
/** Members who come in at a time. */
const AT_A_TIME = 50

process.once('uncaughtException', error => {
  console.error(error.message)
  process.exit(1)
})
process.stdin.once('close', () => process.exit()).resume()

const job = JSON.parse(process.argv[2]!) as ChatJob
process.stdout.write(`${JSON.stringify(await run())}\n`, () => process.exit())

async function run(): Promise<ChatResult> {
  const members = await enter('member', job.members, index => roomOf(index % job.rooms))
  const idle = await enter('stalled', job.stalled, () => roomOf(0))
  for (const member of idle) member.stall()
  const senders = job.firstRoomOnly ? members.filter(({ room }) => room === roomOf(0)) : members

  const sentTo = new Map<string, number>()
  const given = new Map(members.map(member => [member, 0]))
  let deliveries: number[] = []
  let acknowledgements: number[] = []
  let stored = 0
  let delivered = 0
  for (const member of members) {
    member.onEntry = due => {
      delivered++
      given.set(member, given.get(member)! + 1)
      deliveries.push(performance.now() - due)
    }
  }

  const stop = new AbortController()
  const send = async (member: Member, due: number): Promise<void> => {
    sentTo.set(member.room, (sentTo.get(member.room) ?? 0) + 1)
    await member.send(job.size, due)
    stored++
    acknowledgements.push(performance.now() - due)
  }
  if (job.stalled > 0) await fill(senders, member => send(member, performance.now()))
  if (job.rate > 0) sendAtRate(senders, send, stop.signal)
  else for (const member of senders) void sendOneByOne(member, send, stop.signal)

  const deliveredAt: number[] = []
  const { count, ...spent } = await measure(job, () => {
    // Called at both ends: what was before the first is no part of it.
    if (deliveredAt.length === 0) [deliveries, acknowledgements] = [[], []]
    deliveredAt.push(delivered)
    return stored
  })
  stop.abort()
  return {
    ...spent,
    stored: count,
    delivered: deliveredAt[1]! - deliveredAt[0]!,
    delivery: percentilesOf(deliveries),
    acknowledgement: percentilesOf(acknowledgements),
    missing: await missing(),
    lagging: await lagging(job.metrics),
  }

  /** What members have not been given once they had the time for it. */
  async function missing(): Promise<number> {
    const count = (): number =>
      members.reduce(
        (sum, member) => sum + Math.max(0, (sentTo.get(member.room) ?? 0) - given.get(member)!),
        0,
      )
    for (const deadline = performance.now() + PATIENCE; performance.now() < deadline && count() > 0; )
      await sleep(20)
    return count()
  }
}

function roomOf(index: number): string {
  return `room-${index}`
}

/** Members of one room are on all nodes. */
function portOf(index: number): number {
  return job.ports[Math.floor(index / job.rooms) % job.ports.length]!
}

async function enter(name: string, count: number, room: (index: number) => string): Promise<Member[]> {
  const members: Member[] = []
  while (members.length < count) {
    const first = members.length
    const next = Array.from({ length: Math.min(AT_A_TIME, count - first) }, (_, i) => first + i)
    members.push(
      ...(await Promise.all(next.map(index => Member.enter(portOf(index), room(index), `${name}-${index}`)))),
    )
  }
  return members
}

/** Sends, as fast as it is acknowledged, until the chat has given up all who do not read. */
async function fill(senders: readonly Member[], send: (member: Member) => Promise<void>): Promise<void> {
  for (let sent = 0; (await lagging(job.metrics)) < job.stalled; sent += senders.length) {
    if (sent > ENOUGH) throw new Error(`after ${sent} messages not all who read nothing are lagging`)
    for (const sender of senders) await send(sender)
  }
}

/** Open loop: messages are due at a rate, whatever the chat does, one member after the other. */
function sendAtRate(
  senders: readonly Member[],
  send: (member: Member, due: number) => Promise<void>,
  signal: AbortSignal,
): void {
  const interval = 1000 / job.rate
  let next = performance.now()
  let turn = 0
  setImmediate(function sendDue() {
    if (signal.aborted) return
    for (const now = performance.now(); next <= now; next += interval)
      void send(senders[turn++ % senders.length]!, next)
    setImmediate(sendDue)
  })
}

/** Closed loop: the next message leaves when the last is acknowledged. */
async function sendOneByOne(
  member: Member,
  send: (member: Member, due: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) await send(member, performance.now())
}
