// Checks of a client's options. Nothing is coerced; an error says what is accepted.

import { isIP } from 'node:net'
import { checkFunctions } from '@ws/connection/internal'
import { parseProtocols } from '@ws/handshake'
import type { NegotiableExtension } from '@ws/protocol'
import type { CookieJar } from '../handshake/cookies.ts'

/** Throws unless this is one token, or a list of distinct ones. */
export function checkProtocols(name: string, given: string | readonly string[]): readonly string[] {
  const protocols = typeof given === 'string' ? [given] : given
  if (!Array.isArray(protocols)) throw new TypeError(`${name} must be a string or a list of strings`)
  const list = protocols.length === 0 ? [] : parseProtocols(protocols.join(','))
  if (list?.length !== protocols.length || list.some((protocol, i) => protocol !== protocols[i])) {
    throw new TypeError(`${name} must be distinct tokens, not ${JSON.stringify(given)} (RFC 6455 §4.1)`)
  }
  return list
}

/** Throws unless this is a list of extensions that a client can offer. */
export function checkExtensions(
  name: string,
  extensions: readonly NegotiableExtension[],
): readonly NegotiableExtension[] {
  const isList = Array.isArray(extensions)
  const isOffered = (extension: Partial<NegotiableExtension> | null): boolean =>
    typeof extension?.name === 'string' && typeof extension.confirm === 'function'
  if (!isList || !extensions.every(isOffered))
    throw new TypeError(`${name} must be a list of such as permessageDeflate() of @ws/deflate`)
  return [...extensions]
}

/** Everything that `new Headers()` accepts. */
export type HeadersLike = ConstructorParameters<typeof Headers>[0]

/** Throws unless these are names and values of header fields. */
export function checkHeaders(option: string, given: HeadersLike): Headers {
  const headers = new Headers()
  for (const [name, values] of headerEntries(option, given)) {
    for (const value of Array.isArray(values) ? values : [values]) {
      if (typeof value !== 'string')
        throw new TypeError(`${option}: the value of "${name}" must be a string, not ${typeof value}`)
      appendHeader(option, headers, name, value)
    }
  }
  return headers
}

function headerEntries(
  option: string,
  given: unknown,
): readonly (readonly [name: string, values: unknown])[] {
  if (typeof given === 'object' && given !== null) {
    if (!(Symbol.iterator in given)) return Object.entries(given)
    const entries = [...(given as Iterable<[string, unknown]>)]
    if (entries.every(entry => Array.isArray(entry) && entry.length === 2)) return entries
  }
  throw new TypeError(`${option} must be an object, a list of names with values, or Headers`)
}

function appendHeader(option: string, headers: Headers, name: string, value: string): void {
  try {
    // The name alone is checked by this.
    headers.has(name)
  } catch (cause) {
    throw new TypeError(`${option}: "${name}" is not a name (RFC 9110 §5.1)`, { cause })
  }
  try {
    headers.append(name, value)
  } catch (cause) {
    const expected = 'must not have line breaks, or characters beyond U+00FF'
    throw new TypeError(`${option}: the value of "${name}" ${expected} (RFC 9110 §5.5)`, { cause })
  }
}

/** Throws unless this is a string that is not empty. */
export function checkText(name: string, value: string): string {
  if (typeof value !== 'string' || value === '') throw new TypeError(`${name} must be a string, not empty`)
  return value
}

/** Throws unless this is an IPv4 or IPv6 address. */
export function checkAddress(name: string, value: string): string {
  if (isIP(value) === 0)
    throw new TypeError(`${name} must be an IP address, not ${JSON.stringify(value) ?? typeof value}`)
  return value
}

/** Throws unless this is an `AbortSignal`. */
export function checkSignal(name: string, signal: AbortSignal): AbortSignal {
  if (!(signal instanceof AbortSignal)) throw new TypeError(`${name} must be an AbortSignal`)
  return signal
}

/** Throws unless this is a whole number from 0. */
export function checkRedirects(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`${name} must be a whole number from 0, not ${String(value)}`)
  return value
}

/** Throws unless this has the methods of a jar. */
export function checkCookieJar(name: string, jar: CookieJar): CookieJar {
  const { getCookieString, setCookie } = Object(jar) as Partial<CookieJar>
  if (typeof getCookieString !== 'function' || typeof setCookie !== 'function')
    throw new TypeError(`${name} must have the methods getCookieString and setCookie`)
  return jar
}

/** Throws unless this is an object. */
export function checkObject<T extends object>(name: string, value: T): T {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${name} must be an object`)
  return value
}

/** Throws unless this is a function. */
export function checkFunction<T>(name: string, value: T): T {
  checkFunctions({ [name]: value }, [name])
  return value
}
