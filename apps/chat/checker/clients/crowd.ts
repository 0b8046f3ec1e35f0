// The parent's side of process.ts: starts it, reads its progress, and ends it.

import { join } from 'node:path'
import { Child } from '@ws/testing/child'
import { coresOf } from '@ws/testing/machine'
import type { CrowdPlan, Order, Report } from './process.ts'

const PROGRAM = join(import.meta.dirname, 'process.ts')

/**
 * Publishers or subscribers in a process of their own, which ends with its scope (`await using`).
 */
export class Crowd implements AsyncDisposable {
  /** The number of acknowledged messages. */
  acknowledged = 0
  /** Resolves when it has finished its instructions; rejects if it ends before. */
  readonly done: Promise<void>
  readonly #child: Child

  constructor(plan: CrowdPlan) {
    const command = [process.execPath, PROGRAM, JSON.stringify(plan)]
    this.#child = new Child(`${plan.role}s`, coresOf('self').join(','), command)
    this.done = this.#listen()
    // A waiting caller receives the error.
    this.done.catch(() => {})
  }

  /** Sends the last instruction. */
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
