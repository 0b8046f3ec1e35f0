// Bugs in how messages are stored.

import { setTimeout as pause } from 'node:timers/promises'
import type { Engine, PublishOptions } from '@ws/chat/src/engine/engine'
import { makeEntry } from '@ws/chat/src/engine/make-entry'
import type { Draft, Entry, Position } from '@ws/chat/src/log/entry'
import { EngineAround, type Published } from './engine-around.ts'

/** Milliseconds that a message lies in memory after it was acknowledged. */
const UNSTORED = 150

/** Messages until one is dropped, one is stored twice, two are swapped. */
const DROP_EVERY = 1000
const REPEAT_EVERY = 500
const SWAP_EVERY = 40

/** Milliseconds that one of two neighbours waits for the other. */
const SWAP_WAIT = 200

/** Acknowledges before storing: writes in memory are lost with the process. */
export class AcknowledgesEarly extends EngineAround {
  readonly #tops = new Map<string, Promise<Position>>()
  readonly #known = new Map<string, Promise<Entry>>()

  override async publish(room: string, draft: Draft, options?: PublishOptions): Promise<Published> {
    const key = `${room} ${draft.user.id} ${draft.cid}`
    const known = this.#known.get(key)
    if (known !== undefined) return { entry: await known, dup: true }
    const before = this.#tops.get(room) ?? this.#readTop(room)
    const top = before.then(({ epoch, seq }) => ({ epoch, seq: seq + 1 }))
    this.#tops.set(room, top)
    const entry = top.then(place => makeEntry(draft, { room, ...place, ts: Date.now() }))
    this.#known.set(key, entry)
    void pause(UNSTORED).then(() => this.inner.publish(room, draft, options))
    return { entry: await entry, dup: false }
  }

  async #readTop(room: string): Promise<Position> {
    return (await this.inner.tops([room])).get(room)!
  }
}

/** Drops one message in this many, and acknowledges it. */
export class Drops extends EngineAround {
  #count = 0

  override async publish(room: string, draft: Draft, options?: PublishOptions): Promise<Published> {
    if (draft.kind === 'mod' || ++this.#count % DROP_EVERY !== 0)
      return this.inner.publish(room, draft, options)
    const { epoch, seq } = (await this.inner.tops([room])).get(room)!
    return { entry: makeEntry(draft, { room, epoch, seq, ts: Date.now() }), dup: false }
  }
}

/** Stores one message in this many twice. */
export class StoresTwice extends EngineAround {
  #count = 0

  override async publish(room: string, draft: Draft, options?: PublishOptions): Promise<Published> {
    const published = await this.inner.publish(room, draft, options)
    if (draft.kind !== 'mod' && ++this.#count % REPEAT_EVERY === 0)
      await this.inner.publish(room, { ...draft, cid: `${draft.cid}-again` }, options)
    return published
  }
}

/** Sometimes stores the second message of a publisher before the first. */
export class SwapsNeighbours extends EngineAround {
  #count = 0
  readonly #waiting = new Map<string, () => void>()

  override async publish(room: string, draft: Draft, options?: PublishOptions): Promise<Published> {
    const { id } = draft.user
    const release = this.#waiting.get(id)
    if (release === undefined && ++this.#count % SWAP_EVERY === 0) await this.#waitForNext(id)
    const published = await this.inner.publish(room, draft, options)
    release?.()
    return published
  }

  async #waitForNext(id: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.set(id, resolve)
    await Promise.race([promise, pause(SWAP_WAIT)])
    this.#waiting.delete(id)
  }
}

/**
 * Recognizes only messages that this process has stored: a retry after a restart is stored again.
 */
export class ForgetsClientIds extends EngineAround {
  readonly #process: string

  constructor(inner: Engine) {
    super(inner)
    this.#process = String(process.pid)
  }

  override async publish(room: string, draft: Draft, options?: PublishOptions): Promise<Published> {
    return this.inner.publish(room, { ...draft, cid: `${draft.cid}-${this.#process}` }, options)
  }
}
