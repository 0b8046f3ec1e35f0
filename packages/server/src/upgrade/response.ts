// The opening handshake on a real transport: reads an upgrade request, and writes the answer. Decides nothing itself.

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
import type { Connection } from '../connection.ts'
import type { HeadersLike } from '../handlers.ts'
import { crypto } from '../http/builtins.ts'

/** How long a refused peer may take to read its refusal and to end the connection, in milliseconds. */
const LINGER = 5000

/** SHA-1 by OpenSSL, in one call: an object for each costs more than the digest (`pnpm bench handshakes`). */
const digest: Digest = text => crypto.hash('sha1', text, 'base64')

/** Headers of a refusal that depend on how it is written. */
const WRITTEN_HERE: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
])

/**
 * Written on a transport that some server has taken charge of: its connection, from when that opens until the transport is gone. A
 * `WeakMap` of them costs more (`pnpm bench handshakes`).
 */
export const CONNECTION: unique symbol = Symbol('connection')

/** What a connection runs on. */
export type Transport = Duplex & { [CONNECTION]?: Connection | undefined }

/** Whether a server, this one or another, has taken charge of it. */
export function isOwned(transport: Duplex): boolean {
  return CONNECTION in transport
}

/** Takes charge of a transport: from here on none of its errors can reach the process. Throws an `Error` if it is taken. */
export function takeOwnership(transport: Transport): void {
  if (isOwned(transport))
    throw new Error('this transport has been upgraded already: handleUpgrade may be called once for each')
  transport[CONNECTION] = undefined
  transport.on('error', ignore)
  if ('setNoDelay' in transport && typeof transport.setNoDelay === 'function') transport.setNoDelay(true)
  if ('setTimeout' in transport && typeof transport.setTimeout === 'function') transport.setTimeout(0)
}

/** Whether the peer has already gone, or ended its side: nobody would read an answer. */
export function isClosed(transport: Duplex): boolean {
  return transport.destroyed || transport.readableEnded || !transport.readable || !transport.writable
}

/** The 101, as text. Throws a `TypeError` for a subprotocol that was not offered and for a header that may not be written. */
export function formatAccepted(
  judged: ValidRequest,
  subprotocol?: string,
  headers?: HeadersLike,
  extension?: Extension,
): string {
  const extensions = extension && [extension]
  return formatResponse(
    accept(judged, { subprotocol, extensions, headers: headers && new Headers(headers), digest }),
  )
}

/** What a `Response` says, to be written on the transport. */
export async function rejectionFrom(response: Response): Promise<Rejection> {
  const headers = [...response.headers].filter(([name]) => !WRITTEN_HERE.has(name))
  return reject(response.status, await response.text(), headers)
}

/** Answers no, and waits a while for the peer to take it, reading on (to close on unread bytes would destroy the answer). */
export function writeRejection(transport: Duplex, refusal: Rejection): void {
  if (transport.destroyed) return
  transport.end(formatResponse(refusal), 'utf8')
  transport.resume()
  const timer = setTimeout(() => transport.destroy(), LINGER)
  timer.unref()
  transport.on('close', () => clearTimeout(timer))
}

/** The error of a transport comes again with its `close`, where it is looked at. */
function ignore(): void {}
