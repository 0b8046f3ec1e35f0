// A network that misbehaves on demand: forwards TCP to a port of this machine, and does to each direction what it is told to. Knows
// bytes and their ends, and nothing of what they mean.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { randomFrom } from './random.ts'

/** What happens to the bytes that travel one way; all of it can be had together. */
export interface DirectionFaults {
  /** Milliseconds that everything comes later, and up to how many more, by chance; what was sent in order comes in order. */
  readonly latency?: number
  readonly jitter?: number
  /** Bytes per second. */
  readonly bandwidth?: number
  /** Bytes that are written in one go; the next piece waits for a turn of the event loop. */
  readonly slice?: number
  /** What happens once so many bytes have passed: a reset of both ends, or a FIN, behind which the rest is swallowed. */
  readonly limit?: { readonly bytes: number; readonly end: 'reset' | 'half-close' }
  /** Begins stalled; see `FaultConnection.stall`. */
  readonly stalled?: boolean
}

/** What happens to a connection. */
export interface Faults {
  readonly toServer?: DirectionFaults
  readonly toClient?: DirectionFaults
}

/** Which way bytes travel. */
export type Direction = keyof Faults

const DIRECTIONS: readonly Direction[] = ['toServer', 'toClient']

/** How many bytes one direction takes before it has passed them on; then who sends them has to wait, as by any TCP. */
const WINDOW = 64 * 1024

/** With a bandwidth, what would take longer than so many milliseconds is written in pieces. */
const STEP = 10

/** A proxy that listens on a port of its own; gone with its scope (`await using`), and all its connections with it. */
export class FaultProxy {
  readonly #server: Server
  readonly #connections = new Set<FaultConnection>()

  private constructor(server: Server) {
    this.#server = server
  }

