// Parsers for values of options and environment variables. Each throws `Expected` with the accepted
// form, and does not know its option.

import { type Rate, type ServerOptions, WebSocketServer } from '@ws/server'
import { type RedisAddress, readRedisAddress } from '../engine/redis/address.ts'

/** A value was not accepted; the message completes "must be …". */
export class Expected extends Error {
  override readonly name = 'Expected'
}

/** A text to a value, or an `Expected`. */
export type Read<Value> = (text: string) => Value

/** Reads decimal digits, nothing else. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): Read<number> {
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`
  return text => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= most) return value
    throw new Expected(`a whole number ${range}`)
  }
}

/** A port, and the address to listen on. */
export interface ListenAddress {
  /** 0 takes any port that is free. */
  readonly port: number
  /** Loopback of both families when undefined. */
  readonly host: string | undefined
}

/** Reads `9100`, `10.0.0.1:9100`, `[::1]:9100` or `name:9100`. */
export function listenAddress(text: string): ListenAddress {
  const [, ipv6, host = ipv6, digits] = /^(?:(?:\[([\da-f:.]+)\]|([^\s:[\]]+)):)?(\d{1,5})$/i.exec(text) ?? []
  const port = Number(digits)
  if (port <= 65_535) return { port, host }
  throw new Expected('a port from 0 to 65535, with or without an address, such as 9100 or 10.0.0.1:9100')
}

/** Reads one of the words. */
export function oneOf<const Words extends readonly string[]>(...words: Words): Read<Words[number]> {
  return text => {
    if (words.includes(text)) return text
    throw new Expected(words.join(' or '))
  }
}

/** Reads a text that is not empty, which `what` names. */
export function nonEmpty(what: string): Read<string> {
  return text => {
    if (text.trim() !== '') return text
    throw new Expected(what)
  }
}

/** Reads a list with commas, each of at most `longest` characters and none empty. */
export function list(what: string, longest = Number.POSITIVE_INFINITY): Read<readonly string[]> {
  return text => {
    const items = text.split(',').map(item => item.trim())
    if (items.every(item => item !== '' && item.length <= longest)) return items
    throw new Expected(what)
  }
}

/** Reads the environment variable of a flag. */
export function yesOrNo(text: string): boolean {
  if (text === '1' || text === 'true') return true
  if (text === '0' || text === 'false') return false
  throw new Expected('1 or true, 0 or false')
}

const MILLISECONDS = { ms: 1, s: 1000, m: 60_000 }
const LONGEST = 3_600_000

/** Reads `10s`, `500ms` or `2m` to milliseconds. */
export function duration(text: string): number {
  const [, count, unit] = /^(\d{1,9})(ms|s|m)$/.exec(text) ?? []
  const value = Number(count) * MILLISECONDS[unit as keyof typeof MILLISECONDS]
  if (value >= 1 && value <= LONGEST) return value
  throw new Expected('a time from 1ms to 60m, such as 10s, 500ms or 2m')
}

/** Reads `5:2`: five at once, then two a second. */
export function rate(text: string): Rate {
  const [, burst, perSecond] = /^(\d{1,9}):(\d{1,9}(?:\.\d{1,9})?)$/.exec(text) ?? []
  const value = { burst: Number(burst), perSecond: Number(perSecond) }
  if (value.burst > 0 && value.perSecond > 0) return value
  throw new Expected('a burst and a number per second, such as 5:2')
}

/** Reads `65536:4096`, in KiB, to bytes. */
export function kibibyteRate(text: string): Rate {
  const { burst, perSecond } = rate(text)
  return { burst: burst * 1024, perSecond: perSecond * 1024 }
}

/** Reads the URL of a Redis. */
export function redisAddress(text: string): RedisAddress {
  const address = readRedisAddress(text)
  if (address !== undefined) return address
  throw new Expected('a URL such as redis://host:6379, rediss://user:password@host or redis://host/1')
}

/** Reads `same-host`, `any` or a list of origins. */
export function originPolicy(text: string): NonNullable<ServerOptions['origin']> {
  if (text === 'any' || text === 'same-host') return text
  const origin = text.split(',').map(one => one.trim())
  if (isAccepted({ origin })) return origin
  throw new Expected('same-host, any or a list of origins such as https://chat.example')
}

/** Reads `any` or a list of hosts. */
export function hostPolicy(text: string): NonNullable<ServerOptions['hosts']> {
  if (text === 'any') return text
  const hosts = text.split(',').map(host => host.trim())
  if (isAccepted({ hosts })) return hosts
  throw new Expected('any or a list of names such as chat.example,*.chat.example, without ports')
}

/** Reads the addresses of proxies, as far as the server takes them. */
export function proxies(text: string): readonly string[] {
  const trustProxy = text.split(',').map(proxy => proxy.trim())
  if (isAccepted({ trustProxy })) return trustProxy
  throw new Expected('a list of addresses, ranges such as 10.0.0.0/8, loopback, private and unix')
}

/** Whether a server accepts these options. It does not listen. */
function isAccepted(options: Pick<ServerOptions, 'hosts' | 'origin' | 'trustProxy'>): boolean {
  try {
    new WebSocketServer(options).stats()
    return true
  } catch {
    return false
  }
}
