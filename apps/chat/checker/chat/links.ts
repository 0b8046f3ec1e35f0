// The networks of one node: a clean and a rough one for clients, and one to Redis.

import { type DirectionFaults, FaultProxy } from '@ws/testing'
import type { Way } from '../clients/visitor.ts'

/**
 * The properties of connections on the rough network, in turn: slow ones, narrow ones, and ones
 * that cut messages into slices.
 */
const ROUGH: readonly DirectionFaults[] = [
  { latency: 30, jitter: 60 },
  { slice: 97 },
  { bandwidth: 24 * 1024 },
  { latency: 5, slice: 1000, bandwidth: 100_000 },
]

export class Links implements AsyncDisposable {
  readonly clean: FaultProxy
  readonly rough: FaultProxy

  readonly #state: { isHealed: boolean }

  private constructor(clean: FaultProxy, rough: FaultProxy, state: { isHealed: boolean }) {
    this.clean = clean
    this.rough = rough
    this.#state = state
  }

  /** Both to wherever the node listens. */
  static async start(node: Way, seed: number): Promise<Links> {
    const state = { isHealed: false }
    const rough = (index: number) => {
      const faults = state.isHealed ? {} : ROUGH[index % ROUGH.length]!
      return { toServer: faults, toClient: faults }
    }
    return new Links(await FaultProxy.start(node), await FaultProxy.start(node, rough, seed), state)
  }

  /** For all connections. */
  reset(): void {
    for (const proxy of [this.clean, this.rough]) proxy.reset()
  }

  /** From here on, new connections on the rough network are like those on the other. */
  heal(): void {
    this.#state.isHealed = true
    this.rough.reset()
  }

  stall(): void {
    for (const proxy of [this.clean, this.rough]) proxy.stall()
  }

  release(): void {
    for (const proxy of [this.clean, this.rough]) proxy.release()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.clean[Symbol.asyncDispose]()
    await this.rough[Symbol.asyncDispose]()
  }
}

/** The way of a node to Redis, which can be cut. */
export class RedisLink implements AsyncDisposable {
  readonly #proxy: FaultProxy
  readonly #state: { cut?: 'silent' | 'loud' }

  private constructor(proxy: FaultProxy, state: { cut?: 'silent' | 'loud' }) {
    this.#proxy = proxy
    this.#state = state
  }

  static async start(redis: Way): Promise<RedisLink> {
    const state: { cut?: 'silent' | 'loud' } = {}
    const target = () => (state.cut === 'loud' ? undefined : redis())
    const proxy = await FaultProxy.start(target, () => {
      const stalled = { stalled: state.cut === 'silent' }
      return { toServer: stalled, toClient: stalled }
    })
    return new RedisLink(proxy, state)
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#proxy.port}`
  }

  /** `silent`: nothing is forwarded any more. `loud`: all connections are reset, new ones too. */
  cut(how: 'silent' | 'loud'): void {
    this.#state.cut = how
    if (how === 'silent') this.#proxy.stall()
    else this.#proxy.reset()
  }

  /** Forwards again, including the held-back bytes. */
  heal(): void {
    delete this.#state.cut
    this.#proxy.release()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#proxy[Symbol.asyncDispose]()
  }
}
