// A WebSocket server: takes upgrade requests from HTTP servers, its own or others, and keeps account of the sockets they become.

import { Buffer } from 'node:buffer'
import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { type Judged, judge, type Refusal, refuse } from '@ws/handshake'
import { CloseCode, writeClosePayload } from '@ws/protocol'
import { Admission } from './admission.ts'
import { Clock } from './clock.ts'
import { Connection, type ConnectionOwner } from './connection.ts'
import { addressesOf, closeServers, LOOPBACK, listenOn } from './listen.ts'
import { checkOptions, type ServerOptions, type Settings } from './options.ts'
import type { Socket } from './socket.ts'
import { claim, hasLeft, isClaimed, remoteAddressOf, writeAcceptance, writeRefusal } from './upgrade.ts'

/** Where a server listens. */
export interface Listening {
  readonly port: number
  /** The addresses, one or several of the machine's. */
  readonly addresses: readonly string[]
}

/** How a server closes. */
export interface CloseOptions {
  /** What the sockets are closed with; 1001, "going away" (RFC 6455 §7.4.1). */
  readonly code?: number
  /** At most 123 bytes of UTF-8; empty. */
  readonly reason?: string
  /** Milliseconds until those that have not closed by then are torn down; 10,000. */
  readonly timeout?: number
}

/** The longest that Node's timers can wait; for more they would not wait at all. */
const LONGEST_TIMEOUT = 2 ** 31 - 1

/** A WebSocket server. */
export class WebSocketServer {
  readonly #settings: Settings
  readonly #admission: Admission
  readonly #clock: Clock
  readonly #owner: ConnectionOwner
  readonly #sockets = new Set<Socket>()
  /** Those whose transport still exists, after their close report too. */
  readonly #connections = new Set<Connection>()
  /** Transports that are being told no. */
  readonly #refused = new Set<Duplex>()
  readonly #listening: HttpServer[] = []
  readonly #attached = new Set<HttpServer | HttpsServer>()
  #closed: Promise<void> | undefined
  #emptied: (() => void) | undefined

