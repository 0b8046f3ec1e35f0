// A process full of publishers or of subscribers. It is told what to do by its first argument and then by lines, and says in lines how far
// it is; when nobody listens to it any more, it ends.

import { createInterface } from 'node:readline'
import { randomFrom } from '@ws/testing'
import { Publisher } from './publisher.ts'
import { type Position, Subscriber } from './subscriber.ts'

/** Who is in a process, and where they go. */
export interface CrowdPlan {
  readonly role: 'publisher' | 'subscriber'
  readonly journals: string
  /** Milliseconds after which who does not answer is given up. */
  readonly patience: number
  readonly members: readonly Member[]
}

export interface Member {
  readonly name: string
  readonly room: string
  /** The room's when it was made. */
  readonly epoch: string
  /** The ports of all nodes, by one kind of network. */
  readonly ports: readonly number[]
  readonly rough: boolean
  readonly seed: number
  /** Messages that may be on their way at the same time. */
  readonly window: number
  /** Messages are edited and reacted to. */
  readonly changes: boolean
}

/** What it is told: to come to an end, with all that is open; for subscribers, at the ends of the rooms. */
export type Order =
  | { readonly t: 'finish'; readonly patience: number }
  | { readonly t: 'reach'; readonly patience: number; readonly tops: Readonly<Record<string, Position>> }

/** What it says. */
export interface Report {
  readonly acknowledged: number
  readonly isDone: boolean
}

/** Milliseconds between two reports. */
const REPORT_INTERVAL = 200

const plan: CrowdPlan = JSON.parse(process.argv[2]!)

function optionsOf({ ports, seed, ...member }: Member) {
  const { journals, patience } = plan
  return { ...member, journals, patience, random: randomFrom(seed), ways: ports.map(port => () => port) }
}

const publishers: Publisher[] = []
const subscribers: Subscriber[] = []
for (const member of plan.members) {
  const options = optionsOf(member)
  if (plan.role === 'subscriber') subscribers.push(new Subscriber(options))
  else publishers.push(new Publisher({ ...options, quota: Number.POSITIVE_INFINITY }))
}

function report(isDone: boolean): void {
  const acknowledged = publishers.reduce((sum, publisher) => sum + publisher.acknowledged, 0)
  console.log(JSON.stringify({ acknowledged, isDone } satisfies Report))
}

async function obey(order: Order): Promise<void> {
  if (order.t === 'finish') await Promise.all(publishers.map(publisher => publisher.finish(order.patience)))
  else {
    const { tops, patience } = order
    await Promise.all(subscribers.map(subscriber => subscriber.reach(tops[subscriber.room]!, patience)))
  }
  clearInterval(timer)
  await Promise.all([...publishers, ...subscribers].map(each => each[Symbol.asyncDispose]()))
  report(true)
  process.exit()
}

const timer = setInterval(() => report(false), REPORT_INTERVAL)
createInterface({ input: process.stdin })
  .on('line', line => void obey(JSON.parse(line)))
  .on('close', () => process.exit())
