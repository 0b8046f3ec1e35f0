// The WebSocket that delivers the record of connections.

import { decodeEvents, type RecordEvent } from '../../../src/inspection/record.ts'
import { base64Of } from '../decode/words.ts'

/** What the server can do on a recorded connection, for no browser can. */
export type Command =
  | { readonly do: 'ping'; readonly data: Uint8Array }
  | { readonly do: 'close'; readonly code: number; readonly reason: string }
  | {
      readonly do: 'send'
      readonly type: 'text' | 'binary'
      readonly data: Uint8Array
      readonly size: number
    }

/** An observer of this server. */
export class Observer {
  readonly #socket: WebSocket
  readonly id: string

  private constructor(socket: WebSocket, id: string) {
    this.#socket = socket
    this.id = id
  }

  /** Resolves with undefined if the server does not record connections. */
  static async open(
    onEvent: (event: RecordEvent) => void,
    onClosed: () => void,
  ): Promise<Observer | undefined> {
    const answer = await fetch('/inspect', { cache: 'no-store' }).catch(() => undefined)
    if (answer === undefined || (await answer.text()).trim() !== 'on') return undefined
    const { promise, resolve } = Promise.withResolvers<Observer | undefined>()
    const socket = new WebSocket(`${hostUrl()}/inspect`)
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('message', ({ data }) => {
      if (typeof data === 'string') resolve(new Observer(socket, JSON.parse(data).id))
      else for (const event of decodeEvents(new Uint8Array(data))) onEvent(event)
    })
    socket.addEventListener('close', () => {
      resolve(undefined)
      onClosed()
    })
    return promise
  }

  /** Runs a command on a connection. */
  run(connection: number, command: Command): void {
    const text = JSON.stringify({ connection, ...command }, (_, value) =>
      value instanceof Uint8Array ? base64Of(value) : value,
    )
    this.#socket.send(text)
  }
}

/** `ws://localhost:3368`: this server. */
export function hostUrl(): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}`
}
