// The options of a server: those of a route, for all paths without one, and the limits of the
// server.

import { totalmem } from 'node:os'
import {
  checkCount,
  checkFunctions,
  defaultsOf,
  type Option,
  type OptionsOf,
  resolveOptions,
  type SettingsOf,
} from '@ws/connection/internal'
import { HostList, type HostPolicy } from '@ws/handshake'
import type { Message } from '@ws/protocol'
import { HANDLER_NAMES } from '../handlers.ts'
import { TrustedProxies } from '../http/client-address.ts'
import type { HttpHandler } from '../http/guard-handler.ts'
import type { Socket } from '../socket.ts'
import { checkRouteNames, type ResolvedRoute, type RouteOptions, resolveRoute } from './route-options.ts'

const LARGEST_SIZE = 2 ** 30

/** The table of a server's options, without those of its routes. */
export class ServerOptionTable {
  /** Sockets at a time, handshakes included; more are answered 503. */
  readonly maxSockets: Option<number> = count(Number.POSITIVE_INFINITY)
  /** Sockets at a time from one IPv4 address or IPv6 /64; more are answered 429. */
  readonly maxSocketsPerAddress: Option<number> = count(Number.POSITIVE_INFINITY)
  /** Requests that may wait for `upgrade` at a time; more are answered 503. */
  readonly maxPendingUpgrades: Option<number> = count(Number.POSITIVE_INFINITY)
  /**
   * Bytes that the buffers of all sockets may take, received and unsent; above, those that take the
   * most are closed with 1013, or terminated if their output is unsent, and requests are answered
   * 503. The memory of the process is that of its cgroup, or else of the machine. What topics keep
   * for slow subscribers is not counted.
   */
  readonly maxTotalBuffered: Option<number> = {
    default: Math.floor(memoryOfProcess() / 4),
    defaultInWords: 'a quarter of the memory',
    validate: checkCount,
  }
  /** Topics of one socket; above, `subscribe` throws a `RangeError`. */
  readonly maxTopics: Option<number> = count(4096)
  /**
   * The names that this server answers to, such as `['app.example', '*.app.example']`, or `'any'`;
   * requests for others get 421. By default, `listen` on loopback without `trustProxy` answers to
   * `'local'`, which is `localhost`, its subdomains and every IP address, and to the host that was
   * passed to it: a page whose name resolves to 127.0.0.1 (DNS rebinding) is turned away. Elsewhere
   * the default is `'any'`.
   */
  readonly hosts: Option<HostPolicy, HostList | undefined> = {
    default: undefined,
    validate: (_, policy) => new HostList(policy),
  }
  /** Bytes of the largest request head where `listen` was called; a larger one gets 431. */
  readonly maxHeadSize: Option<number> = size(16 * 1024)
  /** Header fields of one request where `listen` was called; more get 431. */
  readonly maxFields: Option<number> = size(100)
  /** Bytes of the longest request target where `listen` was called; a longer one gets 414. */
  readonly maxTargetLength: Option<number> = size(8 * 1024)
  /**
   * Proxies whose X-Forwarded-For is honored: addresses, ranges such as `10.0.0.0/8`, `'loopback'`,
   * `'private'`, `'unix'` for those that connect to a Unix socket. List no range that clients come from: they would choose their address themselves.
   */
  readonly trustProxy: Option<readonly string[], TrustedProxies> = {
    default: new TrustedProxies([]),
    validate: (_, proxies) => new TrustedProxies(proxies),
  }
  /**
   * Answers ordinary HTTP requests where `listen` was called; by default they get 426. A throw or a
   * rejection is answered with 500 and reported as that of any other handler.
   */
  readonly http: Option<HttpHandler, HttpHandler | undefined> = {
    default: undefined,
    validate: (name, http) => {
      checkFunctions({ [name]: http }, [name])
      return http
    },
  }
}

/** The options of a server. The handlers are for all paths that have no route of their own. */
export interface ServerOptions<Data = unknown, Value = Message>
  extends RouteOptions<Data, Value>,
    OptionsOf<ServerOptionTable> {
  /** As on a route, and for the sockets of routes without it, whatever their `data` is. */
  readonly error?: (error: unknown, socket: Socket | undefined) => unknown
}

/** The options of a server, complete. */
export interface ServerSettings extends SettingsOf<ServerOptionTable> {
  /** The route of all paths without one, and the defaults of the others. */
  readonly base: ResolvedRoute
  /** Whether any handler was given for the paths without a route. */
  readonly handlesRest: boolean
}

/** The table. */
export const SERVER_OPTIONS: ServerOptionTable = new ServerOptionTable()

const DEFAULTS: SettingsOf<ServerOptionTable> = defaultsOf(SERVER_OPTIONS)

/** Completes the options. Throws a `TypeError` or a `RangeError` that says what is accepted. */
export function resolveServerOptions(options: ServerOptions): ServerSettings {
  checkRouteNames(options, Object.keys(SERVER_OPTIONS))
  return {
    ...resolveOptions(SERVER_OPTIONS, options, DEFAULTS),
    base: resolveRoute(options),
    handlesRest: HANDLER_NAMES.some(name => name !== 'error' && options[name] !== undefined),
  }
}

/** Bytes of memory that the process may use. */
function memoryOfProcess(): number {
  // Without a limit it is 0, or a number that is larger than any memory.
  const limit = process.constrainedMemory()
  return limit === 0 ? totalmem() : Math.min(limit, totalmem())
}

/** A size that Node's HTTP server accepts as a limit. */
function size(defaultValue: number): Option<number> {
  return { default: defaultValue, validate: checkSize }
}

function checkSize(name: string, value: unknown): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${typeof value}`)
  if (!Number.isInteger(value) || value < 1 || value > LARGEST_SIZE)
    throw new RangeError(`${name} must be a whole number from 1 to ${LARGEST_SIZE}, not ${value}`)
  return value
}

function count(defaultValue: number): Option<number> {
  return { default: defaultValue, validate: checkCount }
}
