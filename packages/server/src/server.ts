// A WebSocket server: takes upgrade requests from HTTP servers, its own or others, and keeps account of the sockets they become.

import { Buffer } from 'node:buffer'
import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { Clock, SlotList, type Tickable } from '@ws/connection'
import { reject, validateRequest } from '@ws/handshake'
import { CloseCode, writeClosePayload } from '@ws/protocol'
import { Connection, type ConnectionOwner, type Sendable } from './connection.ts'
import { type AttachedServer, attachTo } from './http/attach.ts'
import { FastPath } from './http/fast-path.ts'
import { IncomingRequest } from './http/incoming-request.ts'
import { addressesOf, closeServers, LOOPBACK, listenOn } from './http/listen.ts'
import { checkCount, checkNames, checkTimer } from './options/check.ts'
import {
  checkRoute,
  type PathPattern,
  ROUTE_OPTION_NAMES,
  type RouteOptions,
  type RouteSettings,
  Routes,
} from './options/route-options.ts'
import { checkOptions, type ServerOptions, type ServerSettings } from './options/server-options.ts'
import { type PublishOptions, Topics } from './pubsub/topics.ts'
import { Drain, type DrainReport, type ShutdownPlan } from './shutdown.ts'
import { connectionOf, type Socket } from './socket.ts'
import { Counters, type Stats } from './telemetry/stats.ts'
import { takeOwnership } from './upgrade/response.ts'
import { type AcceptedUpgrade, UpgradeHandler } from './upgrade/upgrade-handler.ts'

/** Where a server listens. */
export interface Listening {
  readonly port: number
  /** The addresses, one or several of the machine's. */
  readonly addresses: readonly string[]
}

/** How a server closes. */
export interface CloseOptions {
  /** What the sockets are closed with; 1001, "going away" (RFC 6455 §7.4.1). 1012 tells clients to come back. */
  readonly code?: number
  /** At most 123 bytes of UTF-8; empty. */
  readonly reason?: string
  /** Milliseconds until those that have not closed by then are torn down; 10,000. */
  readonly timeout?: number
  /** Closes so many at a time, that many milliseconds apart, so that they do not all come back at once; all at a time. */
  readonly batch?: { readonly size: number; readonly interval: number }
}

/** How to publish; see `SlowPolicy`. */
export interface PublishTo extends Omit<PublishOptions<never>, 'except'> {
  /** Everybody but this one, who knows. */
  readonly except?: Socket<never> | Socket
}

/** Seconds after which those who come while a server closes should try again. */
const RETRY_AFTER = 5

/** A WebSocket server. `Data` is what `upgrade` says of a socket on a path without a route of its own. */
export class WebSocketServer<Data = undefined> {
  readonly #settings: ServerSettings
  readonly #routes = new Routes()
  readonly #counters = new Counters()
  readonly #doorway: UpgradeHandler
  readonly #clock: Clock
  readonly #topics: Topics<Connection>
  readonly #owner: ConnectionOwner
  readonly #neighbour: AttachedServer
  /** Those whose transport still exists, after their close report too. */
  readonly #connections = new SlotList<Connection>()
  /** All of them, to the clock. */
  readonly #ticking: Tickable
  readonly #sessions = new Set<Promise<void>>()
  readonly #listening: HttpServer[] = []
  readonly #firstChunks: FastPath[] = []
  readonly #attached = new Map<HttpServer | HttpsServer, () => void>()
  #lastId = 0
  #drain: Drain | undefined
  #closed: Promise<DrainReport> | undefined

