// What a server can be told, and the check of it.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from '../socket.ts'
import { type ClientAddress, checkTrustProxy } from '../upgrade/client-address.ts'
import { checkCount, checkFunctions, checkNames } from './check.ts'
import {
  checkRoute,
  HANDLER_NAMES,
  ROUTE_OPTION_NAMES,
  type RouteOptions,
  type RouteSettings,
} from './route-options.ts'

/** Everything that a server can be told; all of it is optional. The handlers are for all paths that have no route of their own. */
export interface ServerOptions<Data = unknown> extends RouteOptions<Data> {
  /** As on a route, and for the sockets of routes that have none, whatever their `data` is. */
  onError?(error: unknown, socket: Socket | undefined): void
  /** Most sockets at a time, those in their handshake included; more are answered 503. No limit. */
  readonly maxSockets?: number
  /** Most sockets at a time from one IPv4 address or one IPv6 /64; more are answered 429. No limit. */
  readonly maxSocketsPerAddress?: number
  /** Most requests at a time that wait for `upgrade`; more are answered 503. No limit. */
  readonly maxPendingUpgrades?: number
  /** Most topics of one socket; more throw a `RangeError`. 4,096. */
  readonly maxTopics?: number
  /** Addresses of proxies that may say, in X-Forwarded-For, whom they speak for: addresses, ranges like `10.0.0.0/8`, `'loopback'`, `'private'`. None. */
  readonly trustProxy?: readonly string[]
  /** What answers ordinary HTTP requests where `listen` was called. Without it they are answered 426. */
  readonly request?: (request: IncomingMessage, response: ServerResponse) => void
}

/** The options with everything filled in. */
export interface ServerSettings {
  /** What the routes have where they say nothing of their own. */
  readonly base: RouteSettings
  /** Whether a handler was given for the paths without a route. */
  readonly handlesRest: boolean
  readonly maxSockets: number
  readonly maxSocketsPerAddress: number
  readonly maxPendingUpgrades: number
  readonly maxTopics: number
  readonly clientAddress: ClientAddress
  readonly request: ServerOptions['request']
}

const OPTION_NAMES = [
  ...ROUTE_OPTION_NAMES,
  'maxSockets',
  'maxSocketsPerAddress',
  'maxPendingUpgrades',
  'maxTopics',
  'trustProxy',
  'request',
]

/** Fills in what is missing. Throws a `TypeError` or a `RangeError` that says what is accepted. */
export function checkOptions(options: ServerOptions): ServerSettings {
  checkNames(options, OPTION_NAMES)
  checkFunctions(options, ['request'])
  return {
    base: checkRoute(options),
    handlesRest: HANDLER_NAMES.some(name => name !== 'onError' && options[name] !== undefined),
    maxSockets: checkCount('maxSockets', options.maxSockets, Number.POSITIVE_INFINITY),
    maxSocketsPerAddress: checkCount(
      'maxSocketsPerAddress',
      options.maxSocketsPerAddress,
      Number.POSITIVE_INFINITY,
    ),
    maxPendingUpgrades: checkCount(
      'maxPendingUpgrades',
      options.maxPendingUpgrades,
      Number.POSITIVE_INFINITY,
    ),
    maxTopics: checkCount('maxTopics', options.maxTopics, 4096),
    clientAddress: checkTrustProxy(options.trustProxy === undefined ? [] : options.trustProxy),
    request: options.request,
  }
}
