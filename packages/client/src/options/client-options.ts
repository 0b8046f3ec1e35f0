// The options of a client: those of a connection, of its opening handshake, and how to dial.

import type { Duplex } from 'node:stream'
import type { ConnectionHandlers, OpenSocketOptions, RequireFormat, Socket } from '@ws/connection'
import {
  CONNECTION_HANDLER_NAMES,
  CONNECTION_OPTIONS,
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
import { createRequest } from '@ws/handshake'
import type { Message, NegotiableExtension } from '@ws/protocol'
import { type ProxyServer, parseProxy } from '../dialing/proxy.ts'
import type { CreateConnection, TcpSettings } from '../dialing/tcp.ts'
import type { TlsOptions } from '../dialing/tls.ts'
import type { CookieJar } from '../handshake/cookies.ts'
import { extensionOffers } from '../handshake/extension.ts'
import { fieldsOf } from '../http/fields.ts'
import {
  checkAddress,
  checkCookieJar,
  checkExtensions,
  checkFunction,
  checkHeaders,
  checkObject,
  checkProtocols,
  checkRedirects,
  checkSignal,
  checkText,
  type HeadersLike,
} from './checks.ts'

/** The table of a client's options. */
export class ClientOptionTable extends ConnectionOptionTable {
  /**
   * Subprotocols, the best first: a list, or one. The connection fails unless the server chooses one
   * of them (RFC 6455 §4.1).
   */
  readonly protocols: Option<string | readonly string[], readonly string[]> = {
    default: [],
    validate: checkProtocols,
  }
  /**
   * Extensions to offer, the best first, such as `permessageDeflate()` of `@ws/deflate`. Nothing is
   * compressed without one.
   */
  readonly extensions: Option<readonly NegotiableExtension[]> = { default: [], validate: checkExtensions }
  /**
   * Headers of the request, such as Authorization, or Host in place of the URL's. A character from
   * U+0080 to U+00FF is sent as the byte of that number.
   */
  readonly headers: Option<HeadersLike, Headers> = { default: new Headers(), validate: checkHeaders }
  /** The origin of the page for which the client acts: `https://example.com`. */
  readonly origin: Option<string, string | undefined> = { default: undefined, validate: checkText }
  /** Cancels the attempt, whatever it is waiting for, and rejects with the signal's reason. */
  readonly signal: Option<AbortSignal, AbortSignal | undefined> = {
    default: undefined,
    validate: checkSignal,
  }
  /** Milliseconds from the call to the open socket: DNS, proxies, TLS and redirects included. */
  readonly handshakeTimeout: Option<number> = { default: 10_000, validate: checkDelay }
  /**
   * Redirects to follow, never from `wss:` to `ws:`. Another origin does not get Authorization,
   * Cookie, Proxy-Authorization and Host of `headers`, nor the client certificate of `tls`.
   */
  readonly maxRedirects: Option<number> = { default: 5, validate: checkRedirects }
  /**
   * The `http:`, `https:`, `socks5:` or `socks5h:` URL of a proxy, or `'env'` for the environment's.
   * A `socks5h:` proxy looks names up. The variables are HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and
   * NO_PROXY.
   */
  readonly proxy: Option<string | URL, ProxyServer | 'env' | undefined> = {
    default: undefined,
    validate: (name, proxy) => (proxy === 'env' ? 'env' : parseProxy(name, proxy)),
  }
  /** A jar of cookies, such as that of npm's `tough-cookie`. */
  readonly cookies: Option<CookieJar, CookieJar | undefined> = {
    default: undefined,
    validate: checkCookieJar,
  }
  /** Options of `tls.connect`: `ca`, `cert`, `key`, `servername`, `rejectUnauthorized`, … */
  readonly tls: Option<TlsOptions> = { default: {}, validate: checkObject }
  /** Looks a name up in place of `dns.lookup`, as in `net.connect`. */
  readonly lookup: Option<NonNullable<TcpSettings['lookup']>, TcpSettings['lookup']> = {
    default: undefined,
    validate: checkFunction,
  }
  /** The local address to connect from. */
  readonly localAddress: Option<string, string | undefined> = {
    default: undefined,
    validate: checkAddress,
  }
  /** Whether to try the addresses of both families, as in `net.connect`; by default as Node does. */
  readonly autoSelectFamily: Option<boolean, boolean | undefined> = {
    default: undefined,
    validate: checkFlag,
  }
  /**
   * Opens the transport in place of `net.connect`; returns a `Duplex`, or a promise of one. It gets
   * `{ hostname, port, socketPath, signal }` of the server or its proxy. TLS is started on it.
   */
  readonly createConnection: Option<CreateConnection, CreateConnection | undefined> = {
    default: undefined,
    validate: checkFunction,
  }
  /**
   * Wraps the transport, decrypted and before the opening handshake, for example to log its bytes.
   * Returns a `Duplex`: the same one, or one that reads and writes it.
   */
  readonly wrapTransport: Option<WrapTransport, WrapTransport | undefined> = {
    default: undefined,
    validate: checkFunction,
  }
}

/** Wraps a transport. */
type WrapTransport = (transport: Duplex) => Duplex

/**
 * The socket of a client. Disposal (`await using`) closes it with 1000, drops unread messages, and
 * waits for its end.
 */
export type ClientSocket = Socket<undefined> & AsyncDisposable

/**
 * The options of `connect`, and the handlers of its socket, whose `message` receives values of type
 * `Value`.
 */
export type ConnectOptions<Value = Message> = ConnectionHandlers<Socket<undefined>, Value> &
  OptionsOf<ClientOptionTable> &
  RequireFormat<Value>

/** The options of a client, complete. */
export interface ClientSettings extends SettingsOf<ClientOptionTable> {
  /** The options and handlers of the socket, as given. */
  readonly socketOptions: OpenSocketOptions
}

/** The table. */
export const CLIENT_OPTIONS: ClientOptionTable = new ClientOptionTable()

const DEFAULTS: SettingsOf<ClientOptionTable> = defaultsOf(CLIENT_OPTIONS)
const HANDLER_NAMES = ['format', ...CONNECTION_HANDLER_NAMES]
const SOCKET_OPTIONS = [...Object.keys(CONNECTION_OPTIONS), ...HANDLER_NAMES]

/** Completes the options. Throws a `TypeError` or a `RangeError` that says what is accepted. */
export function resolveClientOptions(options: ConnectOptions): ClientSettings {
  checkOptionNames(CLIENT_OPTIONS, options, HANDLER_NAMES)
  const settings = resolveOptions(CLIENT_OPTIONS, options, DEFAULTS)
  const handlers: ConnectionHandlers<Socket<undefined>> = options
  resolveHandlers(handlers, CONNECTION_HANDLER_NAMES, settings)
  checkRequest(settings)
  const given = Object.entries(options).filter(([name]) => SOCKET_OPTIONS.includes(name))
  return { ...settings, socketOptions: Object.fromEntries(given) }
}

/** A valid key for a request that is not sent: random ones take time. */
const ANY_KEY = 'AAAAAAAAAAAAAAAAAAAAAA=='

/** Throws a `TypeError` for a request that would be invalid for any server. */
function checkRequest({ headers, origin, protocols, extensions }: SettingsOf<ClientOptionTable>): void {
  createRequest({
    key: ANY_KEY,
    host: headers.get('host') ?? 'localhost',
    origin: origin ?? headers.get('origin') ?? undefined,
    protocols,
    extensions: extensionOffers(extensions),
    headers: fieldsOf(headers),
  })
}
