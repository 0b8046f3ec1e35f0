// Performs a lesson, and collects the entries that it is about.

import type { Connection } from '../connection/connection.ts'
import type { Log } from '../log/log.ts'
import type { Lesson, LessonTools, Step } from './lessons.ts'

/** A step, and the number of its entry. */
export interface Shown {
  readonly step: Step
  readonly id: number
}

/** Performs lessons on a connection. */
export class Teacher {
  readonly #connection: Connection
  readonly #log: Log
  #stop: (() => void) | undefined

  constructor(connection: Connection, log: Log) {
    this.#connection = connection
    this.#log = log
  }

  /** Performs a lesson. `onStep` gets the steps so far, whenever one more has its entry. */
  async perform(lesson: Lesson, onStep: (shown: readonly Shown[]) => void): Promise<void> {
    this.#stop?.()
    if (lesson.id !== 'handshake') await this.#connect(lesson.address)
    const steps = [...lesson.steps]
    const shown: Shown[] = []
    this.#stop = this.#log.subscribe(entry => {
      if (entry === undefined || steps[0] === undefined || !steps[0].isIt(entry)) return
      shown.push({ step: steps.shift()!, id: entry.id })
      onStep(shown)
      if (steps.length === 0) this.#stop?.()
    })
    lesson.perform(this.#tools)
  }

  async #connect(address: string): Promise<void> {
    const { status, target } = this.#connection
    const isThere = status.state === 'open' && target.address === address
    if (!isThere) await this.#reconnect(address)
  }

  async #reconnect(address: string): Promise<void> {
    await this.#connection.open({ address, protocols: [] })
    await this.#connection.whenOpen()
  }

  get #tools(): LessonTools {
    return {
      reconnect: address => this.#reconnect(address),
      send: data => void this.#connection.send(data),
      close: (code, reason) => this.#connection.close(code, reason),
      run: command => void this.#connection.run(command),
    }
  }
}
