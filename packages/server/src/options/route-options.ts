// The options of a route: handlers, those of a connection, and those of the opening handshake.

import type { ConnectionConfig } from '@ws/connection'
import {
  ConnectionOptionTable,
  checkDelay,
  checkFlag,
  checkOptionNames,
  defaultsOf,
  type Option,
  type OptionsOf,
  resolveHandlers,
  resolveOptions,
  type SettingsOf,
} from '@ws/connection/internal'
import { checkValidationOptions, type OriginPolicy, parseProtocols } from '@ws/handshake'
import type { Message, NegotiableExtension } from '@ws/protocol'
import { HANDLER_NAMES, type Handlers } from '../handlers.ts'
import type { AnyParams } from '../path-template.ts'
import type { Socket } from '../socket.ts'

/** The table of a route's options. */
export class RouteOptionTable extends ConnectionOptionTable {
  /**
   * Pages that may connect: those of the `'same-host'`, `'any'`, or a list of origins (RFC 6455
   * §10.2). `'any'` is dangerous wherever cookies count.
   */
  readonly origin: Option<OriginPolicy> = { default: 'same-host', validate: checkOrigin }
  /** Subprotocols, the best first; the first that the client offers too is used (RFC 6455 §1.9). */
  readonly protocols: Option<readonly string[]> = { default: [], validate: checkProtocols }
  /**
   * Extensions, the best first; the first that accepts an offer of the client is used (RFC 6455
   * §9). Nothing is compressed unless this has `permessageDeflate()` of `@ws/deflate`.
   */
  readonly extensions: Option<readonly NegotiableExtension[]> = { default: [], validate: checkExtensions }
  /**
   * Milliseconds for `upgrade` to answer; then 503. Other `upgrade` listeners of the HTTP server
   * have as long to answer a request for an unknown path.
   */
  readonly handshakeTimeout: Option<number> = { default: 10_000, validate: checkDelay }
  /**
   * Whether other `data` listeners of an upgraded transport receive its bytes, as sent. By default
   * they receive nothing, or altered bytes: reading is faster that way.
   */
  readonly shareTransport: Option<boolean> = { default: false, validate: checkFlag }
  /**
   * Whether sockets keep the head of their request as `socket.request`. It costs memory for as long
   * as they are open; what `upgrade` takes from the request into `data` costs less.
   */
  readonly keepRequest: Option<boolean> = { default: false, validate: checkFlag }
}

/** The options of a route. What is left out is as the server has it. */
export interface RouteOptions<Data = unknown, Value = Message, Params = AnyParams>
  extends Handlers<Data, Value, Params>,
    OptionsOf<RouteOptionTable> {}

/** The options of a route, complete. */
export type RouteSettings = SettingsOf<RouteOptionTable>

/** The settings and handlers of a path. `errorHandler` is the route's, or else the server's. */
export interface ResolvedRoute extends ConnectionConfig<Socket> {
  readonly settings: RouteSettings
  readonly handlers: Handlers
}

/** The table. */
export const ROUTE_OPTIONS: RouteOptionTable = new RouteOptionTable()

const DEFAULT_ROUTE: ResolvedRoute = {
  settings: defaultsOf(ROUTE_OPTIONS),
  handlers: {},
  errorHandler: undefined,
}

/** Throws a `TypeError` for an option that neither routes nor `others` have. */
export function checkRouteNames(options: object, others: readonly string[] = []): void {
  checkOptionNames(ROUTE_OPTIONS, options, ['format', ...HANDLER_NAMES, ...others])
}

/**
 * Takes what is left out from `base`. Throws a `TypeError` or a `RangeError` that says what is
 * accepted.
 */
export function resolveRoute(options: RouteOptions, base: ResolvedRoute = DEFAULT_ROUTE): ResolvedRoute {
  const settings = resolveOptions(ROUTE_OPTIONS, options, base.settings)
  const handlers: Handlers = resolveHandlers(options, HANDLER_NAMES, settings)
  return { settings, handlers, errorHandler: handlers.error ?? base.errorHandler }
}

function checkOrigin(_: string, origin: OriginPolicy): OriginPolicy {
  // The handshake takes null for an option that is left out.
  if (origin === null) throw new TypeError("origin must be 'same-host', 'any' or a list of origins, not null")
  checkValidationOptions({ origin })
  return origin
}

function checkProtocols(_: string, protocols: readonly string[]): readonly string[] {
  if (!Array.isArray(protocols)) throw new TypeError('protocols must be a list')
  const list = protocols.length === 0 ? [] : parseProtocols(protocols.join(','))
  // Nothing is coerced: neither a number to its digits nor ' a' to 'a'.
  if (list?.length !== protocols.length || list.some((name, i) => name !== protocols[i])) {
    throw new TypeError(`protocols must be distinct tokens, not ${JSON.stringify(protocols)} (RFC 6455 §4.1)`)
  }
  return list
}

/** Throws a `TypeError` for a value that is not a list of extensions. */
export function checkExtensions(
  _: string,
  extensions: readonly NegotiableExtension[],
): readonly NegotiableExtension[] {
  if (!Array.isArray(extensions)) throw new TypeError('extensions must be a list')
  for (const extension of extensions as readonly Partial<NegotiableExtension>[]) {
    if (typeof extension?.name !== 'string' || typeof extension.accept !== 'function')
      throw new TypeError('extensions must be a list of such as permessageDeflate() of @ws/deflate')
  }
  return [...extensions]
}
