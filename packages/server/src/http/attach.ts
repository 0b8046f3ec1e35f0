// Attaches WebSocket servers to an HTTP server, which they share with each other and with other
// `upgrade` listeners: decides who answers a request.

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { isOwned } from '@ws/connection'

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
  /** Removes a listener. */
  off(event: 'upgrade', listener: UpgradeListener): unknown
  /** Number of listeners, others included. */
  listenerCount(event: 'upgrade'): number
}

/** A listener of the event. */
export type UpgradeListener = (request: IncomingMessage, transport: Duplex, head: Buffer) => void

const sharedServers = new WeakMap<UpgradeEmitter, SharedHttpServer>()

/**
 * Gives a server its share of the upgrade requests of an HTTP server. Call the result to detach it.
 */
export function attachTo(http: UpgradeEmitter, server: AttachedServer): () => void {
  let shared = sharedServers.get(http)
  if (shared === undefined) {
    shared = new SharedHttpServer(http)
    sharedServers.set(http, shared)
  }
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
    if (this.#servers.size === 0) this.#http.on('upgrade', this.#onUpgrade)
    this.#servers.add(server)
  }

  delete(server: AttachedServer): void {
    this.#servers.delete(server)
    if (this.#servers.size === 0) this.#http.off('upgrade', this.#onUpgrade)
  }

  readonly #onUpgrade = (request: IncomingMessage, transport: Duplex, head: Uint8Array): void => {
    if (isOwned(transport) || isInUse(transport)) return
    // A server that is alone answers everything.
    if (this.#servers.size === 1 && this.#isAlone()) {
      this.#fallback.handle(request, transport, head)
      return
    }
    const withRoute = [...this.#servers].filter(server => server.hasRoute(request))
    const chosen = withRoute.find(({ isClosing }) => !isClosing) ?? withRoute[0]
    if (chosen !== undefined) chosen.handle(request, transport, head)
    else if (this.#isAlone()) this.#fallback.handle(request, transport, head)
    else this.#waitForOthers(this.#fallback, request, transport, head)
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
    request: IncomingMessage,
    transport: Duplex,
    head: Uint8Array,
  ): void {
    // A reset must not reach the process, whether or not another listener handles errors already.
    transport.on('error', () => {})
    const written = bytesWrittenTo(transport)
    const timer = setTimeout(() => {
      const isAnswered = isOwned(transport) || isInUse(transport) || bytesWrittenTo(transport) !== written
      if (!isAnswered) server.handle(request, transport, head)
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

function bytesWrittenTo(transport: Duplex): unknown {
  return 'bytesWritten' in transport ? transport.bytesWritten : undefined
}
