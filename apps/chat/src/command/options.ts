// What ws-chat can be told, one row an option: its name, its words on the help page, how its text is read, what holds without it. The
// same row is a flag (`--max-per-address`) and an environment variable (`CHAT_MAX_PER_ADDRESS`).

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

/** How a chat is run. */
export interface ProgramOptions {
  /** 0 takes any port that is free. */
  readonly port: number
  /** The address to listen on; loopback of both families when left out. */
  readonly host: string | undefined
  /** The path of a Unix socket to listen on, instead of a port. */
  readonly socket: string | undefined
  /** The names that the chat answers to; those of `WebSocketServer` when left out. */
  readonly hosts: NonNullable<ServerOptions['hosts']> | undefined
  /** Where metrics are served; nowhere when left out. */
  readonly metrics: ListenAddress | undefined
  /** Where everything is kept. */
  readonly store: Store
  readonly auth: 'guest' | 'register'
  /** Nicks. */
  readonly admins: readonly string[]
  /** Which pages may connect. */
  readonly origin: NonNullable<ServerOptions['origin']>
  /** How often one connection may write. */
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
  /** Whether messages are compressed for who offers it (RFC 7692). */
  readonly deflate: boolean
  /** Milliseconds. */
  readonly drain: number
  /** What suits standard output when left out. */
  readonly log: 'pretty' | 'json' | undefined
}

export type Store =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'redis'; readonly address: RedisAddress }
  | { readonly kind: 'memory' }

export interface Option<Value> {
  /** What stands for the value on the help page; none for a flag that is there or not. */
  readonly value?: string
  readonly about: string
  readonly read: Read<Value>
  readonly otherwise: Value
  /** `otherwise`, in words. */
  readonly unless: string
  /** What is given may have a password in it: it is never shown. */
  readonly isSecret?: true
}

const option = <Value>(row: Option<Value>): Option<Value> => row

