// The list of subprotocols a client asks for (RFC 6455 §4.1). Knows no subprotocol, and not which one the server picks.

import { parseTokenList } from './tokens.ts'

/**
 * The subprotocols of a Sec-WebSocket-Protocol header value, several header lines joined by a comma, in order of
 * preference. Undefined when one is no token, one stands twice, or there is none (RFC 6455 §4.1).
 */
export function parseSubprotocols(text: string): readonly string[] | undefined {
  // "The elements that comprise this value MUST be non-empty strings with characters in the range U+0021 to U+007E not
  // including separator characters as defined in [RFC2616]"
  const subprotocols = parseTokenList(text)
  if (subprotocols === undefined || subprotocols.length === 0) return undefined
  // "and MUST all be unique strings"
  return new Set(subprotocols).size === subprotocols.length ? subprotocols : undefined
}
