// The responses to an upgrade request, as they are written to a transport.

import type { Duplex } from 'node:stream'
import {
  accept,
  type Digest,
  type Extension,
  formatResponse,
  type Rejection,
  reject,
  type ValidRequest,
} from '@ws/handshake'
import type { HeadersLike } from '../handlers.ts'
import { crypto } from '../http/builtins.ts'

/** Milliseconds that a rejected client has to read the response and to end the connection. */
const LINGER = 5000

/** SHA-1 in one call: a `Hash` object costs more than the digest (`pnpm bench handshakes`). */
const digest: Digest = text => crypto.hash('sha1', text, 'base64')

/** Headers of a `Response` that depend on how it is written. */
const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  'connection',
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
    accept(request, { protocol: subprotocol, extensions, headers: headers && new Headers(headers), digest }),
  )
}

/** The rejection that a `Response` stands for. */
export async function rejectionFrom(response: Response): Promise<Rejection> {
  const headers = [...response.headers].filter(([name]) => !CONNECTION_HEADERS.has(name))
  return reject(response.status, await response.text(), headers)
}

/**
 * Writes a rejection and gives the client time to read it. The transport is read to its end,
 * because closing it with unread data would reset the connection and destroy the response.
 */
export function writeRejection(transport: Duplex, rejection: Rejection): void {
  if (transport.destroyed) return
  transport.end(formatResponse(rejection), 'utf8')
  transport.resume()
  const timer = setTimeout(() => transport.destroy(), LINGER)
  timer.unref()
  transport.on('close', () => clearTimeout(timer))
}
