// Answers ordinary requests where the option `http` is left out, and those for other hosts.

import { Buffer } from 'node:buffer'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type HostList, type Rejection, reject, validateHost, validateRequest } from '@ws/handshake'

/** Answers 426, or the error that an upgrade with this request would get. */
export function answerRequest(request: IncomingMessage, response: ServerResponse): void {
  // Node has read the head, and limits its size.
  const valid = validateRequest(request, { origin: 'any', limits: 'none' })
  answerWith(response, valid.ok ? reject(404, 'there is nothing here but a WebSocket') : valid)
}

/** Answers 421 to a request for a host that is not in the list, and returns whether it did. */
export function answerMisdirected(
  request: IncomingMessage,
  response: ServerResponse,
  hosts: HostList,
): boolean {
  const rejection = validateHost(request, hosts)
  if (rejection !== undefined) answerWith(response, rejection)
  return rejection !== undefined
}

/** Writes a rejection as the response to an ordinary request, the last one of its connection. */
function answerWith(response: ServerResponse, { status, headers, body }: Rejection): void {
  const fields = [
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['Content-Length', String(Buffer.byteLength(body))],
  ]
  response.shouldKeepAlive = false
  response.writeHead(status, [...fields, ...headers].flat())
  response.end(body)
}
