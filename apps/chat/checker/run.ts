// One run from its beginning to its judgement: a chat, a crowd, a nemesis; then all is healed, read
// and judged.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Cluster } from './chat/cluster.ts'
import { allRooms, assign, PROBES } from './clients/assignment.ts'
import { Crowd } from './clients/crowd.ts'
import { Publisher } from './clients/publisher.ts'
import { readLogs } from './clients/read-log.ts'
import { Visitor } from './clients/visitor.ts'
import { Journal } from './journal/journal.ts'
import { judgeRun, type RunJudgement } from './judge/judge-run.ts'
import type { Violation } from './judge/verdict.ts'
import { LATE } from './judge/view-rules.ts'
import { Nemesis } from './nemesis/nemesis.ts'
import { type Fault, planFaults } from './nemesis/schedule.ts'

/** The subject of a run, and its size. */
export interface RunOptions {
  readonly engine: 'sqlite' | 'redis'
  readonly nodes: number
  readonly rooms: number
  readonly publishers: number
  /** To be acknowledged, at least. */
  readonly messages: number
  readonly kills: number
  readonly redisKills: number
  /** Redis loses the end of its log with each kill. */
  readonly mayLose: boolean
  readonly seed: number
  /** A folder for the journals, created if needed. */
  readonly journals: string
  /** Another program in place of ws-chat, with its first arguments. */
  readonly program?: readonly string[]
}

/** The progress of a run. */
export interface Progress {
  readonly acknowledged: number
  /** Faults that were taken away, of how many, and which one is next. */
  readonly faults: number
  readonly of: number
  readonly doing: string
}

export interface Outcome extends RunJudgement {
  readonly options: RunOptions
  readonly seconds: number
}

/**
 * Milliseconds: for a reply; for the reply to a probe; for the recovery from a fault; without any
 * progress; for the end.
 */
const PATIENCE = 5000
const PROBE_PATIENCE = 1000
const RECOVERY_PATIENCE = 30_000
const STANDSTILL = 90_000
const END_PATIENCE = 60_000
const TICK = 50

/** Milliseconds that subscribers have at the end: some more than an entry may take. */
const LATEST_END = 2 * LATE

/** Runs and judges. Rejects if the run failed; violations are in the outcome. */
export async function run(
  options: RunOptions,
  tell: (progress: Progress) => void = () => {},
): Promise<Outcome> {
  const start = performance.now()
  const crashed = await record(options, tell)
  const judged = judgeRun(options)
  const seconds = (performance.now() - start) / 1000
  return { options, seconds, ...judged, violations: [...crashed, ...judged.violations] }
}

/** Returns violations that are not in the journals. */
async function record(options: RunOptions, tell: (progress: Progress) => void): Promise<Violation[]> {
  const { journals, engine } = options
  mkdirSync(journals, { recursive: true })
  const faults = planFaults({ ...options, hasRedis: engine === 'redis' })
  await using stack = new AsyncDisposableStack()
  const cluster = stack.use(await Cluster.start({ ...options, logs: join(journals, 'nodes') }))
  const epochs = await makeRooms(cluster, allRooms(options.rooms))
  const probes = cluster.nodes.map(({ process }, index) =>
    stack.use(makeProbe(`probe-${index}`, () => process.port, options)),
  )
  const patience = PATIENCE
  const { publishers, subscribers } = assign(options, cluster, epochs)
  const following = stack.use(new Crowd({ role: 'subscriber', journals, patience, members: subscribers }))
  const publishing = stack.use(new Crowd({ role: 'publisher', journals, patience, members: publishers }))
  const journal = stack.use(Journal.ofFaults(journals))
  const recovered = async () => {
    await Promise.all(probes.map(probe => probe.publish(1, RECOVERY_PATIENCE)))
  }
  const nemesis = new Nemesis({ cluster, journal, mayLose: options.mayLose, recovered })
  const work = strikeAll(options, faults, nemesis, publishing, tell)
  await Promise.race([work, failureOf(following), failureOf(publishing)])
  await finish(options, cluster, publishing, following, tell)
  return cluster.nodes.flatMap(({ process }, index): Violation[] =>
    process.hasCrashed ? [{ verdict: 'crashed', room: 'all', what: `node ${index}` }] : [],
  )
}

/** Rejects if it ends too early. */
async function failureOf(crowd: Crowd): Promise<never> {
  await crowd.done
  throw new Error('the processes of publishers or subscribers have ended too early')
}

/** Returns the epoch of each. */
async function makeRooms(cluster: Cluster, rooms: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const maker = new Visitor({
    name: 'maker',
    ways: [() => cluster.nodes[0]!.process.port],
    random: Math.random,
    patience: PATIENCE,
    forgotten: () => {},
  })
  const connection = await maker.come(() => true)
  const epochs = new Map<string, string>()
  for (const room of rooms) {
    const { epoch } = await connection!.ask('join', { room, create: true })
    epochs.set(room, String(epoch))
    await pause(TICK)
  }
  connection!.end()
  return epochs
}

function makeProbe(name: string, way: () => number | undefined, { journals }: RunOptions): Publisher {
  return new Publisher({
    name,
    room: PROBES,
    ways: [way],
    random: Math.random,
    patience: PROBE_PATIENCE,
    rough: false,
    journals,
    window: 1,
    changes: false,
    quota: 1,
  })
}

/** The faults, spread over the messages; then the rest of the messages. */
async function strikeAll(
  { messages }: RunOptions,
  faults: readonly Fault[],
  nemesis: Nemesis,
  publishing: Crowd,
  tell: (progress: Progress) => void,
): Promise<void> {
  for (const [index, fault] of faults.entries()) {
    const say = (doing: string) => {
      tell({ acknowledged: publishing.acknowledged, faults: index, of: faults.length, doing })
    }
    await reach(publishing, (messages * (index + 1)) / (faults.length + 1), () => say('sending'))
    say(`${fault.kind}, node ${fault.node}, ${fault.lasts} ms`)
    await nemesis.strike(fault)
  }
  await reach(publishing, messages, () => {
    const { length } = faults
    tell({ acknowledged: publishing.acknowledged, faults: length, of: length, doing: 'sending' })
  })
}

async function reach(publishing: Crowd, acknowledged: number, tell: () => void): Promise<void> {
  let [last, since] = [-1, 0]
  while (publishing.acknowledged < acknowledged) {
    if (publishing.acknowledged !== last) [last, since] = [publishing.acknowledged, performance.now()]
    else if (performance.now() - since > STANDSTILL)
      throw new Error(`nothing was acknowledged for ${STANDSTILL} ms, after ${last}`)
    tell()
    await pause(TICK)
  }
}

/** Ends all faults, finishes what is open, reads the logs, and lets subscribers reach the ends. */
async function finish(
  { rooms, journals }: RunOptions,
  cluster: Cluster,
  publishing: Crowd,
  following: Crowd,
  tell: (progress: Progress) => void,
): Promise<void> {
  const say = (doing: string) => tell({ acknowledged: publishing.acknowledged, faults: 0, of: 0, doing })
  say('healing')
  for (const { links } of cluster.nodes) links.heal()
  publishing.tell({ t: 'finish', patience: END_PATIENCE })
  await publishing.done
  say('reading the logs')
  const tops = await readLogs(cluster, allRooms(rooms), journals)
  following.tell({ t: 'reach', patience: LATEST_END, tops })
  await following.done
  say('judging')
}
