// The run of a soak: who comes, over which network, when it is over, and what may not have happened. Prints nothing.

import { type DirectionFaults, FaultProxy, type Faults, randomFrom } from '@ws/testing'
import { isQuiet, ServerApart } from './apart.ts'
import type { Account } from './server.ts'
import { PEERS } from './soak-peers.ts'

/** How long, whichever comes first, and who is told meanwhile. */
export interface Plan {
  readonly minutes: number
  readonly connections: number
  readonly progress?: (now: Progress) => void
}

/** How it stands. */
export interface Progress {
  readonly seconds: number
  readonly connections: number
  /** Connections by what their network did to them. */
  readonly networks: ReadonlyMap<string, number>
  readonly account: Account
}

/** Memory at one time, in bytes; garbage counts. */
export interface Sample {
  readonly seconds: number
  readonly heap: number
  readonly outside: number
}

/** How it went. The accounts are of a server without connections, behind a collection of garbage. */
export interface Outcome extends Progress {
  readonly seed: number
  /** Of each kind of peer, how its connections ended as it saw it, and how often. */
  readonly endings: ReadonlyMap<string, ReadonlyMap<string, number>>
  readonly start: Account
  readonly warm: Account
  readonly samples: readonly Sample[]
  /** What must not be; empty if all is well. */
  readonly faults: readonly string[]
}

/** How many peers there are at a time: more than the server takes. */
const CROWD = 200
/** The part of the time after which memory should have found its level. */
const WARM_UP = 0.25
/** Milliseconds between two looks. */
const LOOK = 5000
/** Bytes that memory may have grown by behind the warm-up: what V8 compiles late, and no more. */
const GROWTH = 2 * 2 ** 20

const OPTIONS = {
  maxSockets: 120,
  maxMessageSize: 64 * 1024,
  messageTimeout: 3000,
  closeTimeout: 1000,
  writeTimeout: 1500,
  pingInterval: 700,
  pongTimeout: 1300,
  messageRate: { perSecond: 200, burst: 500 },
}

type Random = () => number

const within = (random: Random, least: number, most: number): number =>
  Math.floor(least + (most - least) * random())

const both = (faults: DirectionFaults): Faults => ({ toServer: faults, toClient: faults })

/** A limit one way, somewhere in what a connection usually carries. */
function limit(random: Random, end: 'reset' | 'half-close'): Faults {
  const faults = { limit: { bytes: within(random, 1, 3000), end } }
  return random() < 0.5 ? { toServer: faults } : { toClient: faults }
}

interface Network {
  readonly weight: number
  /** Whether bytes may get lost. */
  readonly lossy?: true
  readonly faults: (random: Random) => Faults
}

const NETWORKS: Readonly<Record<string, Network>> = {
  none: { weight: 30, faults: () => ({}) },
  latency: { weight: 20, faults: random => both({ latency: within(random, 0, 20), jitter: 20 }) },
  bandwidth: { weight: 10, faults: random => both({ bandwidth: within(random, 100_000, 1_000_000) }) },
  slices: { weight: 15, faults: random => both({ slice: within(random, 100, 1000) }) },
  'all three': {
    weight: 5,
    faults: random => both({ latency: 5, jitter: 5, bandwidth: 500_000, slice: within(random, 100, 2000) }),
  },
  reset: { weight: 8, lossy: true, faults: random => limit(random, 'reset') },
  'half-close': { weight: 6, lossy: true, faults: random => limit(random, 'half-close') },
  stall: { weight: 3, lossy: true, faults: () => ({}) },
}

/** Milliseconds until a stall begins, at most, and until it is over: the server has given up by then. */
const STALL_WITHIN = 300
const STALL = 4000

/** A soak that runs once. */
export class Soak {
  readonly #seed: number
  readonly #random: Random
  readonly #server: ServerApart
  /** Two of each network: to the server that listens, and to the one that is attached. */
  readonly #proxies: ReadonlyMap<string, readonly FaultProxy[]>
  readonly #networks = new Map<string, number>()
  readonly #endings = new Map<string, Map<string, number>>()
  readonly #broken = new Map<string, number>()
  readonly #samples: Sample[] = []
  #connections = 0
  readonly #start = performance.now()

  private constructor(
    seed: number,
    server: ServerApart,
    proxies: ReadonlyMap<string, readonly FaultProxy[]>,
  ) {
    this.#seed = seed
    this.#random = randomFrom(seed)
    this.#server = server
    this.#proxies = proxies
  }

  static async start(seed: number): Promise<Soak> {
    const server = await ServerApart.start({ options: OPTIONS, headTimeout: 1000 })
    const proxies = new Map<string, readonly FaultProxy[]>()
    for (const [name, { faults }] of Object.entries(NETWORKS)) {
      const random = randomFrom(seed + proxies.size + 1)
      const start = (port: number): Promise<FaultProxy> => FaultProxy.start(port, () => faults(random), seed)
      proxies.set(name, await Promise.all([server.port, server.attachedPort].map(start)))
    }
    return new Soak(seed, server, proxies)
  }

