// The connected users of this process, and their connections.

export class ConnectedUsers<Connection> implements Iterable<Connection> {
  readonly #connections = new Map<string, Set<Connection>>()
  readonly #none: ReadonlySet<Connection> = new Set()

  /** The number of different users. */
  get size(): number {
    return this.#connections.size
  }

  /** The connections of all users. */
  *[Symbol.iterator](): Generator<Connection> {
    for (const connections of [...this.#connections.values()]) yield* [...connections]
  }

  add(user: string, connection: Connection): void {
    const connections = this.#connections.get(user) ?? new Set()
    this.#connections.set(user, connections.add(connection))
  }

  delete(user: string, connection: Connection): void {
    const connections = this.#connections.get(user)
    connections?.delete(connection)
    if (connections?.size === 0) this.#connections.delete(user)
  }

  /** The connections of a user. */
  of(user: string): ReadonlySet<Connection> {
    return this.#connections.get(user) ?? this.#none
  }
}
