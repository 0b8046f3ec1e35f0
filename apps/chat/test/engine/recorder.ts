// Records the events of an engine or a sequencer, and lets a test wait for them.

import type { Sink } from '../../src/engine/engine.ts'
import type { Listener } from '../../src/engine/stream/sequencer.ts'
import type { Entry, Json, Position } from '../../src/log/entry.ts'

/** A sink and a listener. */
export class Recorder implements Sink, Listener {
  readonly entries: Entry[] = []
  readonly resets: (Position & { readonly room: string })[] = []
  readonly signals: { readonly room: string; readonly event: Json }[] = []
  /** `epoch` only where this is the sink of an engine. */
  readonly removals: { readonly room: string; readonly epoch?: string }[] = []
  readonly states: ('up' | 'down')[] = []
  losses = 0
  readonly #waiting = new Set<() => void>()

  entry(entry: Entry): void {
    this.entries.push(entry)
    this.#look()
  }

  reset(room: string, { epoch, seq }: Position): void {
    this.resets.push({ room, epoch, seq })
    this.#look()
  }

  removed(room: string, epoch?: string): void {
    this.removals.push({ room, ...(epoch !== undefined && { epoch }) })
    this.#look()
  }

  signal(room: string, event: Json): void {
    this.signals.push({ room, event })
    this.#look()
  }

  state(state: 'up' | 'down'): void {
    this.states.push(state)
    this.#look()
  }

  lost(): void {
    this.losses++
    this.#look()
  }

  /** The positions of the received entries of a room. */
  seqs(room = 'lobby'): readonly number[] {
    return this.entries.filter(entry => entry.room === room).map(({ seq }) => seq)
  }

  /** Resolves at the first event that makes the condition true, or at once if it is true. */
  until(condition: (recorder: this) => boolean): Promise<void> {
    return new Promise(resolve => {
      const look = () => {
        if (!condition(this)) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
      look()
    })
  }

  #look(): void {
    for (const look of [...this.#waiting]) look()
  }
}

/** 1, 2, 3 … or from another number on. */
export function numbers(last: number, first = 1): readonly number[] {
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, index) => first + index)
}