  /**
   * Forwards to that port of 127.0.0.1, or to the one that is told for each connection; where that is undefined, nobody listens. The
   * faults are the same for all connections, or asked for with the number of each, counted from 0. The same seed gives the same jitter.
   */
  static async start(
    targetPort: number | (() => number | undefined),
    faults: Faults | ((index: number) => Faults) = {},
    seed = 1,
  ): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true })
    const proxy = new FaultProxy(server)
    let count = 0
    server.on('connection', client => {
      const index = count++
      const own = typeof faults === 'function' ? faults(index) : faults
      const port = typeof targetPort === 'function' ? targetPort() : targetPort
      if (port === undefined) {
        client.on('error', () => {}).resetAndDestroy()
        return
      }
      const target = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
      const connection = new FaultConnection(client, target, own, randomFrom(seed + index))
      proxy.#connections.add(connection)
      void connection.gone.then(() => proxy.#connections.delete(connection))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Those that there are, in the order in which they came. */
  get connections(): readonly FaultConnection[] {
    return [...this.#connections]
  }

  /** Does so to all connections that there are; see `FaultConnection`. */
  stall(direction?: Direction): void {
    for (const connection of this.#connections) connection.stall(direction)
  }

  /** Does so to all connections that there are. */
  release(direction?: Direction): void {
    for (const connection of this.#connections) connection.release(direction)
  }

  /** Does so to all connections that there are. */
  reset(): void {
    for (const connection of this.#connections) connection.reset()
  }

  /** Does so to all connections that there are. */
  halfClose(direction: Direction): void {
    for (const connection of this.#connections) connection.halfClose(direction)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.reset()
    await closed
  }
}

/** One connection through the proxy. */
export class FaultConnection {
  /** Resolves when nothing is left of either end. */
  readonly gone: Promise<void>
  readonly #client: Socket
  readonly #target: Socket
  readonly #pipes: Readonly<Record<Direction, Pipe>>

  /** `random` is what the jitter comes from. */
  constructor(client: Socket, target: Socket, faults: Faults, random: () => number) {
    this.#client = client
    this.#target = target
    const reset = (): void => this.reset()
    this.#pipes = {
      toServer: new Pipe(client, target, faults.toServer ?? {}, random, reset),
      toClient: new Pipe(target, client, faults.toClient ?? {}, random, reset),
    }
    this.gone = Promise.all([client, target].map(closing)).then(() => {})
  }

  /** The port at the client's end, by which a test knows which one this is. */
  get clientPort(): number | undefined {
    return this.#client.remotePort
  }

  /** Bytes that were taken and not yet passed on. */
  held(direction: Direction): number {
    return this.#pipes[direction].held
  }

  /** Passes nothing on from here, neither bytes nor an end: what a peer that vanished looks like. Both ways, or one. */
  stall(direction?: Direction): void {
    for (const each of direction ? [direction] : DIRECTIONS) this.#pipes[each].stall()
  }

  /** Goes on with what was held back. */
  release(direction?: Direction): void {
    for (const each of direction ? [direction] : DIRECTIONS) this.#pipes[each].release()
  }

  /** Sends RST to both ends, now. */
  reset(): void {
    for (const direction of DIRECTIONS) this.#pipes[direction].stop()
    this.#client.resetAndDestroy()
    this.#target.resetAndDestroy()
  }

  /** Sends FIN that way, now, and swallows what else would go there. */
  halfClose(direction: Direction): void {
    this.#pipes[direction].halfClose()
  }
}

/** What arrived, and when it may go on. */
interface Piece {
  readonly bytes: Uint8Array
  readonly due: number
}

/** One direction. */
class Pipe {
  readonly #source: Socket
  readonly #sink: Socket
  readonly #faults: DirectionFaults
  readonly #random: () => number
  readonly #reset: () => void
  readonly #pieces: Piece[] = []
  held = 0
  #passed = 0
  /** What the source ended with. */
  #end: 'fin' | 'reset' | undefined
  #stalled: boolean
  /** Nothing goes on any more. */
  #over = false
  #lastDue = 0
  /** When the bytes before have left, by the bandwidth. */
  #freeAt = 0
  #timer: NodeJS.Timeout | undefined
  #pause: NodeJS.Immediate | undefined

  constructor(
    source: Socket,
    sink: Socket,
    faults: DirectionFaults,
    random: () => number,
    reset: () => void,
  ) {
    this.#source = source
    this.#sink = sink
    this.#faults = faults
    this.#random = random
    this.#reset = reset
    this.#stalled = faults.stalled ?? false
    source.on('data', bytes => this.#take(bytes))
    source.on('end', () => {
      this.#end ??= 'fin'
      this.#pump()
    })
    source.on('error', () => {})
    source.on('close', () => {
      // A reset overtakes what was on its way.
      if (this.#end === 'fin' && source.errored === null) return
      this.#end = 'reset'
      this.#pump()
    })
    sink.on('drain', () => this.#pump())
  }

  stall(): void {
    this.#stalled = true
  }

  release(): void {
    this.#stalled = false
    this.#pump()
  }

  stop(): void {
    this.#over = true
    this.#pieces.length = 0
    this.held = 0
    clearTimeout(this.#timer)
    clearImmediate(this.#pause)
  }

  halfClose(): void {
    this.stop()
    this.#sink.end()
    this.#source.resume()
  }

  #take(bytes: Uint8Array): void {
    if (this.#over) return
    const { latency = 0, jitter = 0 } = this.#faults
    const due = performance.now() + latency + jitter * this.#random()
    this.#lastDue = Math.max(this.#lastDue, due)
    this.#pieces.push({ bytes, due: this.#lastDue })
    this.held += bytes.length
    if (this.held >= WINDOW) this.#source.pause()
    this.#pump()
  }

  /** Passes on what may go now, and sees to it that it is called again for the rest. */
  #pump(): void {
    if (this.#stalled || this.#over || this.#timer !== undefined || this.#pause !== undefined) return
    if (this.#end === 'reset') {
      this.#reset()
      return
    }
    while (this.#pieces.length > 0) {
      if (this.#sink.writableNeedDrain) return
      if (this.#sink.connecting) {
        this.#sink.once('connect', () => this.#pump())
        return
      }
      const now = performance.now()
      const wait = Math.max(this.#pieces[0]!.due, this.#freeAt) - now
      if (wait > 0) this.#pumpIn(wait)
      if (wait > 0 || !this.#pass(now)) return
    }
    if (this.#end === 'fin') this.halfClose()
  }

  /** Passes on one piece, and says whether the next may follow in this turn. */
  #pass(now: number): boolean {
    const { bandwidth = Infinity, slice = Infinity, limit } = this.#faults
    const inStep = Math.max(1, Math.floor((bandwidth * STEP) / 1000))
    const bytes = this.#shift(Math.min(slice, inStep, (limit?.bytes ?? Infinity) - this.#passed))
    if (bytes.length > 0) this.#sink.write(bytes)
    this.#passed += bytes.length
    // What a late timer has missed is made up for, within reason.
    this.#freeAt = Math.max(this.#freeAt, now - STEP) + (1000 * bytes.length) / bandwidth
    if (this.held < WINDOW) this.#source.resume()
    if (limit !== undefined && this.#passed >= limit.bytes) {
      if (limit.end === 'half-close') this.halfClose()
      else this.#sink.write('', () => this.#reset())
      this.#over = true
      return false
    }
    if (slice === Infinity) return true
    this.#pause = setImmediate(() => {
      this.#pause = undefined
      this.#pump()
    })
    return false
  }

  /** Takes off at most so many bytes of the first piece. */
  #shift(most: number): Uint8Array {
    const { bytes, due } = this.#pieces.shift()!
    const taken = bytes.subarray(0, most)
    if (taken.length < bytes.length) this.#pieces.unshift({ bytes: bytes.subarray(taken.length), due })
    this.held -= taken.length
    return taken
  }

  #pumpIn(wait: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#pump()
    }, Math.ceil(wait))
  }
}

function closing(socket: Socket): Promise<void> {
  return new Promise(resolve => {
    if (socket.closed) resolve()
    else socket.once('close', () => resolve())
  })
}
