// Which faults a run has, in which order, and how long each lasts: the same for the same seed and the same numbers. Does nothing.

import { randomFrom } from '@ws/testing'

/** How many nodes, how many kills; `hasRedis`: the nodes share a Redis, which faults can befall. */
export interface ScheduleOptions {
  readonly seed: number
  readonly nodes: number
  readonly kills: number
  readonly redisKills: number
  readonly hasRedis: boolean
}

export const KINDS = {
  'kill node': 'kill -9 of a node, which is started again',
  'kill Redis': 'kill -9 of Redis, which is started again',
  'stop node': 'SIGSTOP of a node, later SIGCONT',
  'stop Redis': 'SIGSTOP of Redis, later SIGCONT',
  'reset connections': 'RST on all connections of all clients',
  'stall connections':
    'nothing passes any more between a node and its clients, in neither direction, and later all of it',
  'partition, silent': 'nothing passes any more between a node and Redis, and later all of it',
  'partition, loud': 'RST on all connections between a node and Redis, and on each new one',
} as const

export type Kind = keyof typeof KINDS

/** One fault. `node` is meant where the kind befalls one; `lasts`: milliseconds until it is taken away. */
export interface Fault {
  readonly kind: Kind
  readonly node: number
  readonly lasts: number
  /** In [0, 1): what the fault has to choose beside that. */
  readonly chance: number
}

/** Kinds that come beside the kills: each once for so many of them, at least once. */
const KILLS_PER_OTHER = 10
const OTHERS: readonly Kind[] = ['stop node', 'reset connections', 'stall connections']
const OTHERS_OF_REDIS: readonly Kind[] = ['stop Redis', 'partition, silent', 'partition, loud']

/** Milliseconds that a fault lasts: some longer than what anybody waits for, most of them shorter. */
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
