// The handlers of a server or of one of its routes.

import type { ConnectionHandlers } from '@ws/connection'
import { CONNECTION_HANDLER_NAMES } from '@ws/connection/internal'
import type { Message, NegotiableExtension } from '@ws/protocol'
import type { AnyParams } from './path-template.ts'
import type { Socket } from './socket.ts'
import type { UpgradeRequest } from './upgrade-request.ts'

/** Everything that `new Headers()` accepts. */
export type HeadersLike = ConstructorParameters<typeof Headers>[0]

/**
 * The result of `upgrade` that accepts a request; `{}` where there is no data. Unknown keys are
 * an error.
 */
export type Upgraded<Data = undefined> = UpgradedHandshake &
  (undefined extends Data ? { readonly data?: Data } : { readonly data: Data })

interface UpgradedHandshake {
  /**
   * One of the subprotocols that the client offered. By default the first of the option
   * `protocols` that it offered.
   */
  readonly protocol?: string
  /** Further headers of the 101, such as cookies. */
  readonly headers?: HeadersLike
  /** Instead of the option `extensions`, for this connection: `[]` declines all offers. */
  readonly extensions?: readonly NegotiableExtension[]
}

/**
 * The handlers of the sockets of a server, or of one of its routes. `Data` is what `upgrade` returns
 * for a socket, `Value` what `message` receives. One object serves all sockets.
 * A handler that throws or rejects closes its socket with 1011, and affects nothing else.
 */
export interface Handlers<Data = unknown, Value = Message, Params = AnyParams>
  extends ConnectionHandlers<Socket<Data>, Value> {
  /**
   * Called for each upgrade request. Return the socket's data to accept it (`{}` for none), or a
   * `Response` to reject it, or a promise of either; what the client sends in the meantime waits. A
   * throw is answered with 500, silence with 503. Must come first in the object, or have a
   * parameter with a type, so that TypeScript knows the type of `data` in the other handlers.
   */
  readonly upgrade?: (
    request: UpgradeRequest<Params>,
  ) => Upgraded<Data> | Response | Promise<Upgraded<Data> | Response>
}

/** Makes `upgrade` required where the type of the data does not admit undefined. */
export type RequireUpgrade<Data> = undefined extends Data ? unknown : { readonly upgrade: object }

/** The names of all functions among the handlers. */
export const HANDLER_NAMES: readonly Exclude<keyof Handlers, 'format'>[] = [
  'upgrade',
  ...CONNECTION_HANDLER_NAMES,
]
