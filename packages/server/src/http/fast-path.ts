// The fast path for the first bytes on a connection of our own HTTP server. A complete, plain
// upgrade request in one chunk is parsed here, at a fraction of the cost of Node's parser (`pnpm
// bench handshakes`). Everything else goes to Node, which does not notice the difference.

import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { SlotList } from '@ws/connection/internal'
import { type HeadLimits, type RequestHead, RequestParser } from '@ws/handshake'
import { IncomingRequest } from './incoming-request.ts'
import { hasField } from './raw-headers.ts'

/** Takes an upgrade request, with what the client sent behind it. */
export type OnUpgrade = (request: IncomingRequest, socket: Socket, head: Uint8Array) => void

/**
 * Milliseconds, or a little less, after which a silent socket is handed to Node, which has
 * deadlines.
 */
const PATIENCE = 1000

/** The slot of a socket that has not sent anything yet. */
const SLOT = Symbol('slot')
type NewSocket = Socket & { [SLOT]?: number }

/** Reads first on the connections of one server, until `stop`. */
export class FastPath {
  readonly #server: Server
  readonly #onUpgrade: OnUpgrade
  readonly #limits: HeadLimits | undefined
  readonly #patience: number
  /** Node's own listeners. */
  readonly #listeners: readonly ((socket: Socket) => void)[]
  readonly #silent = new SlotList<NewSocket>()
  #timer: NodeJS.Timeout | undefined
  readonly #onData: (this: NewSocket, chunk: Buffer) => void
  readonly #onEnd: (this: NewSocket) => void
  readonly #onError: (this: NewSocket) => void

  constructor(server: Server, onUpgrade: OnUpgrade, patience: number = PATIENCE, limits?: HeadLimits) {
    this.#server = server
    this.#onUpgrade = onUpgrade
    this.#limits = limits
    this.#patience = patience
    this.#listeners = server.listeners('connection') as ((socket: Socket) => void)[]
    const read = (socket: NewSocket, chunk: Buffer): void => this.#read(socket, chunk)
    const drop = (socket: NewSocket): void => this.#drop(socket)
    // Shared by all sockets.
    this.#onData = function (chunk) {
      read(this, chunk)
    }
    this.#onError = function () {
      drop(this)
    }
    this.#onEnd = function () {
      drop(this)
      this.end()
    }
    server.removeAllListeners('connection')
    server.on('connection', this.#wait)
  }

  /** Hands the silent sockets to Node, and all that connect from now on. */
  stop(): void {
    this.#server.off('connection', this.#wait)
    for (const listener of this.#listeners) this.#server.on('connection', listener)
    this.#giveUp()
    clearInterval(this.#timer)
  }

  readonly #wait = (socket: NewSocket): void => {
    socket[SLOT] = this.#silent.add(socket)
    socket.on('data', this.#onData)
    // Node's own listener does nothing for a half-open socket, as those of an HTTP server are. A
    // single listener needs no array (`pnpm bench idle-memory`).
    for (const listener of socket.listeners('end')) socket.off('end', listener as () => void)
    socket.on('end', this.#onEnd)
    socket.on('error', this.#onError)
    this.#timer ??= setInterval(() => this.#tick(), this.#patience).unref()
  }

  #release(socket: NewSocket): void {
    this.#silent.delete(socket[SLOT]!)
    socket.off('data', this.#onData)
    socket.off('end', this.#onEnd)
    socket.off('error', this.#onError)
  }

  /** Releases a socket that has ended. Errors that may follow are ignored. */
  #drop(socket: NewSocket): void {
    this.#release(socket)
    socket.on('error', ignore)
  }

  #read(socket: NewSocket, chunk: Buffer): void {
    this.#release(socket)
    const parsed = new RequestParser(this.#limits).push(chunk)
    if (parsed?.ok && isPlainUpgrade(parsed.head))
      this.#onUpgrade(new IncomingRequest(parsed.head, socket), socket, parsed.rest)
    else this.#handToNode(socket, chunk)
  }

  /**
   * As if it had just connected, with this chunk to read. Paused, so that nothing is lost before.
   */
  #handToNode(socket: Socket, chunk?: Buffer): void {
    socket.pause()
    if (chunk !== undefined) socket.unshift(chunk)
    for (const listener of this.#listeners) listener.call(this.#server, socket)
    socket.resume()
  }

  /** Sockets that have just connected are handed over too: slower for them, and simpler. */
  #tick(): void {
    if (this.#silent.size > 0) this.#giveUp()
    else {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }

  #giveUp(): void {
    for (const socket of this.#silent) {
      if (socket.destroyed) this.#drop(socket)
      else {
        this.#release(socket)
        this.#handToNode(socket)
      }
    }
  }
}

/** Whether Node too would take this for an upgrade request without a body. */
function isPlainUpgrade({ method, url, httpVersion, rawHeaders }: RequestHead): boolean {
  return (
    method === 'GET' &&
    url.startsWith('/') &&
    httpVersion === '1.1' &&
    hasField(rawHeaders, 'upgrade', 'websocket') &&
    hasField(rawHeaders, 'connection', 'upgrade') &&
    !hasField(rawHeaders, 'content-length') &&
    !hasField(rawHeaders, 'transfer-encoding')
  )
}

function ignore(): void {}
