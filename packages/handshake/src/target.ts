// Parses a request target (RFC 9112 §3.2) into a resource name (RFC 6455 §3). The path is not
// normalized: `//`, `..` and `%2e` stay as sent.

import { parseAuthority } from './authority.ts'

/** A path that starts with `/` and a query that is empty or starts with `?`, as sent. */
export interface Target {
  readonly path: string
  readonly search: string
  /** `host[:port]` of an absolute target, else undefined. */
  readonly host: string | undefined
}

/** Parses `/path?search` or `http://host/path?search`, else undefined (RFC 9112 §3.2.1, §3.2.2). */
export function parseTarget(text: string): Target | undefined {
  // "Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be used on
  // these URIs." (RFC 6455 §3)
  if (text.includes('#') || /[^\x21-\x7e]/.test(text)) return undefined
  if (text.startsWith('/')) return splitSearch(text, undefined)
  const scheme = /^https?:\/\//i.exec(text)
  if (scheme === null) return undefined
  const start = scheme[0].length
  const length = text.slice(start).search(/[/?]/)
  const end = length === -1 ? text.length : start + length
  const host = text.slice(start, end)
  const resource = text.slice(end)
  return parseAuthority(host) && splitSearch(resource.startsWith('/') ? resource : `/${resource}`, host)
}

function splitSearch(text: string, host: string | undefined): Target {
  const end = text.indexOf('?')
  return end === -1
    ? { path: text, search: '', host }
    : { path: text.slice(0, end), search: text.slice(end), host }
}
