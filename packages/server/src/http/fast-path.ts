// What comes first on the connections of an HTTP server of ours. A whole and plain upgrade request in one chunk is read here, at a
// fraction of what Node's own reader costs (`pnpm bench handshakes`); all else goes to that, which never learns that somebody looked.
// Refuses nothing itself: anything doubtful is Node's, and whether the request is a good one is for the door to say.

import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { SlotList } from '@ws/connection'
import { type RequestHead, RequestParser } from '@ws/handshake'
import { IncomingRequest } from './incoming-request.ts'

/** Takes an upgrade request, with what came behind it. */
export type Take = (arrival: IncomingRequest, socket: Socket, rest: Uint8Array) => void

/** Who has been silent so long, in milliseconds or a little less, is left to Node, which has deadlines. */
const PATIENCE = 1000

/** Where a socket that has said nothing yet stands in the list of those. */
const PLACE = Symbol('place')
type NewSocket = Socket & { [PLACE]?: number }

/** Reads first on the connections of one server, from when it is made to `stop`. */
export class FastPath {
  readonly #server: Server
  readonly #take: Take
  readonly #patience: number
  /** How Node begins to read. */
  readonly #listeners: readonly ((socket: Socket) => void)[]
  readonly #silent = new SlotList<NewSocket>()
  #timer: NodeJS.Timeout | undefined
  readonly #onData: (this: NewSocket, chunk: Buffer) => void
  readonly #onEnd: (this: NewSocket) => void
  readonly #onError: (this: NewSocket) => void

  constructor(server: Server, take: Take, patience: number = PATIENCE) {
    this.#server = server
    this.#take = take
    this.#patience = patience
    this.#listeners = server.listeners('connection') as ((socket: Socket) => void)[]
    const read = (socket: NewSocket, chunk: Buffer): void => this.#read(socket, chunk)
    const leave = (socket: NewSocket): void => this.#drop(socket)
    // The same for all sockets.
    this.#onData = function (chunk) {
      read(this, chunk)
    }
    this.#onError = function () {
      leave(this)
    }
    this.#onEnd = function () {
      leave(this)
      this.end()
    }
    server.removeAllListeners('connection')
    server.on('connection', this.#wait)
  }

  /** Leaves those who have said nothing to Node at once, and all who come after. */
  stop(): void {
    this.#server.off('connection', this.#wait)
    for (const listener of this.#listeners) this.#server.on('connection', listener)
    this.#giveUp()
    clearInterval(this.#timer)
  }

  readonly #wait = (socket: NewSocket): void => {
    socket[PLACE] = this.#silent.add(socket)
    socket.on('data', this.#onData)
    // Node's own listener does nothing for a socket that is half open, as those of a server of HTTP are. One listener needs no list
    // (`pnpm bench idle-memory`).
    for (const listener of socket.listeners('end')) socket.off('end', listener as () => void)
    socket.on('end', this.#onEnd)
    socket.on('error', this.#onError)
    this.#timer ??= setInterval(() => this.#tick(), this.#patience).unref()
  }

  #release(socket: NewSocket): void {
    this.#silent.delete(socket[PLACE]!)
    socket.off('data', this.#onData)
    socket.off('end', this.#onEnd)
    socket.off('error', this.#onError)
  }

  /** For one that has ended, or is about to: nobody is told of an error that may still come. */
  #drop(socket: NewSocket): void {
    this.#release(socket)
    socket.on('error', ignore)
  }

  #read(socket: NewSocket, chunk: Buffer): void {
    this.#release(socket)
    const parsed = new RequestParser().push(chunk)
    if (parsed?.ok && isPlainUpgrade(parsed.head))
      this.#take(new IncomingRequest(parsed.head, socket), socket, parsed.rest)
    else this.#leaveToNode(socket, chunk)
  }

  /** As if it had just connected, with that to read. It stands still until somebody listens: what is read before is lost. */
  #leaveToNode(socket: Socket, chunk?: Buffer): void {
    socket.pause()
    if (chunk !== undefined) socket.unshift(chunk)
    for (const listener of this.#listeners) listener.call(this.#server, socket)
    socket.resume()
  }

  /** Those who came a moment ago are left to Node with the others: that is slower for them, and simpler than to tell them apart. */
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
        this.#leaveToNode(socket)
      }
    }
  }
}

/** Whether this is an upgrade request that Node would take for one too, without a body. */
function isPlainUpgrade({ method, httpVersion, rawHeaders }: RequestHead): boolean {
  return (
    method === 'GET' &&
    httpVersion === '1.1' &&
    has(rawHeaders, 'upgrade', 'websocket') &&
    has(rawHeaders, 'connection', 'upgrade') &&
    !has(rawHeaders, 'content-length') &&
    !has(rawHeaders, 'transfer-encoding')
  )
}

/** Whether there is such a field; if an element is given, one that lists it. Both are in lower case. */
export function has(rawHeaders: readonly string[], field: string, element?: string): boolean {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    // Of most names the length says enough (`pnpm bench handshakes`).
    if (rawHeaders[i]!.length !== field.length || rawHeaders[i]!.toLowerCase() !== field) continue
    if (element === undefined || lists(rawHeaders[i + 1]!.toLowerCase(), element)) return true
  }
  return false
}

function lists(text: string, element: string): boolean {
  return text === element || text.split(',').some(one => one.trim() === element)
}

function ignore(): void {}
