// One run: a server, its connections, and the steps of a schedule done to them, one callback of the process each.

import { Buffer } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { type ServerOptions, WebSocketServer } from '@ws/server'
import { randomFrom } from '@ws/testing'
import { checkEchoes, checkEnd, checkNow, checkPatience, type Limits } from './invariants.ts'
import { Link } from './link.ts'
import { MAX_MESSAGE_SIZE } from './peer.ts'
import { SimulatedProcess } from './process.ts'
import { ALL, type Step, tell } from './schedule.ts'
import { User, type Witness } from './user.ts'

/** Small, so that a schedule reaches them. */
const OPTIONS: Limits & ServerOptions = {
  maxMessageSize: MAX_MESSAGE_SIZE,
  highWaterMark: 1024,
  maxBufferedAmount: 4096,
  maxTotalBuffered: Number.POSITIVE_INFINITY,
  handshakeTimeout: 1000,
  messageTimeout: 2000,
  closeTimeout: 800,
  writeTimeout: 1200,
  pingInterval: 1600,
  pongTimeout: 800,
}

/** For one schedule of eight: below what two connections may buffer. */
const SMALL_BUDGET = 3072

/** Milliseconds in which a peer that is gone without a word is given up, and one that was refused. */
const PATIENCE = 6500
/** Milliseconds in which a server that closes has closed. */
const SHUTDOWN = 2200
/** A bystander is given its bytes at least so often. */
const SLICE = 400

const NOTHING = Buffer.alloc(0)
const REQUEST = ['Host', 'localhost', 'Upgrade', 'websocket', 'Connection', 'Upgrade']
REQUEST.push('Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version', '13')

/** What is done to one connection. */
type StepOfLink = Extract<Step, { readonly of: number }>

/** The first thing that happened and must not. */
class Violation extends Error {}

/** A run of a schedule. */
export class World implements Witness {
  readonly options: Limits
  readonly server: WebSocketServer<unknown>
  readonly links: Link[] = []
  readonly user: User = new User(this)
  readonly process: SimulatedProcess
  /** What happened, as told; only a number of it unless it is to be kept. */
  readonly trace: string[] | undefined
  /** The server has been asked to close, and has done so. */
  closing: 'no' | 'asked' | 'done' = 'no'
  #hash = 0x811c9dc5
  #fault: string | undefined

  /** `trace`: keep what happens in words. */
  constructor(seed: number, trace: boolean) {
    this.trace = trace ? [] : undefined
    this.process = new SimulatedProcess(randomFrom(seed ^ 0x5eed), error => {
      this.fault(`uncaught: ${error instanceof Error ? error.stack : String(error)}`)
    })
    const { user } = this
    const options = seed % 8 === 0 ? { ...OPTIONS, maxTotalBuffered: SMALL_BUDGET } : OPTIONS
    this.options = options
    this.server = new WebSocketServer({ ...options, error: error => user.reported(error) })
    for (const kind of ['messages', 'loop', 'pieces', 'streams', 'bystander'] as const)
      this.server.route(`/${kind}`, user.handlers(kind))
  }

  /** A number of all that happened. */
  get hash(): number {
    return this.#hash >>> 0
  }

  /** Does these steps, and lets everything come to its end. Throws the first violation. */
  run(steps: readonly Step[]): void {
    this.process.start()
    const { stackTraceLimit } = Error
    // Stacks cost a quarter of the time.
    if (this.trace === undefined) Error.stackTraceLimit = 0
    try {
      for (const step of steps) {
        this.trace?.push(`— ${this.#tell(step)}`)
        this.#turn()
        this.#do(step)
        this.#attend()
        this.#check()
      }
      this.#finish()
    } finally {
      Error.stackTraceLimit = stackTraceLimit
      this.process.stop()
    }
  }

  // ── what is seen ──────────────────────────────────────────────────────────────────────────────────────────────────────

  note(event: string): void {
    this.trace?.push(`${this.process.now} ${event}`)
    for (let i = 0; i < event.length; i++)
      this.#hash = Math.imul(this.#hash ^ event.charCodeAt(i), 0x01000193)
  }

  fault(what: string): void {
    this.#fault ??= what
  }

  #check(): void {
    checkNow(this)
    if (this.#fault !== undefined) throw new Violation(this.#fault)
  }

  // ── steps ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

  #do(step: Step): void {
    if (step.step === 'connect') this.#connect(new Link(this.links.length, step))
    else if ('milliseconds' in step) {
      if (step.step === 'time passes') this.#pass(step.milliseconds)
      else this.process.stall(step.milliseconds)
    } else {
      const link = this.#find(step)
      if (link !== undefined) this.process.run(() => this.#doTo(link, step))
    }
  }

