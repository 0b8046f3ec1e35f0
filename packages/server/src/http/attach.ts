// Attaches WebSocket servers to an HTTP server, which they share with each other and with other
// `upgrade` listeners: decides who answers a request. The servers may be of several copies of this
// package.

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { isAnswering } from './pipelining.ts'
import { isTaken } from './take-transport.ts'

/** A WebSocket server that shares an HTTP server. */
export interface AttachedServer {
  /** Milliseconds that other `upgrade` listeners have to answer a request for an unknown path. */
  readonly patience: number
  /** Whether it rejects everything. */
  readonly isClosing: boolean
  /** Whether it has a route for this request. */
  hasRoute(request: IncomingMessage): boolean
  /** Answers the request, if only with 404. */
  handle(request: IncomingMessage, transport: Duplex, head: Uint8Array): void
}

/** Anything that emits `upgrade` as an HTTP server does: `node:http`, `node:https`, `node:http2`. */
export interface UpgradeEmitter {
  /** Adds a listener. */
  on(event: 'upgrade', listener: UpgradeListener): unknown
  /** Adds a listener before all others. */
  prependListener?(event: 'upgrade', listener: UpgradeListener): unknown
  /** Removes a listener. */
  off(event: 'upgrade', listener: UpgradeListener): unknown
  /** Number of listeners, others included. */
  listenerCount(event: 'upgrade'): number
  /** The listeners, others included. */
  listeners?(event: 'upgrade'): unknown[]
}

/** A listener of the event. */
export type UpgradeListener = (request: IncomingMessage, transport: Duplex, head: Buffer) => void

/**
 * The property of an HTTP server with its `SharedHttpServer`, which may be that of another copy of
 * this package: a change of `add`, `delete` or `AttachedServer` needs another number.
 */
const SHARED: unique symbol = Symbol.for('@ws/server:shared-1')

/**
 * Gives a server its share of the upgrade requests of an HTTP server. Call the result to detach it.
 */
export function attachTo(
  http: UpgradeEmitter & { readonly [SHARED]?: SharedHttpServer },
  server: AttachedServer,
): () => void {
  const shared = http[SHARED] ?? new SharedHttpServer(http)
  Object.defineProperty(http, SHARED, { value: shared, configurable: true })
  shared.add(server)
  return () => shared.delete(server)
}

/** All WebSocket servers of one HTTP server, behind one listener. */
class SharedHttpServer {
  readonly #http: UpgradeEmitter
  readonly #servers = new Set<AttachedServer>()

  constructor(http: UpgradeEmitter) {
    this.#http = http
  }

  add(server: AttachedServer): void {
    if (this.#servers.size === 0) this.#listen()
    this.#servers.add(server)
  }

  delete(server: AttachedServer): void {
    this.#servers.delete(server)
    if (this.#servers.size === 0) this.#http.off('upgrade', this.#onUpgrade)
  }

  /** Listens before all others, in order to see what they write. */
  #listen(): void {
    if (this.#http.prependListener === undefined) this.#http.on('upgrade', this.#onUpgrade)
    else this.#http.prependListener('upgrade', this.#onUpgrade)
  }

  readonly #onUpgrade = (request: IncomingMessage, transport: Duplex, head: Uint8Array): void => {
    if (isTaken(transport) || isInUse(transport)) return
    // A server that is alone answers everything.
    if (this.#servers.size === 1 && this.#isAlone()) {
      this.#fallback.handle(request, transport, head)
      return
    }
    const isUnanswered = this.#watch(transport)
    if (this.#isAlone()) this.#choose(isUnanswered, request, transport, head)
    // What the other listeners answer at once is theirs.
    else process.nextTick(() => this.#choose(isUnanswered, request, transport, head))
  }

  /** Answers the request, or waits for other listeners to do so. */
  #choose(isUnanswered: () => boolean, request: IncomingMessage, transport: Duplex, head: Uint8Array): void {
    if (!isUnanswered() || this.#servers.size === 0) return
    const withRoute = [...this.#servers].filter(server => server.hasRoute(request))
    const chosen = withRoute.find(({ isClosing }) => !isClosing) ?? withRoute[0]
    if (chosen !== undefined) chosen.handle(request, transport, head)
    else if (this.#isAlone()) this.#fallback.handle(request, transport, head)
    else this.#waitForOthers(this.#fallback, isUnanswered, request, transport, head)
  }

  /**
   * Returns whether nothing has been written since the request, which the listeners of a transport
   * do not tell: a program that only sends needs none.
   */
  #watch(transport: Duplex): () => boolean {
    const isFirst = (this.#http.listeners?.('upgrade')[0] ?? this.#onUpgrade) === this.#onUpgrade
    if (!isFirst) {
      this.#http.off('upgrade', this.#onUpgrade)
      this.#listen()
    }
    // A listener before this one may have written all of it.
    const written = isFirst ? bytesWrittenTo(transport) : 0
    // An earlier response that is unfinished is not an answer.
    const isComparable = written !== undefined && !isAnswering(transport)
    return () =>
      !isTaken(transport) && !isInUse(transport) && (!isComparable || bytesWrittenTo(transport) === written)
  }

  /** Whether there are no other `upgrade` listeners. */
  #isAlone(): boolean {
    return this.#http.listenerCount('upgrade') === 1
  }

  /** The server that answers requests for unknown paths. */
  get #fallback(): AttachedServer {
    const servers = [...this.#servers]
    return servers.find(({ isClosing }) => !isClosing) ?? servers[0]!
  }

  /** A request that other listeners ignore would otherwise stay open forever. */
  #waitForOthers(
    server: AttachedServer,
    isUnanswered: () => boolean,
    request: IncomingMessage,
    transport: Duplex,
    head: Uint8Array,
  ): void {
    // A reset must not reach the process, whether or not another listener handles errors already.
    transport.on('error', () => {})
    const timer = setTimeout(() => {
      if (isUnanswered()) server.handle(request, transport, head)
    }, server.patience)
    timer.unref()
    transport.on('close', () => clearTimeout(timer))
  }
}

/** Whether another listener reads the transport, or has ended it. */
function isInUse(transport: Duplex): boolean {
  const readers = transport.listenerCount('data') + transport.listenerCount('readable')
  return transport.writableEnded || transport.destroyed || readers > 0
}

function bytesWrittenTo(transport: Duplex): number | undefined {
  return 'bytesWritten' in transport ? (transport.bytesWritten as number) : undefined
}
