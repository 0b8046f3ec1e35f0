// Injects the faults of a schedule into a chat, one at a time, and waits for the recovery from
// each. Writes the times to the journal.

import { setTimeout as pause } from 'node:timers/promises'
import type { Cluster, ClusterNode } from '../chat/cluster.ts'
import type { Journal } from '../journal/journal.ts'
import { type FaultRecord, now } from '../journal/record.ts'
import type { Fault, Kind } from './schedule.ts'

export interface NemesisOptions {
  readonly cluster: Cluster
  readonly journal: Journal<FaultRecord>
  /** Redis loses the end of its log with each kill. */
  readonly mayLose: boolean
  /** Resolves when every node has stored a message again; rejects if it takes much too long. */
  readonly recovered: () => Promise<void>
}

/** Begins a fault, and returns the function that ends it. */
type Begin = (cluster: Cluster, node: ClusterNode, fault: Fault, mayLose: boolean) => Promise<End>
type End = () => Promise<void> | void

const BEGIN: Record<Kind, Begin> = {
  'kill node': async (_cluster, { process }) => {
    await process.kill()
    return () => process.start()
  },
  'kill Redis': async ({ redis }, _node, { chance }, mayLose) => {
    await redis!.kill()
    if (mayLose) redis!.loseEnd(chance)
    return () => redis!.launch()
  },
  'stop node': async (_cluster, { process }) => {
    process.signal('SIGSTOP')
    return () => process.signal('SIGCONT')
  },
  'stop Redis': async ({ redis }) => {
    redis!.signal('SIGSTOP')
    return () => redis!.signal('SIGCONT')
  },
  'reset connections': async ({ nodes }) => {
    for (const { links } of nodes) links.reset()
    return () => {}
  },
  'stall connections': async (_cluster, { links }) => {
    links.stall()
    return () => links.release()
  },
  'partition, silent': async (_cluster, { redisLink }) => {
    redisLink!.cut('silent')
    return () => redisLink!.heal()
  },
  'partition, loud': async (_cluster, { redisLink }) => {
    redisLink!.cut('loud')
    return () => redisLink!.heal()
  },
}

/** Kinds that befall the node that is named. */
const ALL_NODES: ReadonlySet<Kind> = new Set(['kill Redis', 'stop Redis', 'reset connections'])

export class Nemesis {
  readonly #options: NemesisOptions

  constructor(options: NemesisOptions) {
    this.#options = options
  }

  /**
   * Resolves when the fault has been taken away and the chat has recovered from it, or was given up
   * to.
   */
  async strike(fault: Fault): Promise<void> {
    const { cluster, journal, mayLose, recovered } = this.#options
    const { kind, node, lasts } = fault
    const from = now()
    const end = await BEGIN[kind](cluster, cluster.nodes[node]!, fault, mayLose)
    await pause(lasts)
    await end()
    const to = now()
    const record = { t: 'fault', kind, ...(!ALL_NODES.has(kind) && { node }), from, to } as const
    try {
      await recovered()
      journal.add({ ...record, recovered: now() })
    } catch {
      journal.add(record)
    }
  }
}