  /** Throws a `TypeError` or a `RangeError` for an option that is not accepted, saying what is. */
  constructor(options: ServerOptions<Data> = {}) {
    this.#settings = checkOptions(options)
    this.#routes.setRest(this.#settings.base)
    this.#clock = new Clock(shortestDeadline(this.#settings.base))
    this.#topics = new Topics({ maxTopics: this.#settings.maxTopics })
    this.#doorway = new UpgradeHandler(this.#settings, this.#routes, this.#counters, accepted =>
      this.#open(accepted),
    )
    this.#owner = {
      counters: this.#counters,
      topics: this.#topics,
      sessions: this.#sessions,
      closed: connection => this.#forgetSocket(connection),
      gone: connection => this.#forget(connection),
    }
    this.#ticking = {
      tick: (now, elapsed) => {
        for (const connection of this.#connections) connection.tick(now, elapsed)
      },
    }
    const isClosed = (): boolean => this.#closed !== undefined
    this.#neighbour = {
      patience: this.#settings.base.handshakeTimeout,
      get closing() {
        return isClosed()
      },
      knows: request => this.#doorway.knows(request.url),
      take: (request, transport, head) => this.handleUpgrade(request, transport, head),
    }
  }

  /** The sockets that are open or closing. */
  get sockets(): Iterable<Socket> & { readonly size: number } {
    return { size: this.#openSockets, [Symbol.iterator]: () => this.#findSockets() }
  }

  /** What has been counted so far. */
  stats(): Stats {
    let buffered = 0
    for (const socket of this.#findSockets()) buffered += socket.bufferedAmount
    return { ...this.#counters, sockets: this.#openSockets, buffered, dropped: this.#topics.dropped }
  }

  /**
   * Gives the sockets of a path handlers of their own, and limits; a limit that is left out is as the server has it, and so is
   * `onError`, but no other handler. The path is a string, compared literally, or a `URLPattern`, which is tried after all strings, in the order of adding. If a server has routes and no
   * handlers of its own, other paths are answered 404. Throws as the constructor does, and an `Error` for a path that has a route.
   */
  route<RouteData = undefined>(path: string | PathPattern, options: RouteOptions<RouteData>): this {
    checkNames(options, ROUTE_OPTION_NAMES)
    const settings = checkRoute(options, this.#settings.base)
    this.#routes.add(path, settings)
    this.#clock.serve(shortestDeadline(settings))
    if (!this.#settings.handlesRest) this.#routes.setRest(undefined)
    return this
  }

  /**
   * Listens with an HTTP server of its own; `port` 0 takes any that is free. Without `host` only on loopback, IPv4 and IPv6:
   * nobody but this machine can connect. Rejects as `net.Server.listen` does, with `EADDRINUSE` for a port in use.
   */
  async listen(port: number, host: string | readonly string[] = LOOPBACK): Promise<Listening> {
    this.#checkNotClosed()
    const hosts = typeof host === 'string' ? [host] : host
    const servers = await listenOn(hosts, port, this.#settings.request ?? answerRequest)
    if (this.#closed !== undefined) await closeServers(servers)
    this.#checkNotClosed()
    this.#listening.push(...servers)
    for (const server of servers) {
      this.attach(server)
      this.#firstChunks.push(new FastPath(server, this.#take))
    }
    const addresses = addressesOf(servers)
    return { port: addresses[0]!.port, addresses: addresses.map(({ address }) => address) }
  }

  /**
   * Takes the upgrade requests of an HTTP or HTTPS server of yours, which stays yours to listen with and to close. Other servers
   * attached to it are asked too, in order, and its other `upgrade` listeners are left alone: a path that none of ours knows is
   * theirs, and answered 404 where there are none, or when they have not answered within `handshakeTimeout`. Not all of them leave
   * others alone: `ws` with its option `server` answers 400 to every path but its own; use its `noServer` beside this one. Throws
   * an `Error` after `close`.
   */
  attach(server: HttpServer | HttpsServer): void {
    this.#checkNotClosed()
    if (this.#attached.has(server)) return
    this.#attached.set(server, attachTo(server, this.#neighbour))
  }

  /**
   * Takes one upgrade request, with what an `upgrade` event brings; for those who route requests themselves. The answer, a 101
   * or a refusal, is written here. Throws an `Error` if this transport has been given to a server before.
   */
  handleUpgrade(request: IncomingMessage, transport: Duplex, head: Uint8Array): void {
    this.#take(IncomingRequest.of(request), transport, head)
  }

  /**
   * Sends a message to all open sockets that subscribed to a topic, encoded once. Returns how many it was sent to, or is kept for
   * while they are slow: `slow` says what happens to those whose unsent data is above the high-water mark. Throws a `TypeError` or a
   * `RangeError` for wrong options.
   */
  publish(topic: string, data: Sendable, options: PublishTo = {}): number {
    const { except, ...rest } = options
    const connection = except && connectionOf(except)
    return this.#topics.publish(
      topic,
      data,
      connection === undefined ? rest : { ...rest, except: connection },
    )
  }

  /** How many sockets have subscribed to a topic. */
  subscribers(topic: string): number {
    return this.#topics.subscribers(topic)
  }

  /**
   * Listens no more, answers new upgrades with 503, awaits handlers that are at work, closes all sockets, and resolves when they
   * are gone; those that are not by then are torn down after `timeout`, and what ordinary requests are still under way where
   * `listen` was called end with them. A second call gives the same promise. Throws a `RangeError` or a `TypeError` for a code or
   * a reason that no Close frame can carry, and for a timeout or a batch that is none.
   */
  close(options: CloseOptions = {}): Promise<DrainReport> {
    const plan = checkPlan(options)
    this.#closed ??= this.#shutDown(plan)
    return this.#closed
  }

  /** Closes, as `close()` does. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #checkNotClosed(): void {
    if (this.#closed !== undefined) throw new Error('the server has been closed')
  }

  get #openSockets(): number {
    return this.#counters.opened - this.#counters.closed
  }

  *#findSockets(): Generator<Socket, undefined, undefined> {
    for (const { socket } of this.#connections) if (socket.state !== 'closed') yield socket
  }

  readonly #take = (arrival: IncomingRequest, transport: Duplex, head: Uint8Array): void => {
    takeOwnership(transport)
    this.#doorway.receive(arrival, transport, head)
  }

  #open(accepted: AcceptedUpgrade): void {
    const connection = new Connection(accepted, ++this.#lastId, this.#owner)
    this.#counters.opened++
    connection.place = this.#connections.add(connection)
    this.#clock.add(this.#ticking)
    connection.open(accepted.head)
  }

  #forgetSocket(connection: Connection): void {
    this.#counters.closed++
    this.#topics.leave(connection)
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection.place)
    if (this.#connections.size === 0) this.#clock.delete(this.#ticking)
    this.#doorway.leave(connection.address)
    this.#drain?.look()
  }

  async #shutDown(plan: ShutdownPlan): Promise<DrainReport> {
    this.#doorway.close(RETRY_AFTER)
    for (const firstChunks of this.#firstChunks) firstChunks.stop()
    const stopped = closeServers(this.#listening)
    this.#drain = new Drain(this.#connections, this.#sessions, plan)
    const report = await this.#drain.run()
    this.#doorway.tearDown()
    for (const server of this.#listening) server.closeAllConnections()
    await stopped
    for (const detach of this.#attached.values()) detach()
    return report
  }
}

function checkPlan(options: CloseOptions): ShutdownPlan {
  checkNames(options, ['code', 'reason', 'timeout', 'batch'])
  const { code = CloseCode.goingAway, reason = '', batch } = options
  if (batch !== undefined) checkNames(batch, ['size', 'interval'])
  writeClosePayload(code, reason)
  const size = checkCount('batch.size', batch?.size, Number.POSITIVE_INFINITY)
  const interval = checkTimer('batch.interval', batch?.interval, 0)
  return { code, reason, timeout: checkTimer('timeout', options.timeout, 10_000), batch: { size, interval } }
}

/** The shortest time that the clock has to be precise enough for. */
function shortestDeadline({ limits, writeTimeout, pingInterval, pongTimeout }: RouteSettings): number {
  return Math.min(limits.closeTimeout, limits.messageTimeout, writeTimeout, pingInterval, pongTimeout)
}

/** Answers an ordinary request where nobody else does. */
function answerRequest(request: IncomingMessage, response: ServerResponse): void {
  const verdict = validateRequest(request, { origin: 'any' })
  const { status, headers, body } = verdict.ok
    ? reject(404, 'there is nothing here but a WebSocket')
    : verdict
  const fields = [
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['Content-Length', String(Buffer.byteLength(body))],
  ]
  response.shouldKeepAlive = false
  response.writeHead(status, [...fields, ...headers].flat())
  response.end(body)
}
