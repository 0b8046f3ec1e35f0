// A TCP proxy that injects faults: latency, limited bandwidth, slices, stalls, resets, half-closes.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { randomFrom } from './random.ts'

/** The faults of one direction, which can be combined. */
export interface DirectionFaults {
  /** Milliseconds of delay. */
  readonly latency?: number
  /** Milliseconds of additional random delay, at most. The order of the bytes does not change. */
  readonly jitter?: number
  /** Bytes per second. */
  readonly bandwidth?: number
  /** Bytes per write; the next write waits for a turn of the event loop. */
  readonly slice?: number
  /** After this many bytes: a reset of both ends, or a FIN and further bytes are dropped. */
  readonly limit?: { readonly bytes: number; readonly end: 'reset' | 'half-close' }
  /** Whether it begins stalled, see `FaultConnection.stall`. */
  readonly stalled?: boolean
}

export interface Faults {
  readonly toServer?: DirectionFaults
  readonly toClient?: DirectionFaults
}

export type Direction = keyof Faults

const DIRECTIONS: readonly Direction[] = ['toServer', 'toClient']

/** Bytes that one direction buffers before it stops reading, which holds the sender back. */
const WINDOW = 64 * 1024

/** Milliseconds of bandwidth that one write may use. */
const STEP = 10

/** A proxy on a free port. Disposal (`await using`) closes it and resets its connections. */
export class FaultProxy {
  readonly #server: Server
  readonly #connections = new Set<FaultConnection>()

  private constructor(server: Server) {
    this.#server = server
  }