  /** The connection that a step is done to, if there is any yet. */
  #find({ of }: StepOfLink): Link | undefined {
    const others = this.links.filter(link => !link.isBystander)
    return others[of % others.length]
  }

  #tell(step: Step): string {
    if (!('of' in step)) return tell(step)
    return tell({ ...step, of: this.#find(step)?.index ?? step.of })
  }

  #connect(link: Link): void {
    this.links.push(link)
    const { connect, wire, peer, index } = link
    this.note(`#${index} connects`)
    const request = {
      method: 'GET',
      url: `/${connect.kind}?${index}`,
      httpVersion: '1.1',
      rawHeaders: REQUEST,
      socket: wire,
    }
    const head = connect.behind ? Buffer.from(peer.send('text', 10)) : NOTHING
    link.head = head.length
    this.process.run(() => {
      this.server.handleUpgrade(request as unknown as IncomingMessage, wire, head)
    })
  }

  #doTo(link: Link, step: StepOfLink): void {
    const { wire, peer } = link
    switch (step.step) {
      case 'peer sends':
        wire.enqueue(peer.send(step.what, step.size))
        wire.arrive(step.arrive)
        break
      case 'bytes arrive':
        wire.arrive(step.count)
        break
      case 'peer takes':
        this.#take(link, step.count)
        break
      case 'peer answers pings':
        wire.enqueue(peer.answerPings())
        break
      case 'peer ends':
        wire.endPeer()
        wire.arrive(0)
        break
      case 'peer resets':
        wire.reset()
        break
      case 'user':
        this.user.call(link, step.call)
        break
      case 'handler resolves':
        this.user.settle(link, 'resolve')
        break
      case 'handler rejects':
        this.user.settle(link, 'reject')
        break
      case 'source yields':
        link.sources.at(0)?.give('t'.repeat(700))
        break
      case 'source ends':
        link.sources.shift()?.end()
        break
      case 'source throws':
        link.drops = true
        link.sources.shift()?.fail(new Error('the source fails'))
    }
  }

  closeServer(timeout: number, size: number): void {
    const closed = this.server.close({ timeout, batch: { size, interval: 100 } })
    if (this.closing !== 'no') return
    this.closing = 'asked'
    this.note('the server closes')
    closed.then(
      () => {
        this.closing = 'done'
        this.note('the server has closed')
      },
      error => this.fault(`server.close rejected: ${String(error)}`),
    )
  }

  /** What Node's loop does by itself before the next callback. */
  #turn(): void {
    for (const { wire } of this.links) if (wire.hasTurn) this.process.run(() => wire.turn())
  }

  #take({ wire, peer, index }: Link, count: number): void {
    const bytes = wire.takeFromKernel(count)
    if (bytes.length === 0) return
    this.note(`#${index} takes ${bytes.length}`)
    peer.receive(bytes)
  }

  /** Bystanders read all, and answer pings. */
  #attend(): void {
    for (const link of this.links) {
      if (!link.isBystander) continue
      const { wire, peer } = link
      while (wire.waiting > 0) {
        this.process.run(() => this.#take(link, ALL))
        wire.enqueue(peer.answerPings())
        this.process.run(() => wire.arrive(ALL))
      }
    }
  }

  /** That time passes, or as much of it as it takes until all is over. */
  #pass(milliseconds: number, isOver: () => boolean = () => false): void {
    for (let left = milliseconds; left > 0 && !isOver(); left -= SLICE) {
      this.process.advance(Math.min(left, SLICE))
      this.#attend()
      this.#turn()
    }
  }

  // ── the end ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** All that can settle settles, the peers vanish without a word, the time of every deadline passes, the server closes. */
  #finish(): void {
    this.trace?.push('— the end: handlers settle, peers vanish')
    this.#askBystanders()
    for (const link of this.links) {
      while (link.gates.length > 0) this.process.run(() => this.user.settle(link, 'resolve'))
    }
    this.#check()
    this.#pass(PATIENCE, () => this.links.every(({ wire, isBystander }) => wire.isGone || isBystander))
    this.#check()
    checkPatience(this)
    this.#check()
    this.process.run(() => this.closeServer(300, 100))
    this.#pass(SHUTDOWN, () => this.process.timers === 0 && this.links.every(({ wire }) => wire.isGone))
    this.#check()
    checkEnd(this)
    this.#check()
  }

  /** Each is asked for an echo. */
  #askBystanders(): void {
    for (const link of this.links) {
      if (!link.isBystander) continue
      link.wire.enqueue(link.peer.send('text', 5))
      this.process.run(() => link.wire.arrive(ALL))
    }
    this.#attend()
    if (this.closing === 'no') checkEchoes(this)
  }
}
