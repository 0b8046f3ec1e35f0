// A TCP proxy with faults: latency, limited bandwidth, small chunks, stalls, resets and half-closed
// connections.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { randomFrom } from './random.ts'

/** Faults of one direction. They can be combined. */
export interface DirectionFaults {
  /** Milliseconds of latency and of random jitter. The order of bytes is kept. */
  readonly latency?: number
  readonly jitter?: number
  /** Bytes per second. */
  readonly bandwidth?: number
  /** The largest chunk in bytes; the next one is written in a later turn of the event loop. */
  readonly slice?: number
  /** After this many bytes, resets both ends, or sends FIN and drops the rest. */
  readonly limit?: { readonly bytes: number; readonly end: 'reset' | 'half-close' }
  /** Starts stalled; see `FaultConnection.stall`. */
  readonly stalled?: boolean
}

export interface Faults {
  readonly toServer?: DirectionFaults
  readonly toClient?: DirectionFaults
}

export type Direction = keyof Faults

const DIRECTIONS: readonly Direction[] = ['toServer', 'toClient']

/** Bytes that one direction buffers before it stops reading. */
const WINDOW = 64 * 1024

/** With limited bandwidth, chunks are cut to take at most this many milliseconds. */
const STEP = 10

/** A proxy on a port of its own. Use it with `await using`. */
export class FaultProxy {
  readonly #server: Server
  readonly #connections = new Set<FaultConnection>()

  private constructor(server: Server) {
    this.#server = server
  }

  /**
   * Forwards to a port of 127.0.0.1. Both the port and the faults can be functions that are called
   * for each connection, with its number from 0; an undefined port resets it. `seed` determines
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

  /** The open connections, in order. */
  get connections(): readonly FaultConnection[] {
    return [...this.#connections]
  }

  /** Applies to all open connections; see `FaultConnection`. */
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

/** One connection through the proxy. */
export class FaultConnection {
  /** Resolves when both ends are closed. */
  readonly gone: Promise<void>
  readonly #client: Socket
  readonly #target: Socket
  readonly #pipes: Readonly<Record<Direction, Pipe>>

  /** `random` is the source of jitter. */
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

  /** The port of the client's end, which identifies the connection. */
  get clientPort(): number | undefined {
    return this.#client.remotePort
  }

  /** Bytes that are buffered. */
  held(direction: Direction): number {
    return this.#pipes[direction].held
  }

  /**
   * Forwards neither bytes nor FIN or RST, as if the peer had vanished, in both directions or one.
   */
  stall(direction?: Direction): void {
    for (const each of direction ? [direction] : DIRECTIONS) this.#pipes[each].stall()
  }

  release(direction?: Direction): void {
    for (const each of direction ? [direction] : DIRECTIONS) this.#pipes[each].release()
  }

  reset(): void {
    for (const direction of DIRECTIONS) this.#pipes[direction].stop()
    this.#client.resetAndDestroy()
    this.#target.resetAndDestroy()
  }

  /** Sends FIN in a direction, and drops further bytes. */
  halfClose(direction: Direction): void {
    this.#pipes[direction].halfClose()
  }
}

/** A chunk, and the time when it may be forwarded. */
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
  /** The end of the source: FIN or RST. */
  #end: 'fin' | 'reset' | undefined
  #stalled: boolean
  #over = false
  #lastDue = 0
  /** The time when prior bytes have been sent at the given bandwidth. */
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
      // A reset overtakes buffered bytes.
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

  /** Forwards the chunks that are due, and schedules the next call. */
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

  /** Forwards one chunk. Returns whether the next may follow in this turn. */
  #pass(now: number): boolean {
    const { bandwidth = Infinity, slice = Infinity, limit } = this.#faults
    const inStep = Math.max(1, Math.floor((bandwidth * STEP) / 1000))
    const bytes = this.#shift(Math.min(slice, inStep, (limit?.bytes ?? Infinity) - this.#passed))
    if (bytes.length > 0) this.#sink.write(bytes)
    this.#passed += bytes.length
    // A late timer may catch up, within limits.
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

  /** Removes at most this many bytes from the first chunk. */
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
