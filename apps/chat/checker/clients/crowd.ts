// The parent's end of process.ts: starts it, hears how far it is, tells it to come to an end.

import { join } from 'node:path'
import { Child } from '../../../../tools/bench/lib/child.ts'
import { coresOf } from '../../../../tools/bench/lib/machine.ts'
import type { CrowdPlan, Order, Report } from './process.ts'

const PROGRAM = join(import.meta.dirname, 'process.ts')

/** Publishers or subscribers in a process of their own; gone with its scope (`await using`). */
export class Crowd implements AsyncDisposable {
  /** Messages that were acknowledged so far. */
  acknowledged = 0
  /** Resolves when it has done all that it was told; rejects if it ends before. */
  readonly done: Promise<void>
  readonly #child: Child

  constructor(plan: CrowdPlan) {
    const command = [process.execPath, PROGRAM, JSON.stringify(plan)]
    this.#child = new Child(`${plan.role}s`, coresOf('self').join(','), command)
    this.done = this.#listen()
    // Whoever waits for it hears of it.
    this.done.catch(() => {})
  }

  /** Tells it what to do at last. */
  tell(order: Order): void {
    this.#child.say(JSON.stringify(order))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]()
  }

  async #listen(): Promise<void> {
    for (;;) {
      const { acknowledged, isDone }: Report = JSON.parse(await this.#child.next())
      this.acknowledged = acknowledged
      if (isDone) return
    }
  }
}
