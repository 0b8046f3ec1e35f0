// A user who connects to the chat again and again, to any node, with the same identity.

import { setTimeout as pause } from 'node:timers/promises'
import { Connection, Cut, Refused, type ServerMessage } from './connection.ts'

/** The current port of a node; undefined while it is down. */
export type Way = () => number | undefined

export interface VisitorOptions {
  readonly name: string
  readonly ways: readonly Way[]
  /** In [0, 1): chooses the node and the length of the wait. */
  readonly random: () => number
  /** Milliseconds after which a node that does not answer is given up. */
  readonly patience: number
  /** The chat no longer knows the user. */
  readonly forgotten: () => void
}

/**
 * Milliseconds between two attempts to connect: doubled each time, up to the longest; half of it by
 * chance.
 */
const SHORTEST_WAIT = 50
const LONGEST_WAIT = 800

/** The chat's error for an unknown token. */
const NOT_KNOWN = 'unauthorized'

export class Visitor {
  readonly #options: VisitorOptions
  #token: string | undefined
  /** Names that may have been taken although the reply was lost. */
  #attempts = 0
  #last: number | undefined

  constructor(options: VisitorOptions) {
    this.#options = options
  }

  /** A connection that has said hello; undefined once it is no longer wanted. */
  async come(
    isWanted: () => boolean,
    onPush?: (push: ServerMessage) => void,
  ): Promise<Connection | undefined> {
    for (let wait = SHORTEST_WAIT; isWanted(); wait = Math.min(LONGEST_WAIT, wait * 2)) {
      const connection = await this.#try(onPush)
      if (connection !== undefined) return connection
      await pause(wait * (0.5 + this.#options.random() / 2))
    }
    return undefined
  }

  async #try(onPush?: (push: ServerMessage) => void): Promise<Connection | undefined> {
    const { patience } = this.#options
    const port = this.#choose()()
    if (port === undefined) return undefined
    let connection: Connection | undefined
    try {
      connection = await Connection.open(port, patience, onPush)
      await this.#greet(connection)
      return connection
    } catch (error) {
      if (!(error instanceof Refused || error instanceof Cut)) throw error
      connection?.end()
      return undefined
    }
  }

  /** A different node than the last one, if there is one. */
  #choose(): Way {
    const { ways, random } = this.#options
    const others = [...ways.keys()].filter(index => index !== this.#last)
    this.#last = others[Math.floor(random() * others.length)] ?? 0
    return ways[this.#last]!
  }

  async #greet(connection: Connection): Promise<void> {
    const { name } = this.#options
    if (this.#token === undefined) {
      const nick = this.#attempts++ === 0 ? name : `${name} ${this.#attempts}`
      const { token } = await connection.ask('hello', { v: 1, nick })
      this.#token = String(token)
      return
    }
    try {
      await connection.ask('hello', { v: 1, token: this.#token })
    } catch (error) {
      if (error instanceof Refused && error.code === NOT_KNOWN) {
        this.#token = undefined
        this.#options.forgotten()
      }
      throw error
    }
  }
}
