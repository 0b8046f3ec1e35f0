// The client's part in the negotiation of an extension: at most one is used
// (docs/decisions/0005-one-extension.md).

import type { Extension as ExtensionHeader } from '@ws/handshake'
import type { Extension, NegotiableExtension } from '@ws/protocol'

/** The offers of all extensions, in their order. */
export function extensionOffers(extensions: readonly NegotiableExtension[]): readonly ExtensionHeader[] {
  return extensions.flatMap(({ name, offers }) => offers.map(params => ({ name, params })))
}

/** The extension that the server has chosen, undefined for none, or a sentence why it is invalid. */
export function confirmExtension(
  chosen: readonly ExtensionHeader[],
  extensions: readonly NegotiableExtension[],
): Extension | undefined | string {
  const [first] = chosen
  if (first === undefined) return undefined
  if (chosen.length > 1) return 'the server chose more than one extension (RFC 6455 §9.1)'
  return extensions.find(({ name }) => name === first.name)!.confirm(first.params)
}
