// An engine whose operations and hints a test can hold back, to change something in between.

import type { Engine, Sink } from '../../src/engine/engine.ts'

/** `accounts.enter` etc. for operations of a part. */
type Operation =
  | {
      [Name in keyof Engine]: Engine[Name] extends (...args: never[]) => Promise<unknown> ? Name : never
    }[keyof Engine]
  | `accounts.${keyof Engine['accounts']}`
  | `presence.${keyof Engine['presence']}`

/** Held before the store is asked, or with its answer. */
export type Moment = readonly [when: 'before' | 'after', operation: Operation]

export interface HeldEngine {
  readonly engine: Engine
  /** Holds the next such operation, and no further one. Resolves when it has arrived. */
  hold(moment: Moment): { readonly arrived: Promise<void>; release(): void }
  /** Stored entries are not announced until they are released. */
  holdHints(): void
  releaseHints(): void
  /** … or never. */
  dropHints(): void
}

type Hold = { readonly moment: Moment; arrive(): void; readonly released: Promise<void> }

export function holdable(inner: Engine): HeldEngine {
  const holds = new Set<Hold>()
  let hints: (() => void)[] | undefined

  async function wait(when: Moment[0], operation: string): Promise<void> {
    for (const hold of holds) {
      if (hold.moment[0] !== when || hold.moment[1] !== operation) continue
      holds.delete(hold)
      hold.arrive()
      await hold.released
    }
  }

  async function held(operation: string, work: () => unknown): Promise<unknown> {
    await wait('before', operation)
    const result = await work()
    await wait('after', operation)
    return result
  }

  const heldSink = (sink: Sink): Sink => ({
    entry: entry => {
      if (hints) hints.push(() => sink.entry(entry))
      else sink.entry(entry)
    },
    removed: (room, epoch) => {
      if (hints) hints.push(() => sink.removed(room, epoch))
      else sink.removed(room, epoch)
    },
    lost: () => sink.lost(),
    signal: (room, event) => sink.signal(room, event),
    state: (state, cause) => sink.state(state, cause),
  })

  function around<Part extends object>(part: Part, prefix: string): Part {
    return new Proxy(part, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target)
        if (prefix === '' && (name === 'accounts' || name === 'presence'))
          return around(value as object, `${name}.`)
        if (typeof value !== 'function') return value
        if (typeof name === 'symbol') return value.bind(target)
        if (name === 'start') return (sink: Sink) => inner.start(heldSink(sink))
        return (...args: unknown[]) => {
          const operation = prefix + name
          const isHeld = [...holds].some(({ moment }) => moment[1] === operation)
          const work = () => value.apply(target, args) as unknown
          if (!isHeld) return work()
          return held(operation, work)
        }
      },
    })
  }

  return {
    engine: around(inner, ''),
    hold(moment) {
      const arrived = Promise.withResolvers<void>()
      const released = Promise.withResolvers<void>()
      holds.add({ moment, arrive: arrived.resolve, released: released.promise })
      return { arrived: arrived.promise, release: released.resolve }
    },
    holdHints() {
      hints ??= []
    },
    releaseHints() {
      const held = hints ?? []
      hints = undefined
      for (const hint of held) hint()
    },
    dropHints() {
      hints = undefined
    },
  }
}
