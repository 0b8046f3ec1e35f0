// Answers ordinary requests where the option `http` is left out.

import { Buffer } from 'node:buffer'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { reject, validateRequest } from '@ws/handshake'

/** Answers 426, or the error that an upgrade with this request would get. */
export function answerRequest(request: IncomingMessage, response: ServerResponse): void {
  const valid = validateRequest(request, { origin: 'any' })
  const { status, headers, body } = valid.ok ? reject(404, 'there is nothing here but a WebSocket') : valid
  const fields = [
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['Content-Length', String(Buffer.byteLength(body))],
  ]
  response.shouldKeepAlive = false
  response.writeHead(status, [...fields, ...headers].flat())
  response.end(body)
}
