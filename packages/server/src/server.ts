// A WebSocket server: takes upgrade requests from HTTP servers, its own or others, and keeps the
// connections that come of them.

import type { Server as HttpServer, RequestListener } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  Connection,
  type ConnectionOwner,
  ConnectionSet,
  isClosed,
  type RequireFormat,
  type SocketHandshake,
} from '@ws/connection'
import { checkNames, shortestDeadline } from '@ws/connection/internal'
import { type Extension, type Message, type Sendable, type State, writeClosePayload } from '@ws/protocol'
import type { RequireUpgrade, Upgraded } from './handlers.ts'
import { type AttachedServer, attachTo, type UpgradeEmitter } from './http/attach.ts'
import { answerMisdirected, answerRequest } from './http/default-handler.ts'
import { FastPath, type OnUpgrade } from './http/fast-path.ts'
import { guardHandler } from './http/guard-handler.ts'
import { IncomingRequest, type RequestLike } from './http/incoming-request.ts'
import {
  closeServers,
  describeListening,
  type Listening,
  type ListenOptions,
  listenOn,
  listenOnFile,
  type OwnRequestListener,
  resolveListenOptions,
} from './http/listen.ts'
import { type OwnChecks, ownChecks, type RequestChecks, sharedChecks } from './http/request-checks.ts'
import { isTaken, takeTransport } from './http/take-transport.ts'
import { MemoryBudget } from './memory-budget.ts'
import {
  checkRouteNames,
  type ResolvedRoute,
  type RouteOptions,
  resolveRoute,
} from './options/route-options.ts'
import { resolveServerOptions, type ServerOptions, type ServerSettings } from './options/server-options.ts'
import type { ParamsOf, PathPattern } from './path-template.ts'
import type { SocketPublishOptions } from './pubsub/publish-options.ts'
import { Topics } from './pubsub/topics.ts'
import type { Route } from './route.ts'
import {
  type CloseOptions,
  resolveCloseOptions,
  Shutdown,
  type ShutdownPlan,
  type ShutdownReport,
} from './shutdown.ts'
import { connectionOf, type ServerConnection, ServerSocket, type Socket } from './socket.ts'
import { ConnectedSockets, RouteSockets, type SocketSet } from './socket-set.ts'
import { overflowChannel } from './telemetry/overflow-channel.ts'
import { reportServerError } from './telemetry/report-error.ts'
import { Counters, type Stats } from './telemetry/stats.ts'
import type { AcceptedUpgrade } from './upgrade/accepted-upgrade.ts'
import { ConnectionLimits } from './upgrade/connection-limits.ts'
import { isUpgraded } from './upgrade/decision.ts'
import { Router } from './upgrade/router.ts'
import { type RouteChoice, UpgradeHandler } from './upgrade/upgrade-handler.ts'

/** Options of `publish`; see `SlowPolicy`. */
export type PublishOptions = SocketPublishOptions & {
  /** A socket that does not get the message. */
  readonly except?: Socket
}

/** The facts of an opening handshake that you have done; empty strings by default. */
export type AdoptOptions<Data = undefined> = Partial<SocketHandshake> & {
  /** The negotiated extension. */
  readonly extension?: Extension
} & (undefined extends Data ? { readonly data?: Data } : { readonly data: Data })

const ADOPT_OPTIONS = [
  'data',
  'extension',
  'path',
  'search',
  'origin',
  'protocol',
  'extensions',
  'remoteAddress',
  'request',
]

/** Seconds after which clients should try again when the server is closing. */
const RETRY_AFTER = 5

const NOTHING = new Uint8Array(0)

/** A route, and what the server keeps for its sockets. */
interface ServedRoute {
  readonly route: ResolvedRoute
  readonly sockets: RouteSockets
  readonly owner: ConnectionOwner<Connection<Socket>>
}

/**
 * A WebSocket server. `Data` is what `upgrade` returns for sockets on paths without a route, `Value`
 * what their `message` receives: these are its own, and it is their `Route`.
 */
