// An engine in memory that a test can take away for a while, or let hang.

import { type Sink, Unavailable } from '../../src/engine/engine.ts'
import { MemoryEngine } from '../../src/engine/memory.ts'

export class FlakyEngine extends MemoryEngine {
  /** `silent`: nothing that is published is ever answered. */
  mode: 'up' | 'silent' = 'up'
  #sink: Sink | undefined

  override start(sink: Sink): Promise<void> {
    this.#sink = sink
    return super.start(sink)
  }

  down(): void {
    this.#sink!.state('down', new Unavailable('taken away by a test'))
  }

  up(): void {
    this.#sink!.state('up')
  }

  override publish(...args: Parameters<MemoryEngine['publish']>): ReturnType<MemoryEngine['publish']> {
    return this.mode === 'silent' ? new Promise(() => {}) : super.publish(...args)
  }
}
