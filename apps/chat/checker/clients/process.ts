// A process of publishers or subscribers. Its first argument and then lines on its input are
// instructions; it prints its progress as lines, and ends when its output is closed.

import { createInterface } from 'node:readline'
import { randomFrom } from '@ws/testing'
import { Publisher } from './publisher.ts'
import { type Position, Subscriber } from './subscriber.ts'

/** The clients of a process, and where they connect to. */
export interface CrowdPlan {
  readonly role: 'publisher' | 'subscriber'
  readonly journals: string
  /** Milliseconds after which a server that does not answer is given up. */
  readonly patience: number
  readonly members: readonly Member[]
}

export interface Member {
  readonly name: string
  readonly room: string
  /** The epoch of the room when it was created. */
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

/** Instructions: finish what is open; for subscribers, read to the ends of the rooms. */
export type Order =
  | { readonly t: 'finish'; readonly patience: number }
  | { readonly t: 'reach'; readonly patience: number; readonly tops: Readonly<Record<string, Position>> }

/** Progress. */
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