export class WebSocketServer<Data = undefined, Value = Message> implements Route<Data>, AsyncDisposable {
  readonly #settings: ServerSettings
  readonly #router = new Router()
  readonly #counters = new Counters()
  readonly #upgrades: UpgradeHandler
  /** All whose transport exists, even after their close report. */
  readonly #connections: ConnectionSet<Connection<Socket>>
  readonly #budget: MemoryBudget
  readonly #topics: Topics<ServerConnection>
  readonly #routes = new Map<ResolvedRoute, ServedRoute>()
  readonly #own: ServedRoute
  /** For requests from HTTP servers that are not our own. */
  readonly #sharedChecks: RequestChecks
  readonly #listener: RequestListener
  readonly #sessions = new Set<Promise<void>>()
  readonly #listening: HttpServer[] = []
  readonly #fastPaths: FastPath[] = []
  readonly #attached = new Map<UpgradeEmitter, () => void>()
  #lastId = 0
  #shutdown: Shutdown | undefined
  #closed: Promise<ShutdownReport> | undefined
  #state: State = 'open'
  /** Aborted when `close` has waited for its delay: from then on everything is rejected. */
  readonly #closing = new AbortController()

  /** Throws a `TypeError` or a `RangeError` that says what an option accepts. */
  constructor(
    options: ServerOptions<Data, Value> & RequireUpgrade<Data> & RequireFormat<Value> = {} as never,
  ) {
    this.#settings = resolveServerOptions(options as unknown as ServerOptions)
    const { base, maxTopics, maxTotalBuffered } = this.#settings
    this.#router.setRest(base)
    this.#connections = new ConnectionSet(shortestDeadline(base.settings))
    this.#budget = new MemoryBudget(maxTotalBuffered, this.#connections, ({ buffered, closed }) => {
      this.#counters.overflowed += closed
      if (!overflowChannel.hasSubscribers) return
      overflowChannel.publish({ buffered, limit: maxTotalBuffered, closed, server: this })
    })
    this.#topics = new Topics({ maxTopics })
    const limits = new ConnectionLimits(this.#settings, this.#budget)
    this.#upgrades = new UpgradeHandler(
      this,
      this.#settings,
      this.#router,
      this.#counters,
      limits,
      accepted => void this.#open(accepted),
    )
    this.#own = this.#serve(base)
    this.#listener = guardHandler(this.#settings.http ?? answerRequest, error =>
      reportServerError(this, this.#counters, base.errorHandler, error),
    )
    this.#sharedChecks = sharedChecks(this.#settings.hosts)
  }

  /** The sockets on paths without a route that are open or closing. */
  get sockets(): SocketSet<Data> {
    return this.#own.sockets as SocketSet<Data>
  }

  /**
   * `closing` from `close` on, and `closed` when its promise has resolved: for a readiness probe.
   */
  get state(): State {
    return this.#state
  }

  /** The counters, for the sockets of all routes. */
  stats(): Stats {
    let buffered = 0
    let unread = 0
    for (const { output, protocol } of this.#connections) {
      buffered += output.bufferedAmount
      unread += protocol.inputMemory
    }
    const { dropped } = this.#topics
    return { ...this.#counters, sockets: this.#openSockets, buffered, unread, dropped }
  }

  /**
   * Gives the sockets of a path their own handlers and options. Options that are left out, and the
   * handler `error`, are as the server has them; other handlers are not inherited. The path is a
   * string such as `/chat` or `/rooms/:id` (a parameter is one segment; a last segment `*` takes
   * the rest, the rest is literal), or a `URLPattern`. Paths without parameters are tried first,
   * the others in the order in which they were added. If a server has routes and no handlers of its
   * own, other paths are answered 404. Throws as the constructor does, and an `Error` for a path
   * that has a route.
   */
  route<const Path extends string | PathPattern, RouteData = undefined, RouteValue = Message>(
    path: Path,
    options: RouteOptions<RouteData, RouteValue, ParamsOf<Path>> &
      RequireUpgrade<RouteData> &
      RequireFormat<RouteValue>,
  ): Route<RouteData> {
    checkRouteNames(options)
    const route = resolveRoute(options as unknown as RouteOptions, this.#settings.base)
    const pattern = this.#router.add(path, route)
    this.#connections.serve(shortestDeadline(route.settings))
    if (!this.#settings.handlesRest) this.#router.setRest(undefined)
    return {
      sockets: this.#serve(route).sockets as SocketSet<RouteData>,
      handleUpgrade: (request, transport, head, accepted) =>
        this.#take(request, transport, head, this.#sharedChecks, {
          route,
          pattern,
          accepted: checkAccepted(accepted),
        }),
    }
  }

  /**
   * Listens with an HTTP server of its own, given a port or options. Without `host` or `path` it
   * listens on loopback only, IPv4 and IPv6, so that other machines cannot connect. Rejects as
   * `net.Server.listen` does, with `EADDRINUSE` for a port in use, and with a `TypeError` or a
   * `RangeError` for wrong options.
   */
  async listen(where: number | ListenOptions = {}): Promise<Listening> {
    this.#checkNotClosed()
    const { port, hosts, file, signal } = resolveListenOptions(where)
    signal?.throwIfAborted()
    const { trustProxy, ...settings } = this.#settings
    const checks = new Map<HttpServer, OwnChecks>()
    // Its address decides, which it has when it is first asked.
    const checksOf = (server: HttpServer): OwnChecks => {
      const known = checks.get(server)
      const found = known ?? ownChecks(server, hosts, { ...settings, isBehindProxy: !trustProxy.isEmpty })
      if (known === undefined) checks.set(server, found)
      return found
    }
    const onRequest: OwnRequestListener = (request, response, server) => {
      if (!answerMisdirected(request, response, checksOf(server).hosts)) this.#listener(request, response)
    }
    const servers =
      file === undefined
        ? await listenOn(hosts, port, onRequest, settings)
        : await listenOnFile(file, onRequest, settings)
    if (this.#closed !== undefined || signal?.aborted) await closeServers(servers)
    signal?.throwIfAborted()
    this.#checkNotClosed()
    this.#listening.push(...servers)
    for (const server of servers) {
      const own = checksOf(server)
      this.#attach(server, own)
      const onUpgrade: OnUpgrade = (request, socket, head) => this.#handle(request, socket, head, own)
      this.#fastPaths.push(new FastPath(server, onUpgrade, undefined, own.limits))
    }
    const closed = this.#closing.signal
    signal?.addEventListener('abort', () => void this.close(), { once: true, signal: closed })
    return describeListening(servers, hosts, file)
  }

  /**
   * Takes the upgrade requests of an HTTP server (`node:http`, `node:https`, `node:http2` with
   * `allowHTTP1`), or of anything that emits `upgrade` like one. It remains yours to listen with
   * and to close. Several servers can be attached to it; they are asked in order. Other `upgrade`
   * listeners are left alone: they get the requests for paths that no attached server knows. If
   * there are none, or they do not answer within `handshakeTimeout`, such a request is answered
   * 404. Some listeners do not leave others alone: `ws` with its option `server` answers 400 to
   * every path but its own, so use its `noServer`. Throws an `Error` after `close`.
   */
  attach(server: UpgradeEmitter): void {
    this.#checkNotClosed()
    if (!this.#attached.has(server)) this.#attach(server, this.#sharedChecks)
  }

  /**
   * Answers one upgrade request, given the arguments of an `upgrade` event, with the route of its
   * path. For programs that take requests themselves. With `accepted`, which is what `upgrade`
   * would return, it becomes one of the server's own sockets, and `upgrade` is not called. An
   * invalid request is rejected in any case. Throws, and leaves the transport untouched, if it was
   * passed to a server before, or if the arguments are not those of an `upgrade` event.
   */
  handleUpgrade(request: RequestLike, transport: Duplex, head?: Uint8Array, accepted?: Upgraded<Data>): void {
    const checked = checkAccepted(accepted)
    const { route } = this.#own
    const choice = checked && { route, pattern: undefined, accepted: checked }
    this.#take(request, transport, head, this.#sharedChecks, choice)
  }

  /**
   * Takes over a transport whose 101 you have written yourself; `head` is what the client sent
   * behind its request. It becomes one of the server's own sockets, which counts towards the
   * limits, and `upgrade` is not called. Calls the `open` handler before it returns. Throws, and
   * leaves the transport untouched, for wrong options, on a closed server or above its limits, and
   * for a transport that has closed or was passed to a server before.
   */
  adopt(transport: Duplex, head: Uint8Array, options: AdoptOptions<Data>): Socket<Data> {
    this.#checkNotClosed()
    checkNames(options, ADOPT_OPTIONS)
    const { data, extension, ...given } = options
    const handshake = { ...handshakeOf(transport), extensions: extension?.name ?? '', ...given }
    if (isClosed(transport)) throw new Error('the transport has closed')
    // A transport that is taken is not counted: taking it throws.
    const rejection = isTaken(transport) ? undefined : this.#upgrades.enter(handshake.remoteAddress)
    if (rejection !== undefined) throw new Error(rejection.body)
    takeTransport(transport)
    const { route } = this.#own
    return this.#open({ ...handshake, transport, head, data, extension, route }) as Socket<Data>
  }

  /**
   * Sends a message, encoded once, to all open sockets that are subscribed to a topic. Returns the
   * number of sockets of this process that it was sent to or is kept for: `slow` says what happens
   * to a socket that has reached its high-water mark. Throws a `TypeError` or a `RangeError` for
   * wrong options.
   */
  publish(topic: string, data: Sendable, options?: PublishOptions): number {
    if (options === undefined) return this.#topics.publish(topic, data)
    const { except, ...rest } = options
    if (except === undefined) return this.#topics.publish(topic, data, rest)
    const connection = connectionOf(except)
    if (connection === undefined) throw new TypeError('except must be a socket of a server')
    return this.#topics.publish(topic, data, rest, connection)
  }

  /** The sockets that are subscribed to a topic, for example all those of one user. */
  subscribers(topic: string): SocketSet {
    return new ConnectedSockets(() => this.#topics.subscribers(topic))
  }

  /**
   * Closes all sockets that are subscribed to a topic, for example all those of a user who has
   * logged out. Returns the number of open sockets of this process that it was. Throws as
   * `Socket.close` does.
   */
  closeSubscribers(topic: string, code?: number, reason?: string): number {
    // So that a wrong code throws whether or not there are any.
    writeClosePayload(code, reason)
    let count = 0
    for (const socket of this.subscribers(topic)) {
      if (socket.state !== 'open') continue
      socket.close(code, reason)
      count++
    }
    return count
  }

  /**
   * Waits for `delay`, stops listening, answers new upgrades with 503, waits for pending handlers,
   * closes all sockets, and resolves when they are gone. Those that are left after `timeout` are
   * terminated, and with them ordinary requests in progress where `listen` was called. A second
   * call returns the same promise. Throws a `RangeError` or a `TypeError` for a code or reason that must not be sent, and
   * for an invalid timeout or batch.
   */
  close(options: CloseOptions = {}): Promise<ShutdownReport> {
    const plan = resolveCloseOptions(options)
    if (this.#closed === undefined) {
      this.#state = 'closing'
      this.#closed = this.#shutDown(plan)
    }
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

  #attach(server: UpgradeEmitter, checks: RequestChecks): void {
    const { signal } = this.#closing
    const attachment: AttachedServer = {
      patience: this.#settings.base.settings.handshakeTimeout,
      get isClosing() {
        return signal.aborted
      },
      hasRoute: request => this.#upgrades.hasRoute(request.url),
      handle: (request, transport, head) => this.#take(request, transport, head, checks),
    }
    this.#attached.set(server, attachTo(server, attachment))
  }

  #take(
    request: RequestLike,
    transport: Duplex,
    head: Uint8Array | undefined,
    checks: RequestChecks,
    choice?: RouteChoice,
  ): void {
    this.#handle(IncomingRequest.of(request, transport), transport, head ?? NOTHING, checks, choice)
  }

  #handle(
    request: IncomingRequest,
    transport: Duplex,
    head: Uint8Array,
    checks: RequestChecks,
    choice?: RouteChoice,
  ): void {
    takeTransport(transport)
    void this.#upgrades.handle(request, transport, head, checks, choice)
  }

  #serve(route: ResolvedRoute): ServedRoute {
    const sockets = new RouteSockets(this.#connections, route)
    const owner: ConnectionOwner<Connection<Socket>> = {
      counters: this.#counters,
      server: this,
      sessionStarted: session => this.#addSession(session),
      roomAvailable: connection => this.#topics.drained(connection),
      bufferedMemoryChanged: change => this.#budget.add(change),
      connectionClosed: connection => {
        sockets.size--
        this.#onConnectionClosed(connection)
      },
      connectionFinished: connection => this.#onConnectionFinished(connection),
    }
    const served = { route, sockets, owner }
    this.#routes.set(route, served)
    return served
  }

  #open(accepted: AcceptedUpgrade): Socket {
    const { transport, head, data, extension, route } = accepted
    const { owner, sockets } = this.#routes.get(route)!
    const connection = new Connection<Socket>({
      role: 'server',
      transport,
      config: route,
      extension,
      owner,
    })
    const socket = new ServerSocket(connection, this.#topics, accepted, ++this.#lastId, data)
    this.#counters.opened++
    sockets.size++
    this.#connections.add(connection)
    connection.open(socket, head, route.settings.shareTransport)
    return socket
  }

  #onConnectionClosed(connection: Connection<Socket>): void {
    this.#counters.closed++
    this.#topics.leave(connection)
  }

  #addSession(session: Promise<void>): void {
    const running = session.then(() => void this.#sessions.delete(running))
    this.#sessions.add(running)
  }

  #onConnectionFinished(connection: Connection<Socket>): void {
    this.#connections.delete(connection)
    this.#upgrades.leave(connection.socket.remoteAddress)
    this.#shutdown?.connectionGone()
  }

  async #shutDown(plan: ShutdownPlan): Promise<ShutdownReport> {
    if (plan.delay > 0) await new Promise(resolve => setTimeout(resolve, plan.delay))
    this.#closing.abort()
    this.#upgrades.close(RETRY_AFTER)
    for (const fastPath of this.#fastPaths) fastPath.stop()
    const stopped = closeServers(this.#listening)
    this.#shutdown = new Shutdown(this.#connections, this.#sessions, plan)
    const report = await this.#shutdown.run()
    this.#upgrades.terminate()
    for (const server of this.#listening) server.closeAllConnections()
    await stopped
    for (const detach of this.#attached.values()) detach()
    this.#state = 'closed'
    return report
  }
}

function handshakeOf(transport: Duplex): SocketHandshake {
  const { remoteAddress } = transport as { remoteAddress?: unknown }
  return {
    path: '',
    search: '',
    origin: undefined,
    protocol: '',
    extensions: '',
    remoteAddress: typeof remoteAddress === 'string' ? remoteAddress : '',
  }
}

/** Throws a `TypeError` for anything but a result that accepts. */
function checkAccepted<Data>(accepted: Upgraded<Data> | undefined): Upgraded<Data> | undefined {
  if (accepted !== undefined && !isUpgraded(accepted))
    throw new TypeError('accepted must be an object such as { data }, as upgrade returns it')
  return accepted
}
