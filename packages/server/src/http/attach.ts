// Several servers of ours on one HTTP server, and strangers beside them: who answers an upgrade request.

import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { isOwned } from '../upgrade/response.ts'

/** One of ours. */
export interface AttachedServer {
  /** Milliseconds that a stranger has to answer what none of ours knows. */
  readonly patience: number
  /** Whether it refuses everything, because it is about to go. */
  readonly closing: boolean
  /** Whether it has a route for this. */
  knows(request: IncomingMessage): boolean
  /** Answers it, if only with 404. */
  take(request: IncomingMessage, transport: Duplex, head: Uint8Array): void
}

type AnyHttpServer = HttpServer | HttpsServer

const districts = new WeakMap<AnyHttpServer, SharedHttpServer>()

/** Lets a server take part in the upgrade requests of an HTTP server; the function that is returned ends that. */
export function attachTo(http: AnyHttpServer, neighbour: AttachedServer): () => void {
  let district = districts.get(http)
  if (district === undefined) {
    district = new SharedHttpServer(http)
    districts.set(http, district)
  }
  district.add(neighbour)
  return () => district.delete(neighbour)
}

/** All of ours on one HTTP server, behind one listener. */
class SharedHttpServer {
  readonly #http: AnyHttpServer
  readonly #neighbours = new Set<AttachedServer>()

  constructor(http: AnyHttpServer) {
    this.#http = http
  }

  add(neighbour: AttachedServer): void {
    if (this.#neighbours.size === 0) this.#http.on('upgrade', this.#onUpgrade)
    this.#neighbours.add(neighbour)
  }

  delete(neighbour: AttachedServer): void {
    this.#neighbours.delete(neighbour)
    if (this.#neighbours.size === 0) this.#http.off('upgrade', this.#onUpgrade)
  }

  readonly #onUpgrade = (request: IncomingMessage, transport: Duplex, head: Uint8Array): void => {
    if (isOwned(transport) || isInUse(transport)) return
    // It answers whatever it is, if there is nobody else.
    if (this.#neighbours.size === 1 && this.#http.listenerCount('upgrade') === 1) {
      this.#first.take(request, transport, head)
      return
    }
    const knowing = [...this.#neighbours].filter(neighbour => neighbour.knows(request))
    const chosen = knowing.find(({ closing }) => !closing) ?? knowing[0]
    if (chosen !== undefined) chosen.take(request, transport, head)
    else if (this.#http.listenerCount('upgrade') === 1) this.#first.take(request, transport, head)
    else this.#waitForStrangers(this.#first, request, transport, head)
  }

  /** Who answers what none knows. */
  get #first(): AttachedServer {
    const neighbours = [...this.#neighbours]
    return neighbours.find(({ closing }) => !closing) ?? neighbours[0]!
  }

  /** An upgrade that nobody answers would stay open for ever. */
  #waitForStrangers(
    neighbour: AttachedServer,
    request: IncomingMessage,
    transport: Duplex,
    head: Uint8Array,
  ): void {
    // A reset meanwhile must not reach the process, whether the stranger listens already or not.
    transport.on('error', () => {})
    const untouched = bytesWrittenTo(transport)
    const timer = setTimeout(() => {
      const answered = isOwned(transport) || isInUse(transport) || bytesWrittenTo(transport) !== untouched
      if (!answered) neighbour.take(request, transport, head)
    }, neighbour.patience)
    timer.unref()
    transport.on('close', () => clearTimeout(timer))
  }
}

/** Whether a stranger reads it, or has ended it. */
function isInUse(transport: Duplex): boolean {
  const readers = transport.listenerCount('data') + transport.listenerCount('readable')
  return transport.writableEnded || transport.destroyed || readers > 0
}

function bytesWrittenTo(transport: Duplex): unknown {
  return 'bytesWritten' in transport ? transport.bytesWritten : undefined
}
