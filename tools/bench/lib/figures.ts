// What is measured, and how it is called.

import type { LoadResult } from '../load/job.ts'

/** Something that a round of a contender gives a number for. */
export interface Figure {
  /** Its name in the results. */
  readonly key: string
  /** Its name for the reader, with its unit. */
  readonly label: string
  /** Which of two is better. A figure without it is shown and not compared. */
  readonly better?: 'more' | 'less'
  /** It is a rate by the clock, which the load generator may have limited. */
  readonly byClock?: boolean
}

/** The numbers that a round of a contender gave, by the keys of the figures. */
export type Numbers = Readonly<Record<string, number>>

export const RATE: Figure = { key: 'rate', label: 'messages/s', better: 'more', byClock: true }
export const CPU: Figure = { key: 'cpu', label: 'CPU/message, µs', better: 'less' }
export const MEGABYTES: Figure = { key: 'megabytes', label: 'MB/s', better: 'more', byClock: true }
/** Resident memory. */
export const BYTES: Figure = { key: 'bytes', label: 'bytes/connection', better: 'less' }
/** Resident memory of a whole server, and how many times what it was. */
export const MEBIBYTES: Figure = { key: 'mebibytes', label: 'MiB', better: 'less' }
export const GROWTH: Figure = { key: 'growth', label: 'after / before' }
export const SERVER_SHARE: Figure = { key: 'server', label: 'server’s core, %' }
export const LOAD_SHARE: Figure = { key: 'load', label: 'load’s core, %' }
/** What other programs took of the two cores together, in percent of one. */
const OTHERS = 'others'

/** The figures of a run of load. `size` is that of a message. */
export function numbersOf(result: LoadResult, size: number): Numbers {
  const { count, seconds, serverCpu, loadCpu, otherCpu, latency } = result
  return {
    rate: count / seconds,
    cpu: (serverCpu / count) * 1e6,
    loadCpu: (loadCpu / count) * 1e6,
    perCpuSecond: count / serverCpu,
    megabytes: (count * size) / seconds / 1e6,
    server: (serverCpu / seconds) * 100,
    load: (loadCpu / seconds) * 100,
    others: (otherCpu / seconds) * 100,
    ...latency,
  }
}

/** From so many percent of a core on, what others take is a disturbance. */
const DISTURBED = 5

/** A sentence if the machine was not quiet, to be said with the figures of these rounds. */
export function describeDisturbance(rounds: readonly Numbers[]): string | undefined {
  const most = Math.max(...rounds.map(round => round[OTHERS] ?? 0))
  return most < DISTURBED
    ? undefined
    : `The machine was not quiet: other programs, or its host, took up to ${most.toFixed(0)} % of a core from server and load.`
}

/** From so many percent on, a core counts as full. */
const FULL = 95

/** The load's core was full and the server's was not: the server could have done more than the figure says. */
export function isLimited({ byClock = false }: Figure, { load = 0, server = 0 }: Numbers): boolean {
  return byClock && load >= FULL && server < FULL
}

/** What the mark of such a figure means. */
export const LIMITED =
  '* The load’s core was full and the server’s was not: by itself the server could do more.'
