// Which extension a connection gets: at most one (docs/decisions/0005-one-extension.md). Knows no extension.

import type { Extension as Agreed, ValidRequest } from '@ws/handshake'
import type { Extension, NegotiableExtension } from '@ws/protocol'

/** An extension that both ends agreed on. */
export interface NegotiatedExtension {
  /** What the response says. */
  readonly agreed: Agreed
  /** Called once, when the connection begins. */
  readonly create: () => Extension
}

/** The first of ours that accepts an offer of the client's. None is no fault: the connection then has none. */
export function negotiateExtension(
  judged: ValidRequest,
  extensions: readonly NegotiableExtension[],
): NegotiatedExtension | undefined {
  for (const extension of extensions) {
    const { name } = extension
    const offers = judged.extensions.filter(offer => offer.name === name)
    if (offers.length === 0) continue
    const accepted = extension.accept(offers.map(({ params }) => params))
    if (accepted !== undefined)
      return { agreed: { name, params: accepted.params }, create: () => accepted.create() }
  }
  return undefined
}
