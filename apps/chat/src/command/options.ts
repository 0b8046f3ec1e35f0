// The options of ws-chat, one row each: name, help text, parser, default. A row is both a flag
// (`--max-per-address`) and an environment variable (`CHAT_MAX_PER_ADDRESS`).

import type { Rate, ServerOptions } from '@ws/server'
import { LIMITS, type Limits } from '../context/limits.ts'
import type { RedisAddress } from '../engine/redis/address.ts'
import { MAX_NICK } from '../wire/constants.ts'
import {
  duration,
  hostPolicy,
  kibibyteRate,
  type ListenAddress,
  list,
  listenAddress,
  nonEmpty,
  oneOf,
  originPolicy,
  proxies,
  type Read,
  rate,
  redisAddress,
  wholeNumber,
  yesOrNo,
} from './values.ts'

/** The options of the program. */
export interface ProgramOptions {
  /** 0 takes any port that is free. */
  readonly port: number
  /** The address to listen on; loopback of both families when left out. */
  readonly host: string | undefined
  /** The path of a Unix socket to listen on, instead of a port. */
  readonly socket: string | undefined
  /** The names that the chat answers to; those of `WebSocketServer` when left out. */
  readonly hosts: NonNullable<ServerOptions['hosts']> | undefined
  /** The address for metrics; undefined for none. */
  readonly metrics: ListenAddress | undefined
  /** The store. */
  readonly store: Store
  readonly auth: 'guest' | 'register'
  /** Names. */
  readonly admins: readonly string[]
  /** Which pages may connect. */
  readonly origin: NonNullable<ServerOptions['origin']>
  /** The write rate of one connection. */
  readonly writeRate: Rate
  /** The rate limits of addresses and accounts. */
  readonly limits: Pick<Limits, 'newAccounts' | 'newRooms' | 'logins' | 'reads' | 'searches'> &
    Partial<Limits>
  /** Most connections at a time, and from one address; `Infinity` for no limit. */
  readonly maxSockets: number
  readonly maxSocketsPerAddress: number
  readonly trustProxy: readonly string[]
  /** Most entries that are kept of each room; all when left out. */
  readonly keep: number | undefined
  /** Whether to compress messages for clients that offer it (RFC 7692). */
  readonly deflate: boolean
  /** Milliseconds. */
  readonly drain: number
  /** By default, the form that suits standard output. */
  readonly log: 'pretty' | 'json' | undefined
}

export type Store =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'redis'; readonly address: RedisAddress }
  | { readonly kind: 'memory' }

export interface Option<Value> {
  /** The placeholder of the value on the help page; undefined for a flag. */
  readonly value?: string
  readonly about: string
  readonly read: Read<Value>
  readonly default: Value
  /** `default`, in words. */
  readonly defaultText: string
  /** The value may contain a password: it is never printed. */
  readonly isSecret?: true
}

const option = <Value>(row: Option<Value>): Option<Value> => row

