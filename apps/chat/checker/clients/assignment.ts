// Assigns publishers and subscribers to rooms and networks, by seed.

import { randomFrom } from '@ws/testing'
import type { Cluster } from '../chat/cluster.ts'
import type { Member } from './process.ts'

/** The room for the probes of the nodes only. */
export const PROBES = 'probes'

/**
 * In each room: subscribers on the clean and on the rough network; one publisher in this many is on
 * the rough one.
 */
const CLEAN_SUBSCRIBERS = 2
const ROUGH_SUBSCRIBERS = 1
const ROUGH_PUBLISHERS = 5

/** Messages of one publisher that may be on their way: from one to this. */
const WIDEST_WINDOW = 4

interface Assignment {
  readonly publishers: readonly Member[]
  readonly subscribers: readonly Member[]
}

/** The rooms in which messages are sent, and that of the probes. */
export function allRooms(rooms: number): string[] {
  return [...roomNames(rooms), PROBES]
}

function roomNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `verified-${index}`)
}

interface AssignmentOptions {
  readonly rooms: number
  readonly publishers: number
  readonly seed: number
  /** The store loses positions, which other entries get: no request refers to one. */
  readonly mayLose: boolean
}

/** `epochs`: of the rooms, when they were created. */
export function assign(
  { rooms, publishers, seed, mayLose }: AssignmentOptions,
  cluster: Cluster,
  epochs: ReadonlyMap<string, string>,
): Assignment {
  const random = randomFrom(seed + 1)
  const names = roomNames(rooms)
  const member = (name: string, room: string, rough: boolean): Member => ({
    name,
    room,
    epoch: epochs.get(room)!,
    ports: cluster.nodes.map(({ links }) => (rough ? links.rough : links.clean).port),
    rough,
    seed: Math.floor(random() * 2 ** 32),
    window: 1 + Math.floor(random() * WIDEST_WINDOW),
    changes: !mayLose,
  })
  return {
    publishers: Array.from({ length: publishers }, (_, index) => {
      const rough = index % ROUGH_PUBLISHERS === ROUGH_PUBLISHERS - 1
      return member(`p${index}`, names[index % rooms]!, rough)
    }),
    subscribers: names.flatMap((room, index) =>
      Array.from({ length: CLEAN_SUBSCRIBERS + ROUGH_SUBSCRIBERS }, (_, number) =>
        member(`s${index}-${number}`, room, number >= CLEAN_SUBSCRIBERS),
      ),
    ),
  }
}
