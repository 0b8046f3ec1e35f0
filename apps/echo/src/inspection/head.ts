// The heads of the opening handshake in a record, without the values that identify a user.

import { Buffer } from 'node:buffer'

/** A request as Node reports it. */
interface RequestHead {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly httpVersion: string
  readonly rawHeaders: readonly string[]
}

const SECRET = /^((?:proxy-)?authorization|(?:set-)?cookie):.*$/gim

/** The bytes of a request's head, with one space before each value, as clients write it. */
export function formatHead({ method, url, httpVersion, rawHeaders }: RequestHead): Uint8Array {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`)
  return maskSecrets(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'))
}

/** Replaces the values of Cookie, Set-Cookie and Authorization in a head by asterisks. */
export function maskSecrets(head: Uint8Array): Uint8Array {
  const text = Buffer.from(head).toString('latin1')
  return Buffer.from(text.replaceAll(SECRET, '$1: ***'), 'latin1')
}

/** The index after the empty line that ends a head, or -1. */
export function endOfHead(bytes: Uint8Array): number {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf('\r\n\r\n')
  return at < 0 ? -1 : at + 4
}
