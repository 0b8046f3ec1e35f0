// From an upgrade request to its answer: judged, routed, admitted, put to the `upgrade` handler, and then refused or opened.

import type { Duplex } from 'node:stream'
import { parseTarget, type Rejection, reject, type ValidRequest, validateRequest } from '@ws/handshake'
import type { Handlers, Upgraded } from '../handlers.ts'
import type { IncomingRequest } from '../http/incoming-request.ts'
import type { Match, RouteSettings, Routes } from '../options/route-options.ts'
import type { ServerSettings } from '../options/server-options.ts'
import { errorChannel, handshakeChannel } from '../telemetry/diagnostics.ts'
import { reportError } from '../telemetry/report-error.ts'
import type { Counters } from '../telemetry/stats.ts'
import { UpgradeRequest } from '../upgrade-request.ts'
import { Cancellation } from './cancellation.ts'
import { ConnectionLimits } from './connection-limits.ts'
import { type NegotiatedExtension, negotiateExtension } from './negotiate-extension.ts'
import { type Interruption, PendingUpgrade } from './pending-upgrade.ts'
import { formatAccepted, isClosed, rejectionFrom, writeRejection } from './response.ts'

/** A request that has been accepted: what a connection is made of. */
export interface AcceptedUpgrade {
  readonly transport: Duplex
  /** What the client sent behind its request. */
  readonly head: Uint8Array
  readonly judged: ValidRequest
  readonly data: unknown
  readonly protocol: string
  readonly extension: NegotiatedExtension | undefined
  readonly address: string
  readonly settings: RouteSettings
}

/** The door of a server. */
export class UpgradeHandler {
  readonly #settings: ServerSettings
  readonly #routes: Routes
  readonly #counters: Counters
  readonly #enter: (accepted: AcceptedUpgrade) => void
  readonly #admission: ConnectionLimits
  readonly #pending = new Set<PendingUpgrade>()
  /** Transports that are being told no. */
  readonly #refused = new Set<Duplex>()
  #closed: Rejection | undefined

  constructor(
    settings: ServerSettings,
    routes: Routes,
    counters: Counters,
    enter: (accepted: AcceptedUpgrade) => void,
  ) {
    this.#settings = settings
    this.#routes = routes
    this.#counters = counters
    this.#enter = enter
    this.#admission = new ConnectionLimits(settings)
  }

  /** Whether there is a route for this request target, or no telling, because a pattern of the user's failed. */
  knows(url: string | undefined): boolean {
    try {
      return this.#match(url) !== undefined
    } catch {
      return true
    }
  }

  /** Answers a request, now or when `upgrade` has decided. The transport has been claimed. */
  receive(arrival: IncomingRequest, transport: Duplex, head: Uint8Array): void {
    if (isClosed(transport)) {
      transport.destroy()
      return
    }
    let match: Match | undefined
    try {
      match = this.#match(arrival.head.url)
    } catch (error) {
      this.#report(this.#settings.base.onError, error)
      this.reject(arrival, transport, FAILED)
      return
    }
    const verdict = this.#closed ?? validateRequest(arrival.head, { origin: match?.settings.origin ?? 'any' })
    if (!verdict.ok) this.reject(arrival, transport, verdict)
    else if (match === undefined) this.reject(arrival, transport, NOT_FOUND)
    else this.#admit(verdict, match, arrival, transport, head)
  }

  /** Says no. */
  reject(arrival: IncomingRequest, transport: Duplex, refusal: Rejection): void {
    this.#counters.refused++
    announce(arrival, refusal.status)
    this.#refused.add(transport)
    transport.on('close', () => this.#refused.delete(transport))
    writeRejection(transport, refusal)
  }

  /** One that had entered is gone. */
  leave(address: string): void {
    this.#admission.leave(address)
  }

  /** Refuses everybody from here on, those too who wait for `upgrade`. */
  close(retryAfter: number): void {
    this.#closed = reject(503, 'the server is closing (RFC 9110 §15.6.4)', [
      ['Retry-After', String(retryAfter)],
    ])
    for (const pending of this.#pending) pending.interrupt('late')
  }

  /** Waits no longer for those who have been told no to leave; what they were told still reaches them. */
  tearDown(): void {
    for (const transport of this.#refused) {
      if (transport.writableFinished) transport.destroy()
      else transport.on('finish', () => transport.destroy())
    }
  }

