// The server's part of the opening handshake (RFC 6455 §4.2): validates the request, and formats the
// answers.

import { hash } from 'node:crypto'
import { type IncomingMessage, type OutgoingHttpHeaders, STATUS_CODES } from 'node:http'
import {
  computeAccept,
  type Extension as ExtensionHeader,
  type Field,
  formatExtensions,
  formatResponse,
  parseProtocols,
  type Rejection,
  type RequestValidation,
  reject,
  validateRequest,
} from '@ws/handshake'

/** The parts of the head of a 101. */
export interface Acceptance {
  readonly key: string
  readonly protocol: string | undefined
  readonly extension: ExtensionHeader | undefined
}

/** Fields that describe the body, and follow from it. */
const FRAMING: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding'])

/** Statuses without a body. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304])

/**
 * Validates a request. Origins are the program's business. A request that has no `rawHeaders` was
 * made by the program itself, as in tests.
 */
export function validate(request: IncomingMessage): RequestValidation {
  const { method, url, httpVersion = '1.1' } = request
  return validateRequest(
    { method, url, httpVersion, rawHeaders: rawHeadersOf(request) },
    { origin: 'any', limits: 'none' },
  )
}

/** The lines of a 101, without the empty one. Throws a `TypeError` for an invalid subprotocol. */
export function acceptanceLines({ key, protocol, extension }: Acceptance): string[] {
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${computeAccept(key, text => hash('sha1', text, 'base64'))}`,
  ]
  if (protocol !== undefined) {
    if (parseProtocols(protocol)?.length !== 1)
      throw new TypeError(`a subprotocol must be a token, not ${JSON.stringify(protocol)} (RFC 6455 §4.1)`)
    lines.push(`Sec-WebSocket-Protocol: ${protocol}`)
  }
  if (extension !== undefined) lines.push(`Sec-WebSocket-Extensions: ${formatExtensions([extension])}`)
  return lines
}

/** The answer that refuses a request; the body is the message, or the reason phrase. */
export function refusal(status: number, message?: string, headers: OutgoingHttpHeaders = {}): Rejection {
  const body = BODILESS.has(status) ? '' : (message ?? STATUS_CODES[status] ?? '')
  return reject(status, body, fieldsOf(headers))
}

/** The text of an answer. */
export function format(rejection: Rejection): string {
  return formatResponse(rejection)
}

function fieldsOf(headers: OutgoingHttpHeaders): readonly Field[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (value === undefined || FRAMING.has(name.toLowerCase())) return []
    return (Array.isArray(value) ? value : [value]).map((one): Field => [name, String(one)])
  })
}

function rawHeadersOf(request: IncomingMessage): readonly string[] {
  if (request.rawHeaders !== undefined) return request.rawHeaders
  const fields = Object.entries(request.headers).flatMap(([name, value]) => [name, String(value)])
  return 'host' in request.headers ? fields : ['host', 'localhost', ...fields]
}
