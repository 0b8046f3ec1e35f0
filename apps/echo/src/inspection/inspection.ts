// Lets a page observe connections of its own: it opens /inspect, receives an id, and connections
// that name the id are recorded for it.

import type { Message, Socket, UpgradeRequest, WebSocketServer } from '@ws/server'
import { Observer } from './observer.ts'
import type { Recording } from './recording.ts'

/** The path of observers. */
export const INSPECT_PATH = '/inspect'

/** Observers at a time. */
const MAX_OBSERVERS = 64

/** Bytes of a command. */
const MAX_COMMAND = 1024 * 1024

/** The observers of one server. */
export class Inspection {
  /** Whether connections are recorded. */
  isOn = false
  readonly #observers = new Map<string, Observer>()

  /** Serves the path of observers. */
  addTo(server: WebSocketServer): void {
    server.route<string, { observer?: Observer }>(INSPECT_PATH, {
      origin: 'same-host',
      extensions: [],
      maxMessageSize: MAX_COMMAND,
      upgrade: () => this.#reject() ?? { data: {} },
      open: (socket: Socket<{ observer?: Observer }>) => {
        const observer = new Observer(socket)
        socket.data.observer = observer
        this.#observers.set(observer.id, observer)
      },
      message: (socket, message: Message) => socket.data.observer?.run(message),
      close: socket => {
        const { observer } = socket.data
        observer?.end()
        if (observer !== undefined) this.#observers.delete(observer.id)
      },
    })
  }

  /** Records the connection of a request if its query has the id of an observer with room for it. */
  record(request: UpgradeRequest): Recording | undefined {
    const id = request.search === '' ? null : new URLSearchParams(request.search).get('inspect')
    return id === null ? undefined : this.#observers.get(id)?.record(request.raw)
  }

  #reject(): Response | undefined {
    if (!this.isOn) return new Response('inspection is off; ws-echo --inspect turns it on\n', { status: 403 })
    if (this.#observers.size < MAX_OBSERVERS) return undefined
    return new Response('too many observers\n', { status: 503 })
  }
}
