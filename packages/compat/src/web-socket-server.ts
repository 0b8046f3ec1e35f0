// The class `WebSocketServer`: an HTTP server of its own, one that it shares, or none.

import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  STATUS_CODES,
} from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { isClosed, isOwned } from '@ws/connection'
import type { Rejection, ValidRequest } from '@ws/handshake'
import type { AcceptedOffer } from '@ws/protocol'
import { acceptedBy, deflateOf } from './compression.ts'
import type { CommonOptions, VerifyClientCallbackAsync, VerifyClientCallbackSync } from './options.ts'
import { acceptanceLines, format, refusal, validate } from './server/handshake.ts'
import { CLOSE_TIMEOUT, MAX_PAYLOAD, settingsOf } from './settings.ts'
import { Emitter } from './typed-emitter.ts'
import { WebSocket } from './web-socket.ts'

/** Options of a server. One of `port`, `server` and `noServer` is required. */
export interface ServerOptions<
  U extends typeof WebSocket = typeof WebSocket,
  V extends typeof IncomingMessage = typeof IncomingMessage,
> extends CommonOptions {
  /** Where the server listens: on all addresses by default. */
  host?: string | undefined
  /** Listens on this port with an HTTP server of its own. */
  port?: number | undefined
  /** The most connections that wait to be accepted. */
  backlog?: number | undefined
  /** The HTTP server whose upgrade requests are handled. */
  server?: HttpServer<V> | HttpsServer<V> | undefined
  /** Whether the program calls `handleUpgrade`. Default: false. */
  noServer?: boolean | undefined
  /** The path of the requests that are accepted; others are answered 400. Default: any. */
  path?: string | undefined
  /** Decides whether to accept a request: by its result, or by a callback if it has two parameters. */
  verifyClient?:
    | VerifyClientCallbackAsync<InstanceType<V>>
    | VerifyClientCallbackSync<InstanceType<V>>
    | undefined
  /** Chooses the subprotocol; false for none. By default it is the first that the client listed. */
  handleProtocols?: (protocols: Set<string>, request: InstanceType<V>) => string | false
  /** Whether `clients` has the open sockets. Default: true. */
  clientTracking?: boolean | undefined
  /** The class of the sockets. Default: `WebSocket`. */
  WebSocket?: U | undefined
}

/** The arguments of the events of a `WebSocketServer`. */
export interface ServerEvents<Socket, Request> {
  close: []
  connection: [socket: Socket, request: Request]
  error: [error: Error]
  headers: [headers: string[], request: Request]
  listening: []
  wsClientError: [error: Error, socket: Duplex, request: Request]
}

type State = 'running' | 'closing' | 'closed'

/** A WebSocket server. */
export class WebSocketServer<
  T extends typeof WebSocket = typeof WebSocket,
  U extends typeof IncomingMessage = typeof IncomingMessage,
