// An engine in memory that a test can take away for a while, let hang, or make late.

import { type Sink, Unavailable } from '../../src/engine/engine.ts'
import { MemoryEngine } from '../../src/engine/memory/memory-engine.ts'

export class FlakyEngine extends MemoryEngine {
  /** Awaited before a publish is stored. */
  gate: Promise<void> | undefined
  #sink: Sink | undefined
  #held: (() => void)[] | undefined

  override start(sink: Sink): Promise<void> {
    this.#sink = sink
    const late: Sink = {
      entry: entry => {
        if (this.#held) this.#held.push(() => sink.entry(entry))
        else sink.entry(entry)
      },
      removed: (room, epoch) => sink.removed(room, epoch),
      lost: () => sink.lost(),
      signal: (room, event) => sink.signal(room, event),
      state: (state, cause) => sink.state(state, cause),
    }
    return super.start(late)
  }

  down(): void {
    this.#sink!.state('down', new Unavailable('taken away by a test'))
  }

  up(): void {
    this.#sink!.state('up')
  }

  /** Holds back all hints until `releaseHints`, like a distant store. */
  holdHints(): void {
    this.#held = []
  }

  releaseHints(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const release of held) release()
  }

  override async publish(...args: Parameters<MemoryEngine['publish']>): ReturnType<MemoryEngine['publish']> {
    await this.gate
    return super.publish(...args)
  }
}