/** All options but `--help` and `--version`, in the order of the help page. */
export const OPTIONS = {
  port: option({
    value: 'N',
    about: 'port to listen on; 0 takes any that is free',
    read: wholeNumber(0, 65_535),
    otherwise: 3369,
    unless: '3369',
  }),
  host: option<string | undefined>({
    value: 'ADDRESS',
    about: 'address to listen on; 0.0.0.0 or :: opens it to the network',
    read: nonEmpty('an address or a host name'),
    otherwise: undefined,
    unless: 'loopback, IPv4 and IPv6',
  }),
  socket: option<string | undefined>({
    value: 'PATH',
    about: 'Unix socket or Windows pipe to listen on, instead of a port',
    read: nonEmpty('a path'),
    otherwise: undefined,
    unless: 'none',
  }),
  hosts: option<ProgramOptions['hosts']>({
    value: 'LIST',
    about: 'names to answer to, such as chat.example,*.chat.example, or any; requests for others get 421',
    read: hostPolicy,
    otherwise: undefined,
    unless:
      'on loopback without --trust-proxy localhost, its subdomains, addresses and --host; elsewhere any',
  }),
  metrics: option<ListenAddress | undefined>({
    value: '[HOST:]PORT',
    about: 'where to serve /metrics, apart from the chat; on loopback if no host is named',
    read: listenAddress,
    otherwise: undefined,
    unless: 'not served',
  }),
  data: option({
    value: 'FILE',
    about: 'file that everything is kept in; it is made if it is not there',
    read: nonEmpty('the name of a file'),
    otherwise: './chat.db',
    unless: './chat.db',
  }),
  redis: option<RedisAddress | undefined>({
    value: 'URL',
    about:
      'keep everything in this Redis instead, for as many nodes as are given it: redis://:PASSWORD@HOST:6379',
    read: redisAddress,
    otherwise: undefined,
    unless: 'no Redis',
    isSecret: true,
  }),
  memory: option({
    about: 'keep nothing: all is gone when the chat stops',
    read: yesOrNo,
    otherwise: false,
    unless: 'no',
  }),
  keep: option<number | undefined>({
    value: 'N',
    about: 'entries kept of each room; older ones are removed',
    read: wholeNumber(1),
    otherwise: undefined,
    unless: 'all',
  }),
  auth: option<ProgramOptions['auth']>({
    value: 'WHO',
    about: 'guest: a nick is enough; register: everybody needs a password, which anybody can choose',
    read: oneOf('guest', 'register'),
    otherwise: 'guest',
    unless: 'guest',
  }),
  admin: option<readonly string[]>({
    value: 'NICK,…',
    about: 'with --memory: registered users who may moderate every room; else use ws-chat admin add NAME',
    read: list(`a list of nicks, each of at most ${MAX_NICK} characters`, MAX_NICK),
    otherwise: [],
    unless: 'nobody',
  }),
  origin: option<ProgramOptions['origin']>({
    value: 'POLICY',
    about:
      'pages that may connect: same-host, any, or a list such as https://chat.example,https://*.chat.example',
    read: originPolicy,
    otherwise: 'same-host',
    unless: 'same-host',
  }),
  rate: option({
    value: 'BURST:N',
    about: 'what one connection may write: so much at once, then so much a second',
    read: rate,
    otherwise: { burst: 5, perSecond: 2 },
    unless: '5:2',
  }),
  'read-rate': option({
    value: 'BURST:N',
    about: 'KiB that one address may read: burst, then KiB per second; as much again for what it missed',
    read: kibibyteRate,
    otherwise: LIMITS.reads,
    unless: '65536:4096',
  }),
  'search-rate': option({
    value: 'BURST:N',
    about: 'searches of one user: burst, then searches per second; ten times as many from one address',
    read: rate,
    otherwise: LIMITS.searches,
    unless: '5:0.5',
  }),
  'address-rate': option<Rate | undefined>({
    value: 'BURST:N',
    about: 'rate limit for the messages of all connections from one IPv4 address or IPv6 /64, on each node',
    read: rate,
    otherwise: undefined,
    unless: '20 times the burst of --rate, 10 times its messages per second',
  }),
  'account-rate': option({
    value: 'BURST:N',
    about: 'rate limit for new guests and registrations from one IPv4 address or IPv6 /64',
    read: rate,
    otherwise: LIMITS.newAccounts,
    unless: '200:0.05',
  }),
  'room-rate': option({
    value: 'BURST:N',
    about: 'rate limit for new rooms from one IPv4 address or IPv6 /64: burst, then rooms per second',
    read: rate,
    otherwise: LIMITS.newRooms,
    unless: '20:0.0014',
  }),
  'login-rate': option({
    value: 'BURST:N',
    about:
      'rate limit for sign-ins with a password from one IPv4 address or IPv6 /64 that is new to the account',
    read: rate,
    otherwise: LIMITS.logins,
    unless: '30:0.1',
  }),
  'max-connections': option({
    value: 'N',
    about: 'connections at a time; more are answered 503',
    read: wholeNumber(1),
    otherwise: 10_000,
    unless: '10000',
  }),
  'max-per-address': option({
    value: 'N',
    about: 'connections from one IPv4 address or IPv6 /64; more are answered 429',
    read: wholeNumber(1),
    otherwise: Number.POSITIVE_INFINITY,
    unless: 'no limit',
  }),
  'trust-proxy': option<readonly string[]>({
    value: 'ADDRESS,…',
    about: 'trusted proxies, whose X-Forwarded-For is honored: addresses, ranges, loopback, private, unix',
    read: proxies,
    otherwise: [],
    unless: 'none',
  }),
  'no-deflate': option({
    about: 'compress nothing; else messages of 1 KiB and more are, for who offers permessage-deflate',
    read: yesOrNo,
    otherwise: false,
    unless: 'no',
  }),
  drain: option({
    value: 'TIME',
    about: 'time that connections have to close when the chat is told to stop',
    read: duration,
    otherwise: 10_000,
    unless: '10s',
  }),
  log: option<ProgramOptions['log']>({
    value: 'FORM',
    about: 'pretty for people, json for programs',
    read: oneOf('pretty', 'json'),
    otherwise: undefined,
    unless: 'pretty on a terminal, else json',
  }),
} as const

/** The environment variable of an option. */
export function variableOf(name: string): string {
  return `CHAT_${name.toUpperCase().replaceAll('-', '_')}`
}