> extends Emitter<ServerEvents<InstanceType<T>, InstanceType<U>>> {
  /** The options, with their defaults. */
  options: ServerOptions<T, U>
  /** The option `path`. */
  declare path: string
  /** The open sockets; undefined if the option `clientTracking` is false. */
  declare clients: Set<InstanceType<T>>
  #server: HttpServer | HttpsServer | undefined
  #removeListeners: (() => void) | undefined
  #state: State = 'running'
  #closesWithLastClient = false

  /**
   * `callback` is called when a server with the option `port` listens. Throws a `TypeError` unless
   * one of `port`, `server` and `noServer` is given.
   */
  constructor(options: ServerOptions<T, U> = {}, callback?: () => void) {
    super()
    this.options = {
      allowSynchronousEvents: true,
      autoPong: true,
      maxPayload: MAX_PAYLOAD,
      skipUTF8Validation: false,
      perMessageDeflate: false,
      clientTracking: true,
      closeTimeout: CLOSE_TIMEOUT,
      noServer: false,
      WebSocket: WebSocket as T,
      ...options,
    }
    const { port, server, noServer, path, clientTracking, perMessageDeflate } = this.options
    const modes = Number(port != null) + Number(Boolean(server)) + Number(Boolean(noServer))
    if (modes !== 1) {
      throw new TypeError('One and only one of the "port", "server", or "noServer" options must be specified')
    }
    if (perMessageDeflate === true) this.options.perMessageDeflate = {}
    deflateOf(this.options.perMessageDeflate)
    settingsOf(this.options)
    if (path !== undefined) this.path = path
    if (clientTracking) this.clients = new Set()
    if (port != null) this.#server = this.#listen(port, callback)
    else if (server) this.#server = server as HttpServer
    if (this.#server !== undefined) this.#removeListeners = this.#listenTo(this.#server)
  }

  #listen(port: number, callback: (() => void) | undefined): HttpServer {
    const { host, backlog } = this.options
    const server = createServer((_request, response) => {
      const body = STATUS_CODES[426]!
      response.writeHead(426, { 'Content-Length': body.length, 'Content-Type': 'text/plain' })
      response.end(body)
    })
    server.listen(port, host, backlog ?? undefined, callback)
    return server
  }

  #listenTo(server: HttpServer | HttpsServer): () => void {
    const listeners = {
      listening: () => this.emit('listening'),
      error: (error: Error) => this.emit('error', error),
      upgrade: (request: IncomingMessage, transport: Duplex, head: Buffer) =>
        this.handleUpgrade(request as InstanceType<U>, transport, head, (socket, accepted) =>
          this.emit('connection', socket, accepted),
        ),
    }
    for (const [name, listener] of Object.entries(listeners)) server.on(name, listener)
    return () => {
      for (const [name, listener] of Object.entries(listeners)) server.removeListener(name, listener)
    }
  }

  /**
   * The address on which the HTTP server listens, as that of `net.Server`; null if there is none any
   * more. Throws an `Error` with the option `noServer`.
   */
  address(): AddressInfo | string | null {
    if (this.options.noServer) throw new Error('The server is operating in "noServer" mode')
    return this.#server?.address() ?? null
  }

  // ── closing ───────────────────────────────────────────────────────────────────────────────────

  /**
   * Accepts no more sockets, and closes the HTTP server if it is its own. Open sockets stay open, and
   * `close` is emitted after the last. The callback is called then, with an `Error` if the server was
   * closed before.
   */
  close(callback?: (error?: Error) => void): void {
    if (this.#state === 'closed') {
      if (callback !== undefined) this.once('close', () => callback(new Error('The server is not running')))
      process.nextTick(() => this.#emitClose())
      return
    }
    if (callback !== undefined) this.once('close', callback)
    if (this.#state === 'closing') return
    this.#state = 'closing'
    const server = this.#server
    this.#removeListeners?.()
    this.#server = undefined
    if (server !== undefined && !this.options.server) server.close(() => this.#emitClose())
    else if (this.options.clientTracking && this.clients.size > 0) this.#closesWithLastClient = true
    else process.nextTick(() => this.#emitClose())
  }

  #emitClose(): void {
    this.#state = 'closed'
    this.emit('close')
  }

  // ── the opening handshake ─────────────────────────────────────────────────────────────────────

  /** Whether the request is for this server: by the option `path`. To be overridden. */
  shouldHandle(request: InstanceType<U>): boolean | Promise<boolean> {
    const { path } = this.options
    return path === undefined || path === null || request.url!.split('?', 1)[0] === path
  }

  /**
   * Answers an upgrade request, and calls back with the open socket. Throws an `Error` for a
   * transport that has been upgraded before.
   */
  handleUpgrade(
    request: InstanceType<U>,
    transport: Duplex,
    head: Buffer,
    callback: (socket: InstanceType<T>, request: InstanceType<U>) => void,
  ): void {
    transport.on('error', destroy)
    const valid = validate(request)
    if (!valid.ok) {
      this.#refuseFaulty(valid, transport, request)
      return
    }
    if (!this.shouldHandle(request)) {
      refuse(transport, refusal(400))
      return
    }
    this.#verify(request, (result, code = 401, message, headers) => {
      if (!result) refuse(transport, refusal(code, message, headers))
      else this.#complete(valid, request, transport, head, callback)
    })
  }

  /** A request that violates the RFC: the program may answer it. */
  #refuseFaulty(rejection: Rejection, transport: Duplex, request: InstanceType<U>): void {
    if (this.listenerCount('wsClientError') === 0) refuse(transport, rejection)
    else this.emit('wsClientError', new Error(rejection.body), transport, request)
  }

  #verify(
    request: InstanceType<U>,
    decide: (result: boolean, code?: number, message?: string, headers?: OutgoingHttpHeaders) => void,
  ): void {
    const { verifyClient } = this.options
    if (!verifyClient) {
      decide(true)
      return
    }
    const { authorized, encrypted } = (request.socket ?? {}) as { authorized?: boolean; encrypted?: boolean }
    const info = {
      origin: request.headers.origin as string,
      secure: Boolean(authorized || encrypted),
      req: request,
    }
    if (verifyClient.length === 2) verifyClient(info, decide)
    else decide((verifyClient as VerifyClientCallbackSync<InstanceType<U>>)(info))
  }

  #complete(
    valid: ValidRequest,
    request: InstanceType<U>,
    transport: Duplex,
    head: Buffer,
    callback: (socket: InstanceType<T>, request: InstanceType<U>) => void,
  ): void {
    const offers = valid.extensions.filter(({ name }) => name === 'permessage-deflate')
    const extension = deflateOf(this.options.perMessageDeflate)
    const accepted = extension?.accept(offers.map(({ params }) => params))
    this.completeUpgrade(accepted, valid.key, new Set(valid.protocols), request, transport, head, callback)
  }

  /** Opens a socket for a request that has been accepted. */
  completeUpgrade(
    accepted: AcceptedOffer | undefined,
    key: string,
    protocols: Set<string>,
    request: InstanceType<U>,
    transport: Duplex,
    head: Buffer,
    callback: (socket: InstanceType<T>, request: InstanceType<U>) => void,
  ): void {
    // The client has left while `verifyClient` was busy.
    if (isClosed(transport)) {
      transport.destroy()
      return
    }
    if (isOwned(transport)) {
      throw new Error(
        'server.handleUpgrade() was called more than once with the same socket, possibly due to a misconfiguration',
      )
    }
    if (this.#state !== 'running') {
      refuse(transport, refusal(503))
      return
    }
    const protocol = this.#chooseProtocol(protocols, request)
    const extension = accepted && { name: 'permessage-deflate', params: accepted.params }
    const lines = acceptanceLines({ key, protocol, extension })
    const SocketClass = this.options.WebSocket!
    const socket = new SocketClass(null, undefined, this.options) as InstanceType<T>
    this.emit('headers', lines, request)
    transport.write(`${lines.join('\r\n')}\r\n\r\n`)
    transport.removeListener('error', destroy)
    if (this.options.clientTracking) this.#track(socket)
    socket.setSocket(transport, head, {
      subprotocol: protocol,
      negotiated: accepted && acceptedBy('server', accepted),
    })
    callback(socket, request)
  }

  #chooseProtocol(protocols: Set<string>, request: InstanceType<U>): string | undefined {
    if (protocols.size === 0) return undefined
    const { handleProtocols } = this.options
    const [first] = protocols
    return (handleProtocols ? handleProtocols(protocols, request) : first) || undefined
  }

  #track(socket: InstanceType<T>): void {
    this.clients.add(socket)
    socket.on('close', () => {
      this.clients.delete(socket)
      if (this.#closesWithLastClient && this.clients.size === 0) process.nextTick(() => this.#emitClose())
    })
  }
}

/** Sends an answer and ends the connection. */
function refuse(transport: Duplex, rejection: Rejection): void {
  transport.once('finish', () => transport.destroy())
  transport.end(format(rejection))
}

/** The listener for errors of a transport that is not upgraded yet. */
function destroy(this: Duplex): void {
  this.destroy()
}
