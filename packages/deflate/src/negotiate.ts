// What is agreed on (RFC 7692 §5, §7.1): a server answers one of the offers, a client makes offers and judges the answer. Nothing
// here refuses a handshake that can go on without compression.

import type { ExtensionParam } from '@ws/protocol'
import type { DeflateSettings } from './options.ts'
import { formatParameters, MOST_WINDOW_BITS, type Parameters, readParameters } from './parameters.ts'

/** What holds on a connection in one direction. */
export interface Direction {
  /** The base-2 logarithm of the window. */
  readonly windowBits: number
  /** Whether a message may refer to those before it. */
  readonly contextTakeover: boolean
}

/** What holds on a connection. */
export interface Agreement {
  readonly sending: Direction
  readonly receiving: Direction
}

/** A server's answer to an offer. */
export interface Answer extends Agreement {
  readonly params: readonly ExtensionParam[]
}

type Wishes = Pick<DeflateSettings, 'contextTakeover' | 'windowBits'>

/** Answers the first offer that is one; undefined if none is. All that a good offer can ask for can be met. */
export function acceptOffer(
  offers: readonly (readonly ExtensionParam[])[],
  wishes: Wishes,
): Answer | undefined {
  for (const pairs of offers) {
    const offer = readParameters(pairs, 'client')
    // "A server MUST decline an extension negotiation offer for this extension if any of the following conditions are met"
    if (typeof offer !== 'string') return answer(offer, wishes)
  }
  return undefined
}

function answer(offer: Parameters, { contextTakeover, windowBits }: Wishes): Answer {
  const { serverMaxWindowBits = MOST_WINDOW_BITS, clientMaxWindowBits } = offer
  const sending = {
    // "with the same or smaller value as the offer"
    windowBits: Math.min(windowBits, serverMaxWindowBits),
    contextTakeover: contextTakeover && !offer.serverNoContextTakeover,
  }
  const receiving = {
    // "If a received extension negotiation offer doesn't have the "client_max_window_bits" extension parameter, the corresponding
    // extension negotiation response to the offer MUST NOT include" it
    windowBits:
      clientMaxWindowBits === undefined
        ? MOST_WINDOW_BITS
        : Math.min(windowBits, clientMaxWindowBits === true ? MOST_WINDOW_BITS : clientMaxWindowBits),
    contextTakeover: contextTakeover && !offer.clientNoContextTakeover,
  }
  const params = formatParameters({
    serverNoContextTakeover: !sending.contextTakeover,
    clientNoContextTakeover: !receiving.contextTakeover,
    serverMaxWindowBits: offer.serverMaxWindowBits === undefined ? limitOf(sending) : sending.windowBits,
    clientMaxWindowBits: clientMaxWindowBits && limitOf(receiving),
  })
  return { sending, receiving, params }
}

/** What need not be said where the window is the largest there is. */
function limitOf({ windowBits }: Direction): number | undefined {
  return windowBits === MOST_WINDOW_BITS ? undefined : windowBits
}

/**
 * What a client offers, the best first: all that it wishes, and then, for servers that cannot choose their window, the same without
 * a word of it.
 */
export function makeOffers({ contextTakeover, windowBits }: Wishes): readonly (readonly ExtensionParam[])[] {
  const plain: Parameters = {
    serverNoContextTakeover: !contextTakeover,
    clientNoContextTakeover: !contextTakeover,
    serverMaxWindowBits: undefined,
    clientMaxWindowBits: true,
  }
  if (windowBits === MOST_WINDOW_BITS) return [formatParameters(plain)]
  return [formatParameters({ ...plain, serverMaxWindowBits: windowBits }), formatParameters(plain)]
}

/** What a server's answer to `makeOffers(wishes)` comes to, or one sentence about why the connection has to fail. */
export function confirmResponse(pairs: readonly ExtensionParam[], wishes: Wishes): Agreement | string {
  // "A client MUST _Fail the WebSocket Connection_ if the peer server accepted an extension negotiation offer for this extension
  // with an extension negotiation response meeting any of the following conditions"
  const response = readParameters(pairs, 'server')
  if (typeof response === 'string') return response
  // "A server accepts an extension negotiation offer that includes the "server_no_context_takeover" extension parameter by
  // including the "server_no_context_takeover" extension parameter in the corresponding extension negotiation response": all of
  // our offers have it, or none; the window is free in the last of them.
  if (!wishes.contextTakeover && !response.serverNoContextTakeover)
    return 'the parameter server_no_context_takeover was offered and is missing (RFC 7692 §7.1.1.1)'
  const { serverMaxWindowBits = MOST_WINDOW_BITS, clientMaxWindowBits = MOST_WINDOW_BITS } = response
  return {
    sending: {
      windowBits: Math.min(wishes.windowBits, Number(clientMaxWindowBits)),
      contextTakeover: wishes.contextTakeover && !response.clientNoContextTakeover,
    },
    receiving: {
      windowBits: serverMaxWindowBits,
      contextTakeover: !response.serverNoContextTakeover,
    },
  }
}
