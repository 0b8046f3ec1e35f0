// Chooses the extension of a connection: at most one (docs/decisions/0005-one-extension.md).

import type { Extension as ExtensionHeader, ValidRequest } from '@ws/handshake'
import type { Extension, NegotiableExtension } from '@ws/protocol'

/** An extension that both sides have agreed on. */
export interface NegotiatedExtension {
  /** Its element of `Sec-WebSocket-Extensions` in the response. */
  readonly header: ExtensionHeader
  /** Must be called once, for the connection. */
  readonly create: () => Extension
}

/**
 * The first of the server's extensions that accepts an offer of the client; undefined if none does.
 */
export function negotiateExtension(
  request: ValidRequest,
  extensions: readonly NegotiableExtension[],
): NegotiatedExtension | undefined {
  for (const extension of extensions) {
    const { name } = extension
    const offers = request.extensions.filter(offer => offer.name === name)
    if (offers.length === 0) continue
    const accepted = extension.accept(offers.map(({ params }) => params))
    if (accepted !== undefined)
      return { header: { name, params: accepted.params }, create: () => accepted.create() }
  }
  return undefined
}
