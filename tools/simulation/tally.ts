// How often each kind of step and each kind of end was there, so that one sees that not all schedules are alike.

import type { Link } from './link.ts'
import type { Step } from './schedule.ts'

/** Counts by name. */
export class Tally {
  readonly #steps = new Map<string, number>()
  readonly #ends = new Map<string, number>()

  /** One schedule has been run. */
  add(steps: readonly Step[], links: readonly Link[]): void {
    for (const step of steps) count(this.#steps, nameOf(step))
    for (const link of links) if (!link.isBystander) count(this.#ends, endOf(link))
  }

  /** How often each kind of step was there. */
  get steps(): ReadonlyMap<string, number> {
    return this.#steps
  }

  /** How often connections ended in each way. */
  get ends(): ReadonlyMap<string, number> {
    return this.#ends
  }

  /** Both as a table, the most frequent first. */
  tell(): string {
    return ['steps', ...rows(this.#steps), 'ends', ...rows(this.#ends)].join('\n')
  }
}

function nameOf(step: Step): string {
  if (step.step === 'user') return `user: ${step.call.call}`
  if (step.step === 'peer sends') return `peer sends: ${step.what}`
  if (step.step === 'connect') return `connect: ${step.kind}, ${step.answer}`
  return step.step
}

function endOf({ report, peer }: Link): string {
  if (report === undefined) return `refused with ${peer.status ?? 'nothing read'}`
  const { code, by, wasClean, cause } = report
  const why = cause instanceof Error ? `: ${cause.message.replace(/\d+/g, 'N')}` : ''
  return `${code} by ${by}${wasClean ? ', clean' : ''}${why.replace(/N of #N/, 'a handler failed')}`
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

function rows(counts: ReadonlyMap<string, number>): string[] {
  const sorted = [...counts].sort(([, a], [, b]) => b - a)
  return sorted.map(([name, number]) => `${String(number).padStart(9)}  ${name}`)
}
