// The path of an upgrade request, from its arrival to the 101 or the rejection.

import type { Duplex } from 'node:stream'
import { isClosed } from '@ws/connection'
import { formatExtensions, parseTarget, type Rejection, reject, validateRequest } from '@ws/handshake'
import type { Extension } from '@ws/protocol'
import { Cancellation } from '../cancellation.ts'
import type { Upgraded } from '../handlers.ts'
import type { IncomingRequest } from '../http/incoming-request.ts'
import { isAnswering, isUnfinished, responseWritten } from '../http/pipelining.ts'
import type { RequestChecks } from '../http/request-checks.ts'
import type { ResolvedRoute } from '../options/route-options.ts'
import type { ServerSettings } from '../options/server-options.ts'
import type { PathPattern } from '../path-template.ts'
import { handshakeChannel } from '../telemetry/handshake-channel.ts'
import { reportServerError } from '../telemetry/report-error.ts'
import type { Counters } from '../telemetry/stats.ts'
import { UpgradeRequest } from '../upgrade-request.ts'
import type { AcceptedUpgrade } from './accepted-upgrade.ts'
import type { ConnectionLimits } from './connection-limits.ts'
import { decide } from './decision.ts'
import { KeptRequest } from './kept-request.ts'
import { type NegotiatedExtension, negotiateExtension } from './negotiate-extension.ts'
import { PendingUpgrade } from './pending-upgrade.ts'
import { endTransport, formatAccepted, writeRejection } from './response.ts'
import type { Match, Router } from './router.ts'

const RETRY = [['Retry-After', '5']] as const
const NOT_FOUND = reject(404, 'there is no WebSocket at this path (RFC 9110 §15.5.5)')
const BUSY = reject(503, 'too many handshakes are under way (RFC 9110 §15.6.4)', RETRY)
const LATE = reject(503, 'the handshake took too long (RFC 9110 §15.6.4)', RETRY)
const FAILED = reject(500, 'the handshake failed (RFC 9110 §15.6.1)')

/** A route that the caller has chosen, and the result of its `upgrade` if that is not to be called. */
export interface RouteChoice {
  readonly route: ResolvedRoute
  /** The pattern of its path, if it has parameters. */
  readonly pattern: PathPattern | undefined
  readonly accepted: Upgraded<unknown> | undefined
}

/** Answers the upgrade requests of a server. */
export class UpgradeHandler {
  /** For diagnostics events. */
  readonly #server: object
  readonly #settings: ServerSettings
  readonly #router: Router
  readonly #counters: Counters
  readonly #onAccepted: (accepted: AcceptedUpgrade) => void
  readonly #limits: ConnectionLimits
  readonly #pending = new Set<PendingUpgrade>()
  /** Transports whose rejection has not been read yet. */
  readonly #rejected = new Set<Duplex>()
  /** The answer to every request since `close`. */
  #closed: Rejection | undefined

  constructor(
    server: object,
    settings: ServerSettings,
    router: Router,
    counters: Counters,
    limits: ConnectionLimits,
    onAccepted: (accepted: AcceptedUpgrade) => void,
  ) {
    this.#server = server
    this.#settings = settings
    this.#router = router
    this.#counters = counters
    this.#onAccepted = onAccepted
    this.#limits = limits
  }

