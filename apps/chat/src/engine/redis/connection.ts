// One connection to a Redis, from its opening to its end. The only file that uses @redis/client.
// Does not reconnect.

import type { RedisClientType } from '@redis/client'
import { Unavailable } from '../engine.ts'
import type { RedisAddress } from './address.ts'

export type Reply = null | boolean | number | string | readonly Reply[] | { readonly [key: string]: Reply }

/** Redis refuses a command. `code`: the first word of its answer, such as `READONLY`. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: string

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** Called by a connection. Synchronous, and must not throw. */
export interface ConnectionEvents {
  /**
   * Something was published in a channel that it is subscribed to. In the order in which Redis did
   * it, among replies too.
   */
  message(channel: string, message: string): void
  /** The connection has ended by itself. Called once. */
  ended(cause: Error): void
}

type Library = typeof import('@redis/client')

/** Milliseconds until a connection that Redis does not take is given up. */
const CONNECT_TIMEOUT = 2000

/** Most commands that wait for a reply, including those whose caller has given up. */
const MOST_COMMANDS = 20_000

/** Advice when the library is not installed, in one line. */
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

/** Commands and channels share one connection, so that their order is that of Redis. */
export class Connection {
  readonly #library: Library
  readonly #client: RedisClientType
  readonly #events: ConnectionEvents
  #isOpen = false

  private constructor(library: Library, { url }: RedisAddress, events: ConnectionEvents) {
    this.#library = library
    this.#events = events
    // The link decides whether and when to reconnect, because the library does not know what has to
    // follow.
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

  /**
   * Connects, signs in and chooses the database. Rejects with {@link Refusal} where Redis does not
   * let it, with {@link Unavailable}.
   */
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

  /**
   * Sends a command at once. Rejects with {@link Refusal}, with {@link Unavailable}: then it may
   * have been done or not.
   */
  async ask(command: readonly string[]): Promise<Reply> {
    try {
      return await this.#client.sendCommand<Reply>(command)
    } catch (error) {
      throw this.#translate(error)
    }
  }

  /** Once it has resolved, messages in these channels are received, each once. */
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

  /** Ends the connection at once. Commands in progress reject. */
  end(): void {
    this.#isOpen = false
    this.#client.destroy()
  }

  /** One function for all channels, by which the library recognizes the subscriptions. */
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
