// Parses Sec-WebSocket-Protocol (RFC 6455 §4.1).

import { parseTokenList } from './tokens.ts'

/**
 * Parses a header value (several header lines are joined by commas) into subprotocols in order of
 * preference. Undefined if one is not a token, for duplicates, and for an empty list (RFC 6455
 * §4.1).
 */
export function parseProtocols(text: string): readonly string[] | undefined {
  // "The elements that comprise this value MUST be non-empty strings with characters in the range
  // U+0021 to U+007E not including separator characters as defined in [RFC2616]"
  const protocols = parseTokenList(text)
  if (protocols === undefined || protocols.length === 0) return undefined
  // "and MUST all be unique strings"
  return new Set(protocols).size === protocols.length ? protocols : undefined
}
