// A chat that runs: a WebSocket server in front of a chat node.

import {
  type CloseInfo,
  type Listening,
  type ListenOptions,
  type ShutdownReport,
  type Socket,
  type Upgraded,
  type UpgradeRequest,
  WebSocketServer,
} from '@ws/server'
import { json } from '@ws/server/json'
import { Client } from '../connections/client.ts'
import { type ChatOptions, FRAME_RATE, HIGH_WATER_MARK } from '../context/options.ts'
import type { ChatStats } from '../context/stats.ts'
import { Hub } from '../hub/hub.ts'
import { MAX_FRAME, SUBPROTOCOL } from '../wire/constants.ts'
import type { Notification, Request } from '../wire/messages.ts'
import { clientMessage } from '../wire/request-schema.ts'
import { dispatch, refuseInvalid } from './dispatch.ts'

export type { ChatOptions } from '../context/options.ts'
export type { ChatStats } from '../context/stats.ts'

/** The standard code for a restart (RFC 6455 §7.4.2, the registry). */
const RESTART = 1012

/**
 * Milliseconds over which disconnected clients reconnect: this many for each client, within these
 * bounds.
 */
const SPREAD_PER_CLIENT = 2
const SHORTEST_SPREAD = 1000
const LONGEST_SPREAD = 30_000

/** Seconds after which a client that was refused should retry. */
const RETRY_AFTER = 5

/** Milliseconds for a reader that was too slow to read why it is closed. */
const LAST_CHANCE = 10_000

/** The data of a socket: its client, set by `open`. */
interface SocketData {
  client?: Client
}

/** A chat that runs. */
export class ChatServer implements AsyncDisposable {
  readonly #hub: Hub
  readonly #server: WebSocketServer<SocketData, Request | Notification>
  readonly #clients = new Set<Client>()
  #closed: Promise<ShutdownReport> | undefined

  private constructor(options: ChatOptions) {
    this.#hub = new Hub(options)
    this.#server = new WebSocketServer<SocketData, Request | Notification>({
      ...serverOptions(options),
      format: json(clientMessage, {
        invalid: (socket, problem) => refuseInvalid(problem, (socket.data as SocketData).client!, this.#hub),
      }),
      upgrade: request => this.#admit(request),
      open: socket => this.#open(socket),
      message: (socket, message) => dispatch(message, socket.data.client!, this.#hub),
      close: (socket, report) => this.#forget(socket.data.client!, report),
      error: error => this.#hub.log('error', 'handler-failed', { error: String(error) }),
      protocols: [SUBPROTOCOL],
      maxMessageSize: MAX_FRAME,
      highWaterMark: HIGH_WATER_MARK,
      messageRate: FRAME_RATE,
      pingInterval: this.#hub.times.ping,
      pongTimeout: this.#hub.times.pong,
      // A reader that is too slow gets a chance to read the reason before the write times out.
      writeTimeout: this.#hub.times.slow + LAST_CHANCE,
    })
  }

  /** Starts the engine, and makes the lobby. Rejects as `engine.start` does. */
  static async start(options: ChatOptions): Promise<ChatServer> {
    const chat = new ChatServer(options)
    await chat.#hub.start()
    return chat
  }

  /**
   * Listens as `WebSocketServer.listen` does: on loopback only, unless a host or a path is named.
   */
  listen(where: number | ListenOptions): Promise<Listening> {
    return this.#server.listen(where)
  }

  /** Whether it takes new connections: its engine is up, and it does not close. */
  get ready(): boolean {
    return this.#hub.isReady
  }

  /** The current counters. */
  stats(): ChatStats {
    const { refused, messagesReceived, messagesSent, buffered } = this.#server.stats()
    const rooms = [...this.#hub.rooms].filter(room => room.followers.size > 0)
    const followers = rooms.flatMap(room => [...room.followers])
    return {
      connections: this.#clients.size,
      users: this.#hub.users.size,
      rooms: rooms.length,
      lagging: followers.filter(({ isLive }) => !isLive).length,
      pending: this.#hub.pending,
      buffered,
      refused,
      messagesReceived,
      messagesSent,
      ...this.#hub.counts.read(),
    }
  }

  /**
   * Accepts no more connections, waits for writes in progress, says good-bye, closes all
   * connections with 1012 and ends the engine. Connections that have not closed `within`
   * milliseconds (10,000) are terminated. Further calls return the same promise.
   */
  close(options: { readonly within?: number } = {}): Promise<ShutdownReport> {
    this.#closed ??= this.#drain(options.within ?? 10_000)
    return this.#closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #drain(timeout: number): Promise<ShutdownReport> {
    const start = performance.now()
    await this.#hub.finish()
    const reason = 'the server is restarting'
    const spread = Math.min(LONGEST_SPREAD, Math.max(SHORTEST_SPREAD, this.#clients.size * SPREAD_PER_CLIENT))
    for (const client of this.#clients)
      client.bye(RESTART, reason, { after: Math.round(Math.random() * spread), reconnect: true })
    const left = Math.max(0, Math.round(timeout - (performance.now() - start)))
    const report = await this.#server.close({ code: RESTART, reason, timeout: left })
    await this.#hub.close()
    return report
  }

  #admit({ protocols }: UpgradeRequest): Upgraded<SocketData> | Response {
    if (!this.#hub.isReady) {
      const headers = { 'Retry-After': String(RETRY_AFTER) }
      return new Response('the chat is not ready: its store is unavailable, or it is stopping\n', {
        status: 503,
        headers,
      })
    }
    if (protocols.length > 0 && !protocols.includes(SUBPROTOCOL))
      return new Response(`the subprotocol must be ${SUBPROTOCOL}\n`, { status: 400 })
    return { data: {} }
  }

  #open(socket: Socket<SocketData>): void {
    const client = new Client(this.#hub, this.#hub.users, socket)
    socket.data.client = client
    this.#clients.add(client)
    this.#hub.log('debug', 'connected', { conn: client.id, address: client.address })
  }

  #forget(client: Client, { code, by, cause }: CloseInfo): void {
    this.#clients.delete(client)
    client.closed()

    this.#hub.log('debug', 'closed', {
      conn: client.id,
      user: client.account?.id,
      code,
      by,
      cause: by === 'network' ? String(cause ?? '') : undefined,
    })
  }
}

/** The options of the `WebSocketServer`. */
function serverOptions(options: ChatOptions) {
  const { origin, hosts, maxSockets, maxSocketsPerAddress, trustProxy, http, extensions } = options
  return {
    ...(origin !== undefined && { origin }),
    ...(hosts !== undefined && { hosts }),
    ...(maxSockets !== undefined && { maxSockets }),
    ...(maxSocketsPerAddress !== undefined && { maxSocketsPerAddress }),
    ...(trustProxy !== undefined && { trustProxy }),
    ...(http !== undefined && { http }),
    ...(extensions !== undefined && { extensions }),
  }
}
