// Several servers of ours on one HTTP server, and strangers beside them: who answers an upgrade request.

import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { isClaimed } from './upgrade.ts'

/** How long a stranger may take to answer what none of ours knows, in milliseconds. */
const STRANGERS_TIME = 10_000

/** One of ours. */
export interface Neighbour {
  /** Whether it has a route for this. */
  knows(request: IncomingMessage): boolean
  /** Takes it. */
  take(request: IncomingMessage, transport: Duplex, head: Uint8Array): void
  /** Says that nobody knows it. */
  reject(request: IncomingMessage, transport: Duplex): void
}

type AnyHttpServer = HttpServer | HttpsServer

const districts = new WeakMap<AnyHttpServer, District>()

/** Lets a server take part in the upgrade requests of an HTTP server; the function that is returned ends that. */
export function attachTo(http: AnyHttpServer, neighbour: Neighbour): () => void {
  let district = districts.get(http)
  if (district === undefined) {
    district = new District(http)
    districts.set(http, district)
  }
  district.add(neighbour)
  return () => district.delete(neighbour)
}

/** All of ours on one HTTP server, behind one listener. */
class District {
  readonly #http: AnyHttpServer
  readonly #neighbours = new Set<Neighbour>()

  constructor(http: AnyHttpServer) {
    this.#http = http
  }

  add(neighbour: Neighbour): void {
    if (this.#neighbours.size === 0) this.#http.on('upgrade', this.#onUpgrade)
    this.#neighbours.add(neighbour)
  }

  delete(neighbour: Neighbour): void {
    this.#neighbours.delete(neighbour)
    if (this.#neighbours.size === 0) this.#http.off('upgrade', this.#onUpgrade)
  }

  readonly #onUpgrade = (request: IncomingMessage, transport: Duplex, head: Uint8Array): void => {
    if (isClaimed(transport)) return
    for (const neighbour of this.#neighbours) {
      if (neighbour.knows(request)) {
        neighbour.take(request, transport, head)
        return
      }
    }
    const [first] = this.#neighbours
    if (this.#http.listenerCount('upgrade') === 1) first!.reject(request, transport)
    else this.#waitForStrangers(first!, request, transport)
  }

  /** An upgrade that nobody answers would stay open for ever. */
  #waitForStrangers(neighbour: Neighbour, request: IncomingMessage, transport: Duplex): void {
    // A reset meanwhile must not reach the process, whether the stranger listens already or not.
    transport.on('error', () => {})
    const untouched = bytesWrittenTo(transport)
    const timer = setTimeout(() => {
      const answered = isClaimed(transport) || transport.destroyed || bytesWrittenTo(transport) !== untouched
      if (!answered) neighbour.reject(request, transport)
    }, STRANGERS_TIME)
    timer.unref()
    transport.on('close', () => clearTimeout(timer))
  }
}

function bytesWrittenTo(transport: Duplex): unknown {
  return 'bytesWritten' in transport ? transport.bytesWritten : undefined
}
