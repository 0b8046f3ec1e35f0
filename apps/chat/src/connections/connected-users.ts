// Who is connected to this node, and with which connections.

import type { Client } from './client.ts'

const NOBODY: ReadonlySet<Client> = new Set()

export class People implements Iterable<Client> {
  readonly #clients = new Map<string, Set<Client>>()

  /** How many different users there are. */
  get size(): number {
    return this.#clients.size
  }

  /** All connections of users. */
  *[Symbol.iterator](): Generator<Client> {
    for (const clients of [...this.#clients.values()]) yield* [...clients]
  }

  /** This connection is that user's. */
  add(user: string, client: Client): void {
    const clients = this.#clients.get(user) ?? new Set()
    this.#clients.set(user, clients.add(client))
  }

  /** Not any more. */
  delete(user: string, client: Client): void {
    const clients = this.#clients.get(user)
    clients?.delete(client)
    if (clients?.size === 0) this.#clients.delete(user)
  }

  /** All connections of a user. */
  of(user: string): ReadonlySet<Client> {
    return this.#clients.get(user) ?? NOBODY
  }
}