  #match(url: string | undefined): Match | undefined {
    const target = parseTarget(url ?? '')
    return target && this.#routes.find(target.path)
  }

  #admit(
    judged: ValidRequest,
    match: Match,
    arrival: IncomingRequest,
    transport: Duplex,
    head: Uint8Array,
  ): void {
    const address = this.#settings.clientAddress(arrival.remoteAddress, arrival.head.rawHeaders)
    const attempt = { judged, match, arrival, transport, address }
    const refusal = this.#admission.enter(address)
    if (refusal !== undefined) this.reject(arrival, transport, refusal)
    else if (match.settings.handlers.upgrade === undefined) this.#open(attempt, { data: undefined }, head)
    else if (this.#pending.size < this.#settings.maxPendingUpgrades) this.#ask(attempt, head)
    else this.#turnAway(attempt, BUSY)
  }

  /** Puts the request to the `upgrade` handler. */
  #ask(attempt: Attempt, head: Uint8Array): void {
    const { judged, match, arrival, address } = attempt
    const { handlers } = match.settings
    const cancellation = new Cancellation()
    let answer: Answer
    try {
      answer = handlers.upgrade!(new UpgradeRequest(judged, arrival, address, match.params, cancellation))
    } catch (error) {
      this.#fail(attempt, error)
      return
    }
    if (isUpgraded(answer)) this.#open(attempt, answer, head)
    else this.#await(attempt, answer, head, cancellation)
  }

  /** Waits for the answer, or for the text of a `Response`. */
  #await(attempt: Attempt, answer: Answer, head: Uint8Array, cancellation: Cancellation): void {
    const { transport, match } = attempt
    const pending = new PendingUpgrade(transport, head, match.settings.handshakeTimeout, why => {
      this.#pending.delete(pending)
      this.#interrupt(attempt, why, cancellation)
    })
    this.#pending.add(pending)
    const settle = (goOn: (head: Uint8Array) => void): void => {
      const received = pending.settle()
      this.#pending.delete(pending)
      if (received !== undefined) goOn(received)
    }
    settled(answer).then(
      result =>
        settle(received => {
          if (isUpgraded(result)) this.#open(attempt, result, received)
          else this.#turnAway(attempt, result)
        }),
      error => settle(() => this.#fail(attempt, error)),
    )
  }

  #interrupt(attempt: Attempt, why: Interruption, cancellation: Cancellation): void {
    const refusal = this.#closed ?? LATE
    cancellation.cancel(new Error(why === 'left' ? 'the client has left' : refusal.body))
    if (why === 'late') this.#turnAway(attempt, refusal)
    else {
      this.#admission.leave(attempt.address)
      attempt.transport.destroy()
    }
  }

  #open(attempt: Attempt, upgraded: Upgraded<unknown>, head: Uint8Array): void {
    // By `upgrade` itself, perhaps: then it had not been waiting for anything.
    if (this.#closed !== undefined) {
      this.#turnAway(attempt, this.#closed)
      return
    }
    const { judged, match, arrival, transport, address } = attempt
    const { settings } = match
    const protocol =
      upgraded.protocol ?? settings.subprotocols.find(name => judged.subprotocols.includes(name))
    let extension: NegotiatedExtension | undefined
    let response: string
    try {
      extension = negotiateExtension(judged, settings.extensions)
      response = formatAccepted(judged, protocol, upgraded.headers, extension?.agreed)
    } catch (error) {
      this.#fail(attempt, error)
      return
    }
    announce(arrival, 101)
    transport.write(response, 'latin1')
    const { data } = upgraded
    this.#enter({
      transport,
      head,
      judged,
      data,
      protocol: protocol ?? '',
      extension,
      address,
      settings,
    })
  }

  /** The handler failed. */
  #fail(attempt: Attempt, error: unknown): void {
    this.#report(attempt.match.settings.onError, error)
    this.#turnAway(attempt, FAILED)
  }

  #report(onError: Handlers['onError'], error: unknown): void {
    this.#counters.errors++
    if (errorChannel.hasSubscribers) errorChannel.publish({ error, socket: undefined })
    reportError(onError, error, undefined)
  }

  /** Refuses one who had been admitted. */
  #turnAway({ arrival, transport, address }: Attempt, refusal: Rejection): void {
    this.#admission.leave(address)
    this.reject(arrival, transport, refusal)
  }
}

interface Attempt {
  readonly judged: ValidRequest
  readonly match: Match
  readonly arrival: IncomingRequest
  readonly transport: Duplex
  readonly address: string
}

type Answer = ReturnType<NonNullable<Handlers['upgrade']>>

const RETRY = [['Retry-After', '5']] as const
const NOT_FOUND = reject(404, 'there is no WebSocket at this path (RFC 9110 §15.5.5)')
const BUSY = reject(503, 'too many handshakes are under way (RFC 9110 §15.6.4)', RETRY)
const LATE = reject(503, 'the handshake took too long (RFC 9110 §15.6.4)', RETRY)
const FAILED = reject(500, 'the handshake failed (RFC 9110 §15.6.1)')

function announce(arrival: IncomingRequest, status: number): void {
  if (handshakeChannel.hasSubscribers) handshakeChannel.publish({ request: arrival.message, status })
}

function isUpgraded(answer: unknown): answer is Upgraded<unknown> {
  return typeof answer === 'object' && answer !== null && 'data' in answer
}

/** What an answer comes to. Rejects with a `TypeError` for what is none. */
async function settled(answer: Answer): Promise<Upgraded<unknown> | Rejection> {
  const result = await answer
  if (result instanceof Response) return rejectionFrom(result)
  if (isUpgraded(result)) return result
  throw new TypeError(
    'upgrade must return { data } (data: undefined will do) or a Response, or a promise of one',
  )
}
