// One observer: a WebSocket that receives the records of the connections that name its id, and that
// may ask the server to send on them what no browser sends.

import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Message, Socket } from '@ws/server'
import { fragmentsOf } from '../bench/fragments.ts'
import { type Command, readCommand } from './command.ts'
import { encodeEvents, type RecordEvent } from './record.ts'
import { Recording } from './recording.ts'

/** Connections that are recorded at a time. */
const MAX_CONNECTIONS = 16

/** Unsent bytes of records, from which on recording ends. */
const MAX_BACKLOG = 8 * 1024 * 1024

/** An observer. */
export class Observer {
  /** 128 random bits. Connections with this id are recorded. */
  readonly id: string = randomBytes(16).toString('base64url')
  readonly #socket: Socket
  readonly #start = performance.now()
  readonly #recordings = new Map<number, Recording>()
  #connections = 0
  #events: RecordEvent[] = []

  /** Tells the socket its id. */
  constructor(socket: Socket) {
    this.#socket = socket
    socket.send(JSON.stringify({ id: this.id }))
  }

  /** Records a connection, unless too many are. */
  record(request: IncomingMessage): Recording | undefined {
    if (this.#recordings.size >= MAX_CONNECTIONS) return undefined
    const connection = ++this.#connections
    const recording: Recording = new Recording(event => this.#deliver(recording, connection, event))
    this.#recordings.set(connection, recording)
    recording.start(request)
    request.socket.once('close', () => this.#recordings.delete(connection))
    return recording
  }

  /** Runs a command of the observer. Closes its socket for one that is not valid. */
  run(message: Message): void {
    try {
      const command = readCommand(message)
      const socket = this.#recordings.get(command.connection)?.socket
      // It may have closed in the meantime.
      if (socket?.state === 'open') runOn(socket, command)
    } catch (error) {
      this.#socket.close(1008, (error as Error).message)
    }
  }

  /** Ends all records. */
  end(): void {
    for (const recording of this.#recordings.values()) recording.stop()
    this.#recordings.clear()
  }

  #deliver(recording: Recording, connection: number, event: Omit<RecordEvent, 'connection' | 'time'>): void {
    const time = performance.now() - this.#start
    // Events of one turn leave together.
    if (this.#events.length === 0) setImmediate(() => this.#flush())
    this.#events.push({ ...event, connection, time })
    if (event.kind !== 'limit' && this.#socket.bufferedAmount > MAX_BACKLOG) recording.reachLimit()
  }

  #flush(): void {
    this.#socket.send(encodeEvents(this.#events))
    this.#events = []
  }
}

function runOn(socket: Socket, command: Command): void {
  if (command.do === 'ping') socket.ping(command.data)
  else if (command.do === 'close') socket.close(command.code, command.reason)
  else {
    const data = command.type === 'text' ? Buffer.from(command.data).toString() : command.data
    void socket.sendStream(fragmentsOf(data, command.size))
  }
}
