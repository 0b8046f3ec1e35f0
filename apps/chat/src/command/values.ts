// Texts of the command line and the environment to values. Each reader throws `Expected` with what it would have taken; which option
// the text belongs to is not its business.

import { type Rate, type ServerOptions, WebSocketServer } from '@ws/server'
import { type RedisAddress, readRedisAddress } from '../engine/redis/address.ts'

/** The text was not what was expected; the message completes "must be …". */
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

/** Reads one of the words. */
export function oneOf<const Words extends readonly string[]>(...words: Words): Read<Words[number]> {
  return text => {
    if (words.includes(text)) return text
    throw new Expected(words.join(' or '))
  }
}

/** Reads any text but an empty one, which `what` names. */
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

/** Reads what may stand in an environment variable that stands for a flag without a value. */
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
  throw new Expected('so many at once and so many a second, such as 5:2')
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
  const origins = text.split(',').map(origin => origin.trim())
  if (origins.every(origin => URL.canParse(origin) && new URL(origin).origin === origin.toLowerCase()))
    return origins
  throw new Expected('same-host, any or a list of origins such as https://chat.example')
}

/** Reads the addresses of proxies, as far as the server takes them. */
export function proxies(text: string): readonly string[] {
  const trustProxy = text.split(',').map(proxy => proxy.trim())
  try {
    // It listens nowhere: that it can be made is the answer.
    new WebSocketServer({ trustProxy }).stats()
    return trustProxy
  } catch {
    throw new Expected('a list of addresses, ranges such as 10.0.0.0/8, loopback and private')
  }
}