  /** Throws a `TypeError` or a `RangeError` for an option that is not accepted, saying what is. */
  constructor(options: ServerOptions = {}) {
    this.#settings = checkOptions(options)
    this.#admission = new Admission(this.#settings)
    const { closeTimeout, messageTimeout } = this.#settings.limits
    this.#clock = new Clock(Math.min(closeTimeout, messageTimeout))
    this.#owner = {
      closed: connection => this.#sockets.delete(connection.socket),
      gone: connection => this.#forget(connection),
    }
  }

  /** The sockets that are open or closing. */
  get sockets(): ReadonlySet<Socket> {
    return this.#sockets
  }

  /**
   * Listens with an HTTP server of its own; `port` 0 takes any that is free. Without `host` only on loopback, IPv4 and IPv6:
   * nobody but this machine can connect. Rejects as `net.Server.listen` does, with `EADDRINUSE` for a port in use.
   */
  async listen(port: number, host: string | readonly string[] = LOOPBACK): Promise<Listening> {
    this.#checkNotClosed()
    const servers = await listenOn(
      typeof host === 'string' ? [host] : host,
      port,
      this.#settings.request ?? answerRequest,
    )
    if (this.#closed !== undefined) await closeServers(servers)
    this.#checkNotClosed()
    this.#listening.push(...servers)
    for (const server of servers) this.attach(server)
    const addresses = addressesOf(servers)
    return { port: addresses[0]!.port, addresses: addresses.map(({ address }) => address) }
  }

  /**
   * Takes the upgrade requests of an HTTP or HTTPS server of yours, which stays yours to listen with and to close. Throws an
   * `Error` after `close`.
   */
  attach(server: HttpServer | HttpsServer): void {
    this.#checkNotClosed()
    if (this.#attached.has(server)) return
    this.#attached.add(server)
    server.on('upgrade', this.#onUpgrade)
  }

  /**
   * Takes one upgrade request, with what an `upgrade` event brings; for those who route requests themselves. The answer, a 101
   * or a refusal, is written here. Throws an `Error` if this transport has been given to a server before.
   */
  handleUpgrade(request: IncomingMessage, transport: Duplex, head: Uint8Array): void {
    claim(transport)
    const verdict = this.#judge(request, transport)
    if (verdict === undefined) transport.destroy()
    else if (verdict.ok) this.#open(verdict, request, transport, head)
    else this.#refuse(verdict, transport)
  }

  /**
   * Listens no more, refuses new upgrades with 503, closes all sockets, and resolves when they are gone; those that are not by
   * then are torn down after `timeout`, and what ordinary requests are still under way where `listen` was called end with them.
   * A second call gives the same promise. Throws a `RangeError` or a `TypeError` for a code or a reason that no Close frame can
   * carry, and for a timeout that is none.
   */
  close(options: CloseOptions = {}): Promise<void> {
    const { code = CloseCode.goingAway, reason = '', timeout = 10_000 } = options
    writeClosePayload(code, reason)
    if (typeof timeout !== 'number') throw new TypeError(`timeout must be a number, not ${typeof timeout}`)
    if (!(timeout >= 0 && timeout <= LONGEST_TIMEOUT))
      throw new RangeError(`timeout must be from 0 to ${LONGEST_TIMEOUT} milliseconds, not ${timeout}`)
    this.#closed ??= this.#shutDown(code, reason, timeout)
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  readonly #onUpgrade = (request: IncomingMessage, transport: Duplex, head: Uint8Array): void => {
    if (!isClaimed(transport)) this.handleUpgrade(request, transport, head)
  }

  #checkNotClosed(): void {
    if (this.#closed !== undefined) throw new Error('the server has been closed')
  }

  /** What to answer; undefined if there is nobody left to be answered. */
  #judge(request: IncomingMessage, transport: Duplex): Judged | Refusal | undefined {
    if (hasLeft(transport)) return undefined
    if (this.#closed !== undefined)
      return refuse(503, 'the server is closing (RFC 9110 §15.6.4)', [['Retry-After', '5']])
    const verdict = judge(request, { origin: this.#settings.origin })
    return verdict.ok ? (this.#admission.enter(remoteAddressOf(request)) ?? verdict) : verdict
  }

  #open(judged: Judged, request: IncomingMessage, transport: Duplex, head: Uint8Array): void {
    const protocol = this.#settings.subprotocols.find(name => judged.subprotocols.includes(name))
    const { path, search, origin } = judged
    const info = { path, search, origin, protocol: protocol ?? '', remoteAddress: remoteAddressOf(request) }
    const connection = new Connection(transport, info, this.#settings, this.#owner)
    this.#connections.add(connection)
    this.#sockets.add(connection.socket)
    this.#clock.add(connection)
    writeAcceptance(transport, judged, { subprotocol: protocol })
    connection.open(head)
  }

  #refuse(refusal: Refusal, transport: Duplex): void {
    this.#refused.add(transport)
    transport.on('close', () => this.#refused.delete(transport))
    writeRefusal(transport, refusal)
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection)
    this.#clock.delete(connection)
    this.#admission.leave(connection.socket.remoteAddress)
    if (this.#connections.size === 0) this.#emptied?.()
  }

  async #shutDown(code: number, reason: string, timeout: number): Promise<void> {
    const stopped = closeServers(this.#listening)
    const emptied = new Promise<void>(resolve => {
      this.#emptied = resolve
      if (this.#connections.size === 0) resolve()
    })
    for (const socket of this.#sockets) socket.close(code, reason)
    const timer = setTimeout(() => this.#tearDown(), timeout)
    await emptied
    for (const transport of this.#refused) transport.destroy()
    for (const server of this.#listening) server.closeAllConnections()
    await stopped
    clearTimeout(timer)
    for (const server of this.#attached) server.off('upgrade', this.#onUpgrade)
  }

  #tearDown(): void {
    for (const connection of this.#connections) connection.tearDown()
  }
}

/** Answers an ordinary request where nobody else does. */
function answerRequest(request: IncomingMessage, response: ServerResponse): void {
  const verdict = judge(request, { origin: 'any' })
  const { status, headers, body } = verdict.ok
    ? refuse(404, 'there is nothing here but a WebSocket')
    : verdict
  const fields = [
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['Content-Length', String(Buffer.byteLength(body))],
  ]
  response.shouldKeepAlive = false
  response.writeHead(status, [...fields, ...headers].flat())
  response.end(body)
}
