// The negotiation (RFC 7692 §5, §7.1): a server answers an offer; a client makes offers and
// confirms the answer. A server declines an offer that it cannot accept; the handshake then goes on
// without compression.

import type { ExtensionParam } from '@ws/protocol'
import type { DeflateSettings } from './options.ts'
import { formatParameters, MAX_WINDOW_BITS, type Parameters, readParameters } from './parameters.ts'

/** The parameters of one direction of a connection. */
export interface Direction {
  /** The base-2 logarithm of the window. */
  readonly windowBits: number
  /** Whether a message may refer to messages before it. */
  readonly contextTakeover: boolean
}

/** The agreed parameters of a connection. */
export interface Agreement {
  readonly sending: Direction
  readonly receiving: Direction
}

export interface Answer extends Agreement {
  readonly params: readonly ExtensionParam[]
}

/** The limits for each direction: what a server allows, or what a client offers. */
export type Preferences = Pick<
  DeflateSettings,
  'serverNoContextTakeover' | 'clientNoContextTakeover' | 'serverMaxWindowBits' | 'clientMaxWindowBits'
>

/** Accepts the first valid offer, or returns undefined to decline them all. */
export function acceptOffer(
  offers: readonly (readonly ExtensionParam[])[],
  preferences: Preferences,
): Answer | undefined {
  for (const pairs of offers) {
    const offer = readParameters(pairs, 'client')
    // "A server MUST decline an extension negotiation offer for this extension if any of the
    // following conditions are met"
    if (typeof offer !== 'string') return answer(offer, preferences)
  }
  return undefined
}

function answer(offer: Parameters, preferences: Preferences): Answer {
  const { serverMaxWindowBits = MAX_WINDOW_BITS, clientMaxWindowBits } = offer
  const sending = {
    // "with the same or smaller value as the offer"
    windowBits: Math.min(preferences.serverMaxWindowBits, serverMaxWindowBits),
    contextTakeover: !preferences.serverNoContextTakeover && !offer.serverNoContextTakeover,
  }
  const receiving = {
    // "If a received extension negotiation offer doesn't have the "client_max_window_bits"
    // extension parameter, the corresponding extension negotiation response to the offer MUST NOT
    // include" it
    windowBits:
      clientMaxWindowBits === undefined
        ? MAX_WINDOW_BITS
        : Math.min(
            preferences.clientMaxWindowBits,
            clientMaxWindowBits === true ? MAX_WINDOW_BITS : clientMaxWindowBits,
          ),
    contextTakeover: !preferences.clientNoContextTakeover && !offer.clientNoContextTakeover,
  }
  const params = formatParameters({
    serverNoContextTakeover: !sending.contextTakeover,
    clientNoContextTakeover: !receiving.contextTakeover,
    serverMaxWindowBits: offer.serverMaxWindowBits === undefined ? limitOf(sending) : sending.windowBits,
    clientMaxWindowBits: clientMaxWindowBits && limitOf(receiving),
  })
  return { sending, receiving, params }
}

/** Undefined for the largest window, which is the default. */
function limitOf({ windowBits }: Direction): number | undefined {
  return windowBits === MAX_WINDOW_BITS ? undefined : windowBits
}

/**
 * The offers of a client, the best first: its preferences, then the same without a limit on the
 * server's window, because some servers cannot choose it.
 */
export function createOffers(preferences: Preferences): readonly (readonly ExtensionParam[])[] {
  const { serverMaxWindowBits, clientMaxWindowBits } = preferences
  const plain: Parameters = {
    serverNoContextTakeover: preferences.serverNoContextTakeover,
    clientNoContextTakeover: preferences.clientNoContextTakeover,
    serverMaxWindowBits: undefined,
    // With a value, the server need not keep a larger window than the client uses.
    clientMaxWindowBits: clientMaxWindowBits === MAX_WINDOW_BITS ? true : clientMaxWindowBits,
  }
  if (serverMaxWindowBits === MAX_WINDOW_BITS) return [formatParameters(plain)]
  return [formatParameters({ ...plain, serverMaxWindowBits }), formatParameters(plain)]
}

/** Reads a server's answer to `createOffers`, or returns a sentence that says why it is invalid. */
export function confirmResponse(
  pairs: readonly ExtensionParam[],
  preferences: Preferences,
): Agreement | string {
  // "A client MUST _Fail the WebSocket Connection_ if the peer server accepted an extension
  // negotiation offer for this extension with an extension negotiation response meeting any of the
  // following conditions"
  const response = readParameters(pairs, 'server')
  if (typeof response === 'string') return response
  // "A server accepts an extension negotiation offer that includes the "server_no_context_takeover"
  // extension parameter by including the "server_no_context_takeover" extension parameter in the
  // corresponding extension negotiation response": all of our offers include it, or none.
  if (preferences.serverNoContextTakeover && !response.serverNoContextTakeover)
    return 'missing parameter server_no_context_takeover, which was offered (RFC 7692 §7.1.1.1)'
  const { serverMaxWindowBits = MAX_WINDOW_BITS, clientMaxWindowBits = MAX_WINDOW_BITS } = response
  return {
    sending: {
      windowBits: Math.min(preferences.clientMaxWindowBits, Number(clientMaxWindowBits)),
      contextTakeover: !preferences.clientNoContextTakeover && !response.clientNoContextTakeover,
    },
    receiving: {
      windowBits: serverMaxWindowBits,
      contextTakeover: !response.serverNoContextTakeover,
    },
  }
}
