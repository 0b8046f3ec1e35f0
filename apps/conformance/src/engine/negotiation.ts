// The terms of permessage-deflate in a case (RFC 7692 §7.1): offers and answers of the tester.

import type { DeflateOffer, DeflateTerms } from '@ws/conformance-cases'
import type { Extension, ExtensionParam } from '@ws/handshake'
import type { Agreement } from './deflate-codec.ts'

const NAME = 'permessage-deflate'
const MOST_BITS = 15

/** The offers of the tester as a client. */
export function offersOf({ offers }: DeflateTerms): Extension[] {
  return offers.map(offer => ({ name: NAME, params: paramsOf(offer) }))
}

function paramsOf(offer: DeflateOffer): ExtensionParam[] {
  const params: ExtensionParam[] = []
  if (offer.clientNoContext) params.push(['client_no_context_takeover', true])
  if (offer.clientMaxBits !== false)
    params.push(['client_max_window_bits', offer.clientMaxBits === true ? true : `${offer.clientMaxBits}`])
  if (offer.serverNoContext) params.push(['server_no_context_takeover', true])
  if (offer.serverMaxBits !== null) params.push(['server_max_window_bits', `${offer.serverMaxBits}`])
  return params
}

interface Params {
  readonly clientNoContext: boolean
  readonly clientMaxBits: number | true | undefined
  readonly serverNoContext: boolean
  readonly serverMaxBits: number | undefined
}

/** The parameters, or undefined if they are not those of permessage-deflate. */
function read(params: readonly ExtensionParam[], sender: 'client' | 'server'): Params | undefined {
  const values = new Map(params)
  if (values.size !== params.length) return undefined
  for (const [name, value] of params) {
    const flag = name === 'client_no_context_takeover' || name === 'server_no_context_takeover'
    const bits = name === 'client_max_window_bits' || name === 'server_max_window_bits'
    if (flag ? value !== true : !bits) return undefined
    const bare = value === true && name === 'client_max_window_bits' && sender === 'client'
    if (bits && !bare && !/^(?:[89]|1[0-5])$/.test(String(value))) return undefined
  }
  const bits = (name: string) => {
    const value = values.get(name)
    return typeof value === 'string' ? Number(value) : value
  }
  return {
    clientNoContext: values.has('client_no_context_takeover'),
    clientMaxBits: bits('client_max_window_bits'),
    serverNoContext: values.has('server_no_context_takeover'),
    serverMaxBits: bits('server_max_window_bits') as number | undefined,
  }
}

/**
 * What a server's answer means for the tester as a client: the agreement, undefined without
 * compression, or a sentence that says what is wrong.
 */
export function readAnswer(extensions: readonly Extension[]): Agreement | undefined | string {
  const [answer, ...others] = extensions
  if (answer === undefined) return undefined
  if (others.length > 0) return 'the server answered with more than one extension'
  const params = read(answer.params, 'server')
  if (params === undefined) return 'the parameters of permessage-deflate are not valid (RFC 7692 §7.1)'
  return {
    sending: {
      windowBits: Number(params.clientMaxBits ?? MOST_BITS),
      contextTakeover: !params.clientNoContext,
    },
    receiving: {
      windowBits: params.serverMaxBits ?? MOST_BITS,
      contextTakeover: !params.serverNoContext,
    },
  }
}

/** The answer of the tester as a server, or undefined to decline all offers. */
export function answerOffers(
  terms: DeflateTerms,
  extensions: readonly Extension[],
): { readonly extension: Extension; readonly agreement: Agreement } | undefined {
  const offers = extensions.filter(({ name }) => name === NAME).map(({ params }) => read(params, 'client'))
  for (const { clientNoContext, clientMaxBits } of terms.accepts) {
    const offer = offers.find(each => each && (clientMaxBits === null || each.clientMaxBits !== undefined))
    if (offer === undefined) continue
    const { serverNoContext, serverMaxBits } = offer
    const params: ExtensionParam[] = []
    if (serverNoContext) params.push(['server_no_context_takeover', true])
    if (serverMaxBits !== undefined) params.push(['server_max_window_bits', `${serverMaxBits}`])
    if (clientNoContext) params.push(['client_no_context_takeover', true])
    if (clientMaxBits !== null) params.push(['client_max_window_bits', `${clientMaxBits}`])
    return {
      extension: { name: NAME, params },
      agreement: {
        sending: { windowBits: serverMaxBits ?? MOST_BITS, contextTakeover: !serverNoContext },
        // A client may restrict itself more than it was asked to.
        receiving: { windowBits: clientMaxBits ?? MOST_BITS, contextTakeover: !clientNoContext },
      },
    }
  }
  return undefined
}