  /** Runs to the end, and ends the server. */
  async run(plan: Plan): Promise<Outcome> {
    await using server = this.#server
    const start = await server.ask('account')
    const stalling = setInterval(() => this.#stall(), STALL_WITHIN)
    let looking: Promise<void> | undefined
    const look = setInterval(
      () => {
        looking = this.#look(plan)
        looking.catch(() => {})
      },
      Math.min(LOOK, plan.minutes * 20_000),
    )
    await this.#crowd(WARM_UP * plan.minutes, WARM_UP * plan.connections)
    const warm = await server.settled(isQuiet(start))
    await this.#crowd((1 - WARM_UP) * plan.minutes, plan.connections)
    clearInterval(look)
    await looking
    const account = await server.settled(isQuiet(start))
    clearInterval(stalling)
    for (const proxy of [...this.#proxies.values()].flat()) await proxy[Symbol.asyncDispose]()
    const progress = this.#progress(account)
    const faults = [...this.#brokenPeers(), ...faultsOf(start, warm, account)]
    return {
      ...progress,
      seed: this.#seed,
      endings: this.#endings,
      start,
      warm,
      samples: this.#samples,
      faults,
    }
  }

  /** Peers come for so long, until there have been so many, and go. */
  async #crowd(minutes: number, connections: number): Promise<void> {
    const until = performance.now() + minutes * 60_000
    const come = async (): Promise<void> => {
      while (performance.now() < until && this.#connections < connections) await this.#comeAndGo()
    }
    await Promise.all(Array.from({ length: CROWD }, come))
  }

  async #comeAndGo(): Promise<void> {
    const [peer, { behave, slow }] = this.#choose(PEERS)
    const [network, { lossy }] = this.#choose(NETWORKS)
    const [listening, attached] = this.#proxies.get(network)!
    const { port } = slow || this.#random() < 0.3 ? attached! : listening!
    const random = randomFrom(within(this.#random, 0, 2 ** 32))
    this.#connections++
    this.#networks.set(network, (this.#networks.get(network) ?? 0) + 1)
    const seen = await behave(port, random).catch((error: Error) => classify(error))
    // On a network that loses things, peers get no echo, or half of one.
    const ending = lossy && seen.startsWith('broken') && !seen.endsWith('in vain') ? 'cut off' : seen
    const endings = this.#endings.get(peer) ?? new Map<string, number>()
    this.#endings.set(peer, endings)
    endings.set(ending, (endings.get(ending) ?? 0) + 1)
    const isBroken = ending.startsWith('broken') || (peer === 'echo' && !lossy && isCut(ending))
    if (!isBroken) return
    const key = `${peer} over ${network}: ${ending}`
    this.#broken.set(key, (this.#broken.get(key) ?? 0) + 1)
  }

  #choose<T extends { readonly weight: number }>(all: Readonly<Record<string, T>>): [string, T] {
    const entries = Object.entries(all)
    let at = this.#random() * entries.reduce((sum, [, { weight }]) => sum + weight, 0)
    for (const entry of entries) {
      at -= entry[1].weight
      if (at < 0) return entry
    }
    return entries[0]!
  }

  readonly #stalled = new WeakSet<object>()

  #stall(): void {
    for (const proxy of this.#proxies.get('stall')!) {
      for (const connection of proxy.connections) {
        if (this.#stalled.has(connection)) continue
        this.#stalled.add(connection)
        setTimeout(() => connection.stall(), STALL_WITHIN * Math.random()).unref()
        setTimeout(() => connection.release(), STALL).unref()
      }
    }
  }

  async #look(plan: Plan): Promise<void> {
    const account = await this.#server.ask('glance')
    const progress = this.#progress(account)
    this.#samples.push({ seconds: progress.seconds, heap: account.heap, outside: account.outside })
    plan.progress?.(progress)
  }

  #progress(account: Account): Progress {
    const seconds = (performance.now() - this.#start) / 1000
    return { seconds, connections: this.#connections, networks: this.#networks, account }
  }

  #brokenPeers(): string[] {
    return [...this.#broken].map(([key, count]) => `${count} × ${key}`)
  }
}

/** What an error of a peer's tells. */
function classify({ message }: Error): string {
  if (message.includes('ms have passed')) return 'broken: waited in vain'
  if (message.includes('the connection is gone')) return 'reset by the other side'
  if (message.includes('the other side has ended')) return 'ended by the other side'
  if (message.includes('ECONNRESET')) return 'reset by the other side'
  return `broken: ${message}`
}

function isCut(ending: string): boolean {
  return ending.endsWith('by the other side')
}

/** What an account shows that must not be. */
function faultsOf(start: Account, warm: Account, end: Account): string[] {
  const faults = end.errors.map(error => `an error reached the process: ${error}`)
  const { sockets, opened, closed } = end.stats
  const told = Object.values(end.endings).reduce((sum, count) => sum + count, 0)
  if (sockets !== 0) faults.push(`${sockets} sockets are left`)
  if (opened !== closed || closed !== told)
    faults.push(`${opened} opened, ${closed} closed, ${told} reported`)
  for (const [kind, count] of Object.entries(end.handles)) {
    const before = start.handles[kind] ?? 0
    if (count > before) faults.push(`${count} handles of ${kind}, ${before} at the start`)
  }
  for (const part of ['heap', 'outside'] as const) {
    if (end[part] - warm[part] > GROWTH)
      faults.push(`memory grew (${part}): ${warm[part]} to ${end[part]} bytes`)
  }
  return faults
}