/** All options but `--help` and `--version`, in the order of the help page. */
export const OPTIONS = {
  port: option({
    value: 'N',
    about: 'port to listen on; 0 for any free port',
    read: wholeNumber(0, 65_535),
    default: 3369,
    defaultText: '3369',
  }),
  host: option<string | undefined>({
    value: 'ADDRESS',
    about: 'address to listen on; 0.0.0.0 or :: opens it to the network',
    read: nonEmpty('an address or a host name'),
    default: undefined,
    defaultText: 'loopback, IPv4 and IPv6',
  }),
  socket: option<string | undefined>({
    value: 'PATH',
    about: 'Unix socket or Windows pipe to listen on, instead of a port',
    read: nonEmpty('a path'),
    default: undefined,
    defaultText: 'none',
  }),
  hosts: option<ProgramOptions['hosts']>({
    value: 'LIST',
    about: 'names to answer to, such as chat.example,*.chat.example, or any; requests for others get 421',
    read: hostPolicy,
    default: undefined,
    defaultText:
      'on loopback without --trust-proxy localhost, its subdomains, addresses and --host; elsewhere any',
  }),
  metrics: option<ListenAddress | undefined>({
    value: '[HOST:]PORT',
    about: 'address for /metrics, separate from the chat; on loopback defaultText a host is given',
    read: listenAddress,
    default: undefined,
    defaultText: 'not served',
  }),
  data: option({
    value: 'FILE',
    about: 'file for all data, created if it does not exist',
    read: nonEmpty('the name of a file'),
    default: './chat.db',
    defaultText: './chat.db',
  }),
  redis: option<RedisAddress | undefined>({
    value: 'URL',
    about: 'keep all data in this Redis instead, which several nodes can share: redis://:PASSWORD@HOST:6379',
    read: redisAddress,
    default: undefined,
    defaultText: 'no Redis',
    isSecret: true,
  }),
  memory: option({
    about: 'keep everything in memory; all data is lost on exit',
    read: yesOrNo,
    default: false,
    defaultText: 'no',
  }),
  keep: option<number | undefined>({
    value: 'N',
    about: 'entries kept of each room; older ones are removed',
    read: wholeNumber(1),
    default: undefined,
    defaultText: 'all',
  }),
  auth: option<ProgramOptions['auth']>({
    value: 'MODE',
    about:
      'guest: a name is enough; register: users need an account with a password, which anyone can create',
    read: oneOf('guest', 'register'),
    default: 'guest',
    defaultText: 'guest',
  }),
  admin: option<readonly string[]>({
    value: 'NAME,…',
    about: 'with --memory: registered users who may moderate every room; else use ws-chat admin add NAME',
    read: list(`a list of names, each of at most ${MAX_NICK} characters`, MAX_NICK),
    default: [],
    defaultText: 'none',
  }),
  origin: option<ProgramOptions['origin']>({
    value: 'POLICY',
    about:
      'pages that may connect: same-host, any, or a list such as https://chat.example,https://*.chat.example',
    read: originPolicy,
    default: 'same-host',
    defaultText: 'same-host',
  }),
  rate: option({
    value: 'BURST:N',
    about: 'rate limit per connection: burst, then messages per second',
    read: rate,
    default: { burst: 5, perSecond: 2 },
    defaultText: '5:2',
  }),
  'read-rate': option({
    value: 'BURST:N',
    about: 'KiB that one address may read: burst, then KiB per second; the same again for missed entries',
    read: kibibyteRate,
    default: LIMITS.reads,
    defaultText: '65536:4096',
  }),
  'search-rate': option({
    value: 'BURST:N',
    about: 'searches of one user: burst, then searches per second; ten times as many from one address',
    read: rate,
    default: LIMITS.searches,
    defaultText: '5:0.5',
  }),
  'address-rate': option<Rate | undefined>({
    value: 'BURST:N',
    about: 'rate limit for the messages of all connections from one IPv4 address or IPv6 /64, on each node',
    read: rate,
    default: undefined,
    defaultText: '20 times the burst of --rate, 10 times its messages per second',
  }),
  'account-rate': option({
    value: 'BURST:N',
    about: 'rate limit for new guests and registrations from one IPv4 address or IPv6 /64',
    read: rate,
    default: LIMITS.newAccounts,
    defaultText: '200:0.05',
  }),
  'room-rate': option({
    value: 'BURST:N',
    about: 'rate limit for new rooms from one IPv4 address or IPv6 /64: burst, then rooms per second',
    read: rate,
    default: LIMITS.newRooms,
    defaultText: '20:0.0014',
  }),
  'login-rate': option({
    value: 'BURST:N',
    about:
      'rate limit for sign-ins with a password from one IPv4 address or IPv6 /64 that is new to the account',
    read: rate,
    default: LIMITS.logins,
    defaultText: '30:0.1',
  }),
  'max-connections': option({
    value: 'N',
    about: 'maximum open connections; further ones get 503',
    read: wholeNumber(1),
    default: 10_000,
    defaultText: '10000',
  }),
  'max-per-address': option({
    value: 'N',
    about: 'maximum connections from one IPv4 address or IPv6 /64; further ones get 429',
    read: wholeNumber(1),
    default: Number.POSITIVE_INFINITY,
    defaultText: 'no limit',
  }),
  'trust-proxy': option<readonly string[]>({
    value: 'ADDRESS,…',
    about: 'trusted proxies, whose X-Forwarded-For is honored: addresses, ranges, loopback, private, unix',
    read: proxies,
    default: [],
    defaultText: 'none',
  }),
  'no-deflate': option({
    about:
      'disable compression (by default, messages of 1 KiB or more are compressed if the client offers permessage-deflate)',
    read: yesOrNo,
    default: false,
    defaultText: 'no',
  }),
  drain: option({
    value: 'TIME',
    about: 'time for connections to close after a signal',
    read: duration,
    default: 10_000,
    defaultText: '10s',
  }),
  log: option<ProgramOptions['log']>({
    value: 'FORM',
    about: 'pretty for people, json for programs',
    read: oneOf('pretty', 'json'),
    default: undefined,
    defaultText: 'pretty on a terminal, else json',
  }),
} as const

/** The environment variable of an option. */
export function variableOf(name: string): string {
  return `CHAT_${name.toUpperCase().replaceAll('-', '_')}`
}
