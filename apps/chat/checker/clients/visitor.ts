// Somebody who comes to the chat again and again, to any node, and is the same user each time.

import { setTimeout as pause } from 'node:timers/promises'
import { Connection, Cut, Refused, type ServerMessage } from './connection.ts'

/** Where a node can be reached at the moment; undefined where it cannot. */
export type Way = () => number | undefined

export interface VisitorOptions {
  readonly name: string
  readonly ways: readonly Way[]
  /** In [0, 1): what chooses among the nodes, and how long is waited. */
  readonly random: () => number
  /** Milliseconds after which who does not answer is given up. */
  readonly patience: number
  /** The chat does not know the user any more. */
  readonly forgotten: () => void
}

/** Milliseconds between two attempts to connect: doubled each time, up to the longest; half of it by chance. */
const SHORTEST_WAIT = 50
const LONGEST_WAIT = 800

/** What the chat says of a token that it does not know. */
const NOT_KNOWN = 'unauthorized'

export class Visitor {
  readonly #options: VisitorOptions
  #token: string | undefined
  /** Nicks that may have been taken without our having been told. */
  #attempts = 0
  #last: number | undefined

  constructor(options: VisitorOptions) {
    this.#options = options
  }

  /** A connection that has said hello, as soon as there is one; undefined if it is not wanted any more. */
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

  /** Another node than the last one, where there is another. */
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
