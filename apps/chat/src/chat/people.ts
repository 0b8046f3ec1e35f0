// Who is connected to this node, and with which connections.

import type { Client } from './client.ts'

const NOBODY: ReadonlySet<Client> = new Set()

export class People {
  readonly #clients = new Map<string, Set<Client>>()

  /** How many different users there are. */
  get size(): number {
    return this.#clients.size
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