  /**
   * Answers a request on a transport that the server owns; `head` is what the client sent behind
   * it, and `choice` the route if the caller has chosen it. Runs to its end at once unless `upgrade`
   * returns a promise, or an earlier response is being written. Never rejects.
   */
  async handle(
    request: IncomingRequest,
    transport: Duplex,
    head: Uint8Array,
    checks: RequestChecks,
    choice?: RouteChoice,
  ): Promise<void> {
    // The response to an earlier request must not land between frames.
    if (isAnswering(transport) && !(await this.#awaitResponses(transport, checks))) return

    if (isClosed(transport)) {
      transport.destroy()
      return
    }

    // Find the route. A pattern of the application may throw.
    let match: Match | undefined
    try {
      match = choice === undefined ? this.#match(request.head.url) : choose(choice, request.head.url)
    } catch (error) {
      reportServerError(this.#server, this.#counters, this.#settings.base.errorHandler, error)
      this.#reject(request, transport, FAILED)
      return
    }

    // Validate the request (RFC 6455 §4.2.1), its host and its origin included.
    const origin = match?.route.settings.origin ?? 'any'
    const { hosts, limits } = checks
    const valid = this.#closed ?? validateRequest(request.head, { origin, hosts, limits })
    if (!valid.ok) {
      this.#reject(request, transport, valid)
      return
    }
    if (match === undefined) {
      this.#reject(request, transport, NOT_FOUND)
      return
    }
    const { route, params } = match
    const { settings, handlers, errorHandler } = route

    // Count it, until its connection is gone or it is turned away.
    const remoteAddress = this.#settings.trustProxy.clientAddress(
      request.remoteAddress,
      request.head.rawHeaders,
    )
    const exceeded = this.#limits.enter(remoteAddress)
    if (exceeded !== undefined) {
      this.#reject(request, transport, exceeded)
      return
    }
    const turnAway = (rejection: Rejection): void => {
      this.#limits.leave(remoteAddress)
      this.#reject(request, transport, rejection)
    }
    const fail = (error: unknown): void => {
      reportServerError(this.#server, this.#counters, errorHandler, error)
      turnAway(FAILED)
    }

    // Ask the application. What the client sends until it answers is kept.
    const asksUpgrade = choice?.accepted === undefined && handlers.upgrade !== undefined
    if (asksUpgrade && this.#pending.size >= this.#settings.maxPendingUpgrades) {
      turnAway(BUSY)
      return
    }
    const cancellation = new Cancellation()
    let decision = decide(
      choice?.accepted,
      handlers,
      () => new UpgradeRequest(valid, request, remoteAddress, params, cancellation),
    )
    let received = head
    if (decision instanceof Promise) {
      const pending = new PendingUpgrade(transport, head, settings.handshakeTimeout, why => {
        this.#pending.delete(pending)
        const rejection = this.#closed ?? LATE
        cancellation.cancel(new Error(why === 'left' ? 'the client has left' : rejection.body))
        if (why === 'late') turnAway(rejection)
        else {
          this.#limits.leave(remoteAddress)
          transport.destroy()
        }
      })
      this.#pending.add(pending)
      decision = await decision
      const kept = pending.settle()
      this.#pending.delete(pending)
      if (kept === undefined) return
      received = kept
    }
    if (decision.kind === 'reject') {
      turnAway(decision.rejection)
      return
    }
    if (decision.kind === 'error') {
      fail(decision.error)
      return
    }
    // `upgrade` itself may have closed the server.
    if (this.#closed !== undefined) {
      turnAway(this.#closed)
      return
    }

    // Negotiate the subprotocol and the extension, and answer 101 (RFC 6455 §4.2.2).
    const { data, headers, extensions = settings.extensions } = decision.upgraded
    const protocol =
      decision.upgraded.protocol ?? settings.protocols.find(name => valid.protocols.includes(name))
    let negotiated: NegotiatedExtension | undefined
    let extension: Extension | undefined
    try {
      negotiated = negotiateExtension(valid, extensions)
      const response = formatAccepted(valid, protocol, headers, negotiated?.header)
      extension = negotiated?.create()
      this.#announce(request, 101)
      transport.write(response, 'latin1')
    } catch (error) {
      fail(error)
      return
    }
    this.#onAccepted({
      transport,
      head: received,
      path: valid.path,
      search: valid.search,
      origin: valid.origin,
      protocol: protocol ?? '',
      extensions: negotiated === undefined ? '' : formatExtensions([negotiated.header]),
      remoteAddress,
      request: settings.keepRequest ? new KeptRequest(request.head) : undefined,
      data,
      extension,
      route,
    })
  }

  /**
   * Whether there is a route for this request target. Also true if a pattern of the application
   * throws.
   */
  hasRoute(url: string | undefined): boolean {
    try {
      return this.#match(url) !== undefined
    } catch {
      return true
    }
  }

  /** The connection of an accepted request from this address is gone. */
  leave(remoteAddress: string): void {
    this.#limits.leave(remoteAddress)
  }

  /** Rejects all requests from now on, those that wait for `upgrade` included. */
  close(retryAfter: number): void {
    this.#closed = reject(503, 'the server is closing (RFC 9110 §15.6.4)', [
      ['Retry-After', String(retryAfter)],
    ])
    for (const pending of this.#pending) pending.interrupt('late')
  }

  /** Ends rejected transports as soon as their rejection has been written. */
  terminate(): void {
    for (const transport of this.#rejected) {
      if (transport.writableFinished || isAnswering(transport)) transport.destroy()
      else transport.on('finish', () => transport.destroy())
    }
  }

  /** Counts a connection whose request another program has answered; see `leave`. */
  enter(remoteAddress: string): Rejection | undefined {
    return this.#closed ?? this.#limits.enter(remoteAddress)
  }

  #match(url: string | undefined): Match | undefined {
    const target = parseTarget(url ?? '')
    return target && this.#router.find(target.path)
  }

  /**
   * Waits until the responses to earlier requests have been written, if all of them have been ended.
   * Otherwise closes the connection behind them: "A server MAY ignore a received Upgrade header
   * field" (RFC 9110 §7.8). Returns whether the request is to be answered.
   */
  async #awaitResponses(transport: Duplex, { isOwnServer }: RequestChecks): Promise<boolean> {
    if (isOwnServer) this.#addRejected(transport)
    let isIgnored = false
    while (isAnswering(transport)) {
      if (isUnfinished(transport) && !isIgnored) {
        isIgnored = true
        this.#counters.refused++
        transport.resume()
      }
      await responseWritten(transport)
    }
    this.#rejected.delete(transport)
    if (isIgnored) {
      this.#addRejected(transport)
      endTransport(transport)
    }
    return !isIgnored
  }

  #reject(request: IncomingRequest, transport: Duplex, rejection: Rejection): void {
    this.#counters.refused++
    this.#announce(request, rejection.status, rejection.body)
    this.#addRejected(transport)
    writeRejection(transport, rejection)
  }

  #addRejected(transport: Duplex): void {
    this.#rejected.add(transport)
    transport.on('close', () => this.#rejected.delete(transport))
  }

  #announce(request: IncomingRequest, status: number, reason?: string): void {
    if (!handshakeChannel.hasSubscribers) return
    const message = { request: request.message, status, server: this.#server }
    handshakeChannel.publish(reason === undefined ? message : { ...message, reason })
  }
}

/** The chosen route; undefined if its parameters are needed and not found. */
function choose({ route, pattern, accepted }: RouteChoice, url = ''): Match | undefined {
  if (pattern === undefined || accepted !== undefined) return { route, params: {} }
  const found = pattern.exec({ pathname: parseTarget(url)?.path ?? '' })
  return found === null ? undefined : { route, params: found.pathname.groups }
}
