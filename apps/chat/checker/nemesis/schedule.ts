// The faults of a run, with their order and durations: the same for the same seed and
// the same numbers. Does nothing.

import { randomFrom } from '@ws/testing'

/** The numbers of nodes and kills; `hasRedis`: the nodes share a Redis. */
export interface ScheduleOptions {
  readonly seed: number
  readonly nodes: number
  readonly kills: number
  readonly redisKills: number
  readonly hasRedis: boolean
}

export const KINDS = {
  'kill node': 'kill -9 and restart of a node',
  'kill Redis': 'kill -9 and restart of Redis',
  'stop node': 'SIGSTOP of a node, later SIGCONT',
  'stop Redis': 'SIGSTOP of Redis, later SIGCONT',
  'reset connections': 'RST on all connections of all clients',
  'stall connections': 'a node and its clients exchange no data for a while, in both directions',
  'partition, silent': 'a node and Redis exchange no data for a while',
  'partition, loud': 'RST on all connections between a node and Redis, and on each new one',
} as const

export type Kind = keyof typeof KINDS

/**
 * One fault. `node` is meant where the kind befalls one; `lasts`: milliseconds until it is taken
 * away.
 */
export interface Fault {
  readonly kind: Kind
  readonly node: number
  readonly lasts: number
  /** In [0, 1): for further choices of the fault. */
  readonly chance: number
}

/** Kinds of faults besides kills: one for this many kills, at least one. */
const KILLS_PER_OTHER = 10
const OTHERS: readonly Kind[] = ['stop node', 'reset connections', 'stall connections']
const OTHERS_OF_REDIS: readonly Kind[] = ['stop Redis', 'partition, silent', 'partition, loud']

/** Durations of faults in milliseconds: some longer than all timeouts, most shorter. */
const SHORTEST: Record<Kind, number> = {
  'kill node': 0,
  'kill Redis': 0,
  'stop node': 300,
  'stop Redis': 300,
  'reset connections': 0,
  'stall connections': 300,
  'partition, silent': 300,
  'partition, loud': 300,
}
const LONGEST: Record<Kind, number> = {
  'kill node': 600,
  'kill Redis': 600,
  'stop node': 3500,
  'stop Redis': 3500,
  'reset connections': 0,
  'stall connections': 3500,
  'partition, silent': 3500,
  'partition, loud': 3500,
}

export function planFaults({ seed, nodes, kills, redisKills, hasRedis }: ScheduleOptions): Fault[] {
  const random = randomFrom(seed)
  const allKills = kills + redisKills
  const others = allKills === 0 ? 0 : Math.max(1, Math.round(allKills / KILLS_PER_OTHER))
  const kinds = [
    ...times(kills, 'kill node'),
    ...(hasRedis ? times(redisKills, 'kill Redis') : []),
    ...[...OTHERS, ...(hasRedis ? OTHERS_OF_REDIS : [])].flatMap(kind => times(others, kind)),
  ]
  return shuffle(kinds, random).map(kind => ({
    kind,
    node: Math.floor(random() * nodes),
    lasts: Math.round(SHORTEST[kind] + random() ** 2 * (LONGEST[kind] - SHORTEST[kind])),
    chance: random(),
  }))
}

function times(count: number, kind: Kind): Kind[] {
  return Array.from({ length: count }, () => kind)
}

function shuffle(kinds: readonly Kind[], random: () => number): Kind[] {
  return kinds
    .map(kind => ({ kind, place: random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ kind }) => kind)
}
