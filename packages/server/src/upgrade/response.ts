// The responses to an upgrade request, as they are written to a transport.

import type { Duplex } from 'node:stream'
import {
  accept,
  type Digest,
  type Extension,
  type Field,
  formatResponse,
  type Rejection,
  reject,
  type ValidRequest,
} from '@ws/handshake'
import type { HeadersLike } from '../handlers.ts'
import { crypto } from '../http/builtins.ts'
import { trimOws } from '../http/ows.ts'

/** Milliseconds that a rejected client has to read the response and to end the connection. */
const LINGER = 5000

/** SHA-1 in one call: a `Hash` object costs more than the digest (`pnpm bench handshakes`). */
const digest: Digest = text => crypto.hash('sha1', text, 'base64')

/**
 * A `Response`, of the global class or of any other: some frameworks replace that class, and
 * packages have their own.
 */
export interface ResponseLike {
  readonly status: number
  readonly headers: object
  text(): string | Promise<string>
}

/**
 * Headers of a `Response` that depend on how it is written. Its text is what remains of an encoding
 * that `fetch` has decoded.
 */
const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'transfer-encoding',
  'keep-alive',
])

/**
 * The 101, as text. Throws a `TypeError` for a subprotocol that was not offered or a forbidden
 * header.
 */
export function formatAccepted(
  request: ValidRequest,
  subprotocol?: string,
  headers?: HeadersLike,
  extension?: Extension,
): string {
  const extensions = extension && [extension]
  return formatResponse(
    accept(request, { protocol: subprotocol, extensions, headers: headers && fieldsOf(headers), digest }),
  )
}

/** Whether a value has the shape of a `Response`. */
export function isResponse(value: unknown): value is ResponseLike {
  if (typeof value !== 'object' || value === null) return false
  const { status, headers, text } = value as Partial<Record<keyof ResponseLike, unknown>>
  return (
    typeof text === 'function' &&
    typeof status === 'number' &&
    typeof headers === 'object' &&
    headers !== null
  )
}

/** The rejection that a `Response` stands for. */
export async function rejectionFrom(response: ResponseLike): Promise<Rejection> {
  const headers = fieldsOf(response.headers).filter(([name]) => !CONNECTION_HEADERS.has(name))
  return reject(response.status, await response.text(), headers)
}

/** The fields of `Headers` of any class, of a list of pairs or of an object. */
function fieldsOf(headers: object): Field[] {
  const pairs: unknown[][] = []
  if (Symbol.iterator in headers) pairs.push(...(headers as Iterable<unknown[]>))
  else if ('forEach' in headers)
    (headers as Pick<Headers, 'forEach'>).forEach((value, name) => void pairs.push([name, value]))
  else pairs.push(...Object.entries(headers))
  return pairs.map(pair => {
    if (pair?.length !== 2) throw new TypeError('headers must be pairs of a name and a value')
    return [String(pair[0]).toLowerCase(), trimOws(String(pair[1]))]
  })
}

/**
 * Writes a rejection and gives the client time to read it. The transport is read to its end,
 * because closing it with unread data would reset the connection and destroy the response.
 */
export function writeRejection(transport: Duplex, rejection: Rejection): void {
  if (transport.destroyed) return
  transport.write(formatResponse(rejection), 'utf8')
  endTransport(transport)
}

/** Ends a transport that is to be read to its end. */
export function endTransport(transport: Duplex): void {
  transport.end()
  transport.resume()
  const timer = setTimeout(() => transport.destroy(), LINGER)
  timer.unref()
  transport.on('close', () => clearTimeout(timer))
}
