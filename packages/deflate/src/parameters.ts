// The four parameters of permessage-deflate in an offer or a response (RFC 7692 §7.1): from the
// pairs of a handshake to values, and back.

import type { ExtensionParam } from '@ws/protocol'

/** The smallest and the largest window: 256 bytes and 32 KiB (RFC 7692 §7.1.2). */
export const MIN_WINDOW_BITS = 8
export const MAX_WINDOW_BITS = 15

/** An offer or a response; parameters that it leaves out are false or undefined. */
export interface Parameters {
  readonly serverNoContextTakeover: boolean
  readonly clientNoContextTakeover: boolean
  /** From 8 to 15. */
  readonly serverMaxWindowBits: number | undefined
  /** From 8 to 15; `true` in an offer that names it without a value. */
  readonly clientMaxWindowBits: number | true | undefined
}

/** Only a client may leave out the value of `client_max_window_bits`, in its offer. */
export type Sender = 'client' | 'server'

const KNOWN: ReadonlySet<string> = new Set([
  'server_no_context_takeover',
  'client_no_context_takeover',
  'server_max_window_bits',
  'client_max_window_bits',
])

/** Reads the pairs, or returns a sentence that says what is wrong with them. */
export function readParameters(pairs: readonly ExtensionParam[], sender: Sender): Parameters | string {
  const values = new Map<string, string | true>()
  for (const [name, value] of pairs) {
    // "The negotiation offer contains an extension parameter not defined for use in an offer."
    if (!KNOWN.has(name)) return `unknown parameter ${name} (RFC 7692 §7.1)`
    // "The negotiation offer contains multiple extension parameters with the same name."
    if (values.has(name)) return `duplicate parameter ${name} (RFC 7692 §7.1)`
    if (!isValid(name, value, sender)) return `invalid value of parameter ${name} (RFC 7692 §7.1)`
    values.set(name, value)
  }
  return {
    serverNoContextTakeover: values.has('server_no_context_takeover'),
    clientNoContextTakeover: values.has('client_no_context_takeover'),
    serverMaxWindowBits: toBits(values.get('server_max_window_bits')) as number | undefined,
    clientMaxWindowBits: toBits(values.get('client_max_window_bits')),
  }
}

export function formatParameters(parameters: Parameters): readonly ExtensionParam[] {
  const { serverMaxWindowBits, clientMaxWindowBits } = parameters
  const pairs: ExtensionParam[] = []
  if (parameters.serverNoContextTakeover) pairs.push(['server_no_context_takeover', true])
  if (parameters.clientNoContextTakeover) pairs.push(['client_no_context_takeover', true])
  if (serverMaxWindowBits !== undefined)
    pairs.push(['server_max_window_bits', formatBits(serverMaxWindowBits)])
  if (clientMaxWindowBits !== undefined)
    pairs.push(['client_max_window_bits', formatBits(clientMaxWindowBits)])
  return pairs
}

function isValid(name: string, value: string | true, sender: Sender): boolean {
  if (name.endsWith('_takeover')) return value === true
  // Without a value it means that the client supports the parameter.
  if (value === true) return name === 'client_max_window_bits' && sender === 'client'
  // "a decimal integer value without leading zeroes between 8 to 15, inclusive"
  return /^(?:[89]|1[0-5])$/.test(value)
}

function toBits(value: string | true | undefined): number | true | undefined {
  return typeof value === 'string' ? Number(value) : value
}

function formatBits(bits: number | true): string | true {
  return bits === true ? true : String(bits)
}
