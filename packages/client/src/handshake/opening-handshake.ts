// The opening handshake over one transport (RFC 6455 §4.1): sends the request, reads the answer.

import { Buffer } from 'node:buffer'
import type { Duplex } from 'node:stream'
import {
  type ClientRequest,
  createRequest,
  formatRequest,
  type ResponseHead,
  validateResponse,
} from '@ws/handshake'
import type { Extension, NegotiableExtension } from '@ws/protocol'
import type { Attempt } from '../attempt.ts'
import { HandshakeError } from '../errors.ts'
import { fieldsOf } from '../http/fields.ts'
import { InvalidHead, TransportReader } from '../http/transport-reader.ts'
import type { Target } from '../target.ts'
import { type CookieJar, cookiesFor, storeCookies } from './cookies.ts'
import { confirmExtension, extensionOffers } from './extension.ts'

/** What to ask for. */
export interface HandshakeSettings {
  readonly protocols: readonly string[]
  readonly extensions: readonly NegotiableExtension[]
  readonly headers: Headers
  readonly origin: string | undefined
  readonly cookies: CookieJar | undefined
}

/** An answer that is not 101; its body has not been read. */
export interface OtherAnswer {
  readonly isOpen: false
  readonly head: ResponseHead
  readonly reader: TransportReader
}

/** The results of a handshake. */
export interface OpenAnswer {
  readonly isOpen: true
  readonly protocol: string
  readonly extension: Extension | undefined
}

/** Performs the handshake. Rejects with a `HandshakeError` for no valid answer. */
export async function performHandshake(
  transport: Duplex,
  target: Target,
  settings: HandshakeSettings,
  attempt: Attempt,
): Promise<OpenAnswer | OtherAnswer> {
  const request = await requestFor(target, settings, attempt)
  transport.write(Buffer.from(formatRequest(request), 'latin1'))
  const reader = new TransportReader(transport)
  const head = await readHead(reader, target)
  await storeCookies(target, head, settings.cookies, attempt)
  if (head.status !== 101) return { isOpen: false, head, reader }
  return validate(head, request, settings, target)
}

async function requestFor(
  target: Target,
  { protocols, extensions, headers, origin, cookies }: HandshakeSettings,
  attempt: Attempt,
): Promise<ClientRequest> {
  const all = new Headers(headers)
  if (target.authorization !== undefined && !all.has('authorization'))
    all.set('authorization', target.authorization)
  const cookie = await cookiesFor(target, headers.get('cookie'), cookies, attempt)
  if (cookie !== null) all.set('cookie', cookie)
  return createRequest({
    host: headers.get('host') ?? target.host,
    target: `${target.path}${target.search}`,
    protocols,
    extensions: extensionOffers(extensions),
    origin: origin ?? headers.get('origin') ?? undefined,
    headers: fieldsOf(all),
  })
}

async function readHead(reader: TransportReader, target: Target): Promise<ResponseHead> {
  try {
    return await reader.readHead()
  } catch (error) {
    if (error instanceof InvalidHead) throw invalidAnswer(target, error.message)
    throw new HandshakeError(`${target.origin} ended the connection without an answer`, {
      code: 'ERR_WS_NO_RESPONSE',
      cause: (error as Error).cause,
    })
  }
}

function validate(
  head: ResponseHead,
  request: ClientRequest,
  { extensions, protocols }: HandshakeSettings,
  target: Target,
): OpenAnswer {
  // "A server MUST NOT send a 1xx response to an HTTP/1.0 client", nor does HTTP/1.0 have Upgrade.
  if (head.httpVersion === '1.0')
    throw invalidAnswer(target, 'a 101 must be of HTTP/1.1 (RFC 9110 §7.8, §15.2)')
  const valid = validateResponse(head, request)
  if (!valid.ok) throw invalidAnswer(target, valid.error)
  // "If protocols is not the empty list and […] results in null, failure, or the empty byte
  // sequence, then fail the WebSocket connection." (WHATWG WebSockets §3)
  if (protocols.length > 0 && valid.protocol === '') {
    throw new HandshakeError(`${target.origin} chose none of the subprotocols ${protocols.join(', ')}`, {
      code: 'ERR_WS_NO_SUBPROTOCOL',
    })
  }
  const extension = confirmExtension(valid.extensions, extensions)
  if (typeof extension === 'string') throw invalidAnswer(target, extension)
  return { isOpen: true, protocol: valid.protocol, extension }
}

function invalidAnswer(target: Target, why: string): HandshakeError {
  return new HandshakeError(`${target.origin} answered wrongly: ${why}`, { code: 'ERR_WS_INVALID_RESPONSE' })
}