  /**
   * Forwards to a port of 127.0.0.1; if the port is undefined, the client is reset. Functions are
   * called for each connection, `faults` with its index from 0. The same seed gives the same
   * jitter.
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
      const faultsOfConnection = typeof faults === 'function' ? faults(index) : faults
      const port = typeof targetPort === 'function' ? targetPort() : targetPort
      if (port === undefined) {
        client.on('error', () => {}).resetAndDestroy()
        return
      }
      const target = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
      const random = randomFrom(seed + index)
      const connection = new FaultConnection(client, target, faultsOfConnection, random)
      proxy.#connections.add(connection)
      void connection.closed.then(() => proxy.#connections.delete(connection))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** The open connections, oldest first. */
  get connections(): readonly FaultConnection[] {
    return [...this.#connections]
  }

  stall(direction?: Direction): void {
    for (const connection of this.#connections) connection.stall(direction)
  }

  release(direction?: Direction): void {
    for (const connection of this.#connections) connection.release(direction)
  }

  reset(): void {
    for (const connection of this.#connections) connection.reset()
  }

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

export class FaultConnection {
  /** Resolves when both ends are closed. */
  readonly closed: Promise<void>
  readonly #client: Socket
  readonly #target: Socket
  readonly #pipes: Readonly<Record<Direction, Pipe>>

  /** `random` determines the jitter. */
  constructor(client: Socket, target: Socket, faults: Faults, random: () => number) {
    this.#client = client
    this.#target = target
    const reset = (): void => this.reset()
    this.#pipes = {
      toServer: new Pipe(client, target, faults.toServer ?? {}, random, reset),
      toClient: new Pipe(target, client, faults.toClient ?? {}, random, reset),
    }
    this.closed = Promise.all([client, target].map(closing)).then(() => {})
  }

  /** Bytes that were read and not yet forwarded. */
  bufferedAmount(direction: Direction): number {
    return this.#pipes[direction].bufferedAmount
  }

  /** Stops forwarding bytes, FIN and RST, in both directions by default. */
  stall(direction?: Direction): void {
    for (const each of direction ? [direction] : DIRECTIONS) this.#pipes[each].stall()
  }

  release(direction?: Direction): void {
    for (const each of direction ? [direction] : DIRECTIONS) this.#pipes[each].release()
  }

  /** Sends RST to both ends. */
  reset(): void {
    for (const direction of DIRECTIONS) this.#pipes[direction].stop()
    this.#client.resetAndDestroy()
    this.#target.resetAndDestroy()
  }

  /** Sends FIN in this direction, and drops further bytes. */
  halfClose(direction: Direction): void {
    this.#pipes[direction].halfClose()
  }
}

/** A received chunk, and the time from which it may be forwarded. */
interface Chunk {
  readonly bytes: Uint8Array
  readonly due: number
}

class Pipe {
  readonly #source: Socket
  readonly #sink: Socket
  readonly #faults: DirectionFaults
  readonly #random: () => number
  readonly #reset: () => void
  readonly #chunks: Chunk[] = []
  bufferedAmount = 0
  #forwarded = 0
  #end: 'fin' | 'reset' | undefined
  #stalled: boolean
  #isOver = false
  #lastDue = 0
  /** When the bandwidth allows the next write. */
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
    source.on('data', bytes => this.#enqueue(bytes))
    source.on('end', () => {
      this.#end ??= 'fin'
      this.#pump()
    })
    source.on('error', () => {})
    source.on('close', () => {
      // A reset discards buffered bytes, as in TCP.
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
    this.#isOver = true
    this.#chunks.length = 0
    this.bufferedAmount = 0
    clearTimeout(this.#timer)
    clearImmediate(this.#pause)
  }

  halfClose(): void {
    this.stop()
    this.#sink.end()
    this.#source.resume()
  }

  #enqueue(bytes: Uint8Array): void {
    if (this.#isOver) return
    const { latency = 0, jitter = 0 } = this.#faults
    const due = performance.now() + latency + jitter * this.#random()
    this.#lastDue = Math.max(this.#lastDue, due)
    this.#chunks.push({ bytes, due: this.#lastDue })
    this.bufferedAmount += bytes.length
    if (this.bufferedAmount >= WINDOW) this.#source.pause()
    this.#pump()
  }

  /** Forwards the chunks that are due, and schedules itself for the rest. */
  #pump(): void {
    if (this.#stalled || this.#isOver || this.#timer !== undefined || this.#pause !== undefined) return
    if (this.#end === 'reset') {
      this.#reset()
      return
    }
    while (this.#chunks.length > 0) {
      if (this.#sink.writableNeedDrain) return
      if (this.#sink.connecting) {
        this.#sink.once('connect', () => this.#pump())
        return
      }
      const now = performance.now()
      const wait = Math.max(this.#chunks[0]!.due, this.#freeAt) - now
      if (wait > 0) this.#pumpIn(wait)
      if (wait > 0 || !this.#forward(now)) return
    }
    if (this.#end === 'fin') this.halfClose()
  }

  /** Forwards one piece. Returns whether the next one may follow in this turn. */
  #forward(now: number): boolean {
    const { bandwidth = Infinity, slice = Infinity, limit } = this.#faults
    const perStep = Math.max(1, Math.floor((bandwidth * STEP) / 1000))
    const bytes = this.#shift(Math.min(slice, perStep, (limit?.bytes ?? Infinity) - this.#forwarded))
    if (bytes.length > 0) this.#sink.write(bytes)
    this.#forwarded += bytes.length
    // Makes up for a late timer, by one step at most.
    this.#freeAt = Math.max(this.#freeAt, now - STEP) + (1000 * bytes.length) / bandwidth
    if (this.bufferedAmount < WINDOW) this.#source.resume()
    if (limit !== undefined && this.#forwarded >= limit.bytes) {
      if (limit.end === 'half-close') this.halfClose()
      else this.#sink.write('', () => this.#reset())
      this.#isOver = true
      return false
    }
    if (slice === Infinity) return true
    this.#pause = setImmediate(() => {
      this.#pause = undefined
      this.#pump()
    })
    return false
  }

  /** Removes up to `size` bytes of the first chunk. */
  #shift(size: number): Uint8Array {
    const { bytes, due } = this.#chunks.shift()!
    const taken = bytes.subarray(0, size)
    if (taken.length < bytes.length) this.#chunks.unshift({ bytes: bytes.subarray(taken.length), due })
    this.bufferedAmount -= taken.length
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
