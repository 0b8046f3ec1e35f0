// A message for the person, replaced by the next one, and removed after a while.

import { sentence } from '../text/sentence.ts'
import type { Clock } from './clock.ts'

/** Milliseconds that a notice stays. */
const STAYS = 30_000

export class Notice {
  readonly #clock: Clock
  readonly #changed: () => void
  #cancel = (): void => undefined
  /** One or more sentences; empty for none. */
  text = ''

  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock
    this.#changed = changed
  }

  tell(words: string): void {
    this.#cancel()
    this.text = sentence(words)
    this.#cancel = this.#clock.after(STAYS, () => this.clear())
    this.#changed()
  }

  clear(): void {
    this.#cancel()
    this.text = ''
    this.#changed()
  }
}
