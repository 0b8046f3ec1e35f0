// A route of a server, as its users see it.

import type { Duplex } from 'node:stream'
import type { Upgraded } from './handlers.ts'
import type { RequestLike } from './http/incoming-request.ts'
import type { SocketSet } from './socket-set.ts'

/** The sockets that share handlers and options. `Data` is what `upgrade` returns for them. */
export interface Route<Data = undefined> {
  /** Its sockets that are open or closing. */
  readonly sockets: SocketSet<Data>
  /**
   * Answers one upgrade request, given the arguments of an `upgrade` event, whatever path a route
   * of a literal path has; a path with parameters must match, or the answer is 404. With
   * `accepted`, which is what `upgrade` would return, the handler `upgrade` is not called. An
   * invalid request is rejected in any case. Throws, and leaves the transport untouched, if it was
   * passed to a server before, or if the arguments are not those of an `upgrade` event.
   */
  handleUpgrade(request: RequestLike, transport: Duplex, head?: Uint8Array, accepted?: Upgraded<Data>): void
}
