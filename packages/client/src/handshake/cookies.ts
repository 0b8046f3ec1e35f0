// Cookies of a jar, such as that of npm's `tough-cookie` (RFC 6265).

import type { ResponseHead } from '@ws/handshake'
import type { Attempt } from '../attempt.ts'
import { headersOf } from '../http/fields.ts'
import { httpUrl, type Target } from '../target.ts'

/** A store of cookies. A `CookieJar` of `tough-cookie` is one. */
export interface CookieJar {
  /** The value of Cookie for a URL with the scheme `http:` or `https:`; may be empty. */
  getCookieString(url: string): string | PromiseLike<string>
  /** Stores the value of a Set-Cookie. A rejection means that it is not for this URL. */
  setCookie(cookie: string, url: string): unknown
}

/** The value of Cookie: those that the caller has given, then those of the jar. */
export async function cookiesFor(
  target: Target,
  given: string | null,
  jar: CookieJar | undefined,
  attempt: Attempt,
): Promise<string | null> {
  if (jar === undefined) return given
  const stored = await attempt.within(jar.getCookieString(httpUrl(target)))
  return [given, stored].filter(Boolean).join('; ') || null
}

/** Stores the cookies of an answer; the jar drops invalid ones. */
export async function storeCookies(
  target: Target,
  head: ResponseHead,
  jar: CookieJar | undefined,
  attempt: Attempt,
): Promise<void> {
  if (jar === undefined) return
  for (const cookie of headersOf(head).getSetCookie()) {
    try {
      await attempt.within(jar.setCookie(cookie, httpUrl(target)) as PromiseLike<unknown>)
    } catch {
      attempt.signal.throwIfAborted()
    }
  }
}
