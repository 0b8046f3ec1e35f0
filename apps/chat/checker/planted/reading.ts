// Bugs in the delivery of stored entries to readers.

import type { HistoryQuery, Page, PublishOptions, Sink, StoredRoom } from '@ws/chat/src/engine/engine'
import type { Draft, Entry, Position } from '@ws/chat/src/log/entry'
import { EngineAround, type Published } from './engine-around.ts'

/** A client that reconnects misses one entry. */
export class ResumesOffByOne extends EngineAround {
  override history(room: string, query: HistoryQuery): Promise<Page> {
    const { after } = query
    return this.inner.history(room, after ? { ...query, after: after + 1 } : query)
  }
}

/** Returns messages as they were written, without their edits. */
export class ForgetsEdits extends EngineAround {
  override async history(room: string, query: HistoryQuery): Promise<Page> {
    const page = await this.inner.history(room, query)
    return { ...page, entries: page.entries.map(withoutEdit) }
  }
}

function withoutEdit(entry: Entry): Entry {
  if (entry.fold?.body === undefined) return entry
  const { body: _, edited: __, ...fold } = entry.fold
  return { ...entry, fold }
}

/** Does not listen to new entries: only polling finds them. */
export class IgnoresHints extends EngineAround {
  override start(sink: Sink): Promise<void> {
    return this.inner.start({
      entry: () => {},
      removed: (room, epoch) => sink.removed(room, epoch),
      lost: () => sink.lost(),
      signal: (room, event) => sink.signal(room, event),
      state: (state, cause) => sink.state(state, cause),
    })
  }
}

/** Keeps one epoch forever, even after losses. */
const ONLY_EPOCH = 'forever'

function inOnlyEpoch<Placed extends Position>(placed: Placed): Placed {
  return { ...placed, epoch: ONLY_EPOCH }
}

export class KeepsEpoch extends EngineAround {
  override start(sink: Sink): Promise<void> {
    return this.inner.start({
      entry: entry => sink.entry(inOnlyEpoch(entry)),
      removed: room => sink.removed(room, ONLY_EPOCH),
      lost: () => sink.lost(),
      signal: (room, event) => sink.signal(room, event),
      state: (state, cause) => sink.state(state, cause),
    })
  }

  override async room(room: string): Promise<StoredRoom | undefined> {
    const stored = await this.inner.room(room)
    return stored && inOnlyEpoch(stored)
  }

  override async tops(rooms: readonly string[]): Promise<ReadonlyMap<string, Position>> {
    const tops = await this.inner.tops(rooms)
    return new Map([...tops].map(([room, top]) => [room, inOnlyEpoch(top)]))
  }

  override async publish(room: string, draft: Draft, options?: PublishOptions): Promise<Published> {
    const { entry, dup } = await this.inner.publish(room, draft, options)
    return { entry: inOnlyEpoch(entry), dup }
  }

  override async history(room: string, query: HistoryQuery): Promise<Page> {
    const page = await this.inner.history(room, query)
    return inOnlyEpoch({ ...page, entries: page.entries.map(inOnlyEpoch) })
  }

  override async entry(room: string, seq: number): Promise<Entry | undefined> {
    const entry = await this.inner.entry(room, seq)
    return entry && inOnlyEpoch(entry)
  }
}
