// The function `subprotocol.parse` (RFC 6455 §4.1).

import { parseProtocols } from '@ws/handshake'

/** Parses the header field Sec-WebSocket-Protocol. Throws a `SyntaxError` for an invalid value. */
export function parse(header: string): Set<string> {
  const protocols = parseProtocols(header)
  if (protocols === undefined)
    throw new SyntaxError('Sec-WebSocket-Protocol must list distinct tokens (RFC 6455 §4.1)')
  return new Set(protocols)
}
