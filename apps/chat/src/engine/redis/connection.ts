// One connection to a Redis, from its opening to its end: the one file that knows @redis/client. It does not come back when it has
// ended, and keeps nothing for later.

import type { RedisClientType } from '@redis/client'
import { Unavailable } from '../engine.ts'
import type { RedisAddress } from './address.ts'

export type Reply = null | boolean | number | string | readonly Reply[] | { readonly [key: string]: Reply }

/** Redis does not do what it is asked for. `code`: the first word of such an answer, `READONLY` for example. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: string

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** What a connection calls. Synchronous, and must not throw. */
export interface ConnectionEvents {
  /** Something was published in a channel that it is subscribed to. In the order in which Redis did it, among replies too. */
  message(channel: string, message: string): void
  /** It has ended without having been told to. Once. */
  ended(cause: Error): void
}

type Library = typeof import('@redis/client')

/** Milliseconds until a connection that Redis does not take is given up. */
const CONNECT_TIMEOUT = 2000

/** Most commands that wait for their reply, those that nobody waits for any more among them; more are not done. */
const MOST_COMMANDS = 20_000

/** What to do where the library is not there, in one line. */
const INSTALL =
  '--redis needs the package @redis/client, which is not installed: npm install @redis/client@6 (with --global where ws-chat is installed so)'

/** Loads the library. Rejects with an `Error` of one line where it is not installed. */
export async function loadLibrary(): Promise<Library> {
  try {
    return await import('@redis/client')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new Error(INSTALL, { cause: error })
  }
}

/** Commands and what is published share it, so that Redis's order is the order here. */
export class Connection {
  readonly #library: Library
  readonly #client: RedisClientType
  readonly #events: ConnectionEvents
  #isOpen = false

  private constructor(library: Library, { url }: RedisAddress, events: ConnectionEvents) {
    this.#library = library
    this.#events = events
    // Whether and when to connect again is not the library's to decide: what is to be done then, it does not know.
    this.#client = library.createClient({
      url,
      RESP: 3,
      name: 'ws-chat',
      socket: { connectTimeout: CONNECT_TIMEOUT, reconnectStrategy: false },
      commandsQueueMaxLength: MOST_COMMANDS,
      disableOfflineQueue: true,
      disableClientInfo: true,
      maintNotifications: 'disabled',
    }) as unknown as RedisClientType
    this.#client.on('error', (error: Error) => this.#onEnd(error))
    this.#client.on('end', () => this.#onEnd(new Error('the connection was closed')))
  }

  /** Connects, signs in and chooses the database. Rejects with {@link Refusal} where Redis does not let it, with {@link Unavailable}. */
  static async open(library: Library, address: RedisAddress, events: ConnectionEvents): Promise<Connection> {
    const connection = new Connection(library, address, events)
    const late = setTimeout(() => connection.#client.destroy(), 2 * CONNECT_TIMEOUT)
    try {
      await connection.#client.connect()
    } catch (error) {
      connection.end()
      throw connection.#translate(error)
    } finally {
      clearTimeout(late)
    }
    connection.#isOpen = true
    return connection
  }

  /** Sends a command at once. Rejects with {@link Refusal}, with {@link Unavailable}: then it may have been done or not. */
  async ask(command: readonly string[]): Promise<Reply> {
    try {
      return await this.#client.sendCommand<Reply>(command)
    } catch (error) {
      throw this.#translate(error)
    }
  }

  /** From its resolution on, what is published in these channels comes. None more than once. */
  async subscribe(channels: readonly string[]): Promise<void> {
    if (channels.length === 0) return
    try {
      await this.#client.subscribe([...channels], this.#heard)
    } catch (error) {
      throw this.#translate(error)
    }
  }

  async unsubscribe(channel: string): Promise<void> {
    try {
      await this.#client.unsubscribe(channel, this.#heard)
    } catch (error) {
      throw this.#translate(error)
    }
  }

  /** Ends it at once. What waits for its reply rejects. */
  end(): void {
    this.#isOpen = false
    this.#client.destroy()
  }

  /** One and the same function for all channels: by that the library knows what it has already. */
  readonly #heard = (message: string, channel: string): void => this.#events.message(channel, message)

  #onEnd(cause: Error): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#events.ended(this.#translate(cause))
  }

  #translate(error: unknown): Error {
    const { message } = error as Error
    if (error instanceof this.#library.ErrorReply)
      return new Refusal(/^[A-Z]+/.exec(message)?.[0] ?? '', message, error)
    return new Unavailable(`Redis is away: ${message || String((error as NodeJS.ErrnoException).code)}`, {
      cause: error,
    })
  }
}
