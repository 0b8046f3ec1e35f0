// A client for the tests of the guides: sends, waits for what comes, and knows how it ended.

import { on, once } from 'node:events'
import { type ClientOptions, WebSocket } from 'ws'

/** How a connection ended. */
export interface End {
  readonly code: number
  readonly reason: string
}

/** One connection. Made by `Client.open`; gone with its scope (`await using`). */
export class Client implements AsyncDisposable {
  readonly socket: WebSocket
  readonly closed: Promise<End>
  readonly #messages: AsyncIterator<[Buffer, boolean]>

  private constructor(socket: WebSocket) {
    this.socket = socket
    this.#messages = on(socket, 'message', { close: ['close'] })[Symbol.asyncIterator]() as AsyncIterator<
      [Buffer, boolean]
    >
    this.closed = once(socket, 'close').then(([code, reason]) => ({ code, reason: String(reason) }) as End)
    this.closed.catch(() => {})
  }

  /** Connects. Rejects where it is refused. */
  static async open(url: string, protocols: string[] = [], options: ClientOptions = {}): Promise<Client> {
    const client = new Client(new WebSocket(url, protocols, { family: 4, ...options } as ClientOptions))
    await once(client.socket, 'open')
    return client
  }

  /** The status with which this handshake is refused. Rejects where it is not. */
  static async status(url: string, protocols: string[] = [], options: ClientOptions = {}): Promise<number> {
    const socket = new WebSocket(url, protocols, { family: 4, ...options } as ClientOptions)
    const opened = once(socket, 'open').then(() => {
      socket.terminate()
      throw new Error(`${url} was not refused`)
    })
    const refused = once(socket, 'unexpected-response').then(([request, response]) => {
      request.destroy()
      return response.statusCode as number
    })
    opened.catch(() => {})
    socket.on('error', () => {})
    return await Promise.race([opened, refused])
  }

  /** The next message, a text as a string. Rejects when there will be none. */
  async next(): Promise<string | Buffer> {
    const { done, value } = await this.#messages.next()
    if (done) throw new Error(`no message: closed with ${JSON.stringify(await this.closed)}`)
    const [data, isBinary] = value
    return isBinary ? data : String(data)
  }

  /** Sends a message, and gives what comes next. */
  ask(data: string | Uint8Array): Promise<string | Buffer> {
    this.socket.send(data)
    return this.next()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close()
    await this.closed
  }
}
