// Calls the option `http`, and answers for it when it fails.

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { callSafely } from '@ws/connection/internal'

/** Answers an ordinary HTTP request. If it returns a promise, its rejection counts as a throw. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => unknown

/**
 * A listener that never throws: when the handler throws or rejects, the response is 500, or cut off
 * if it has begun, and `onFailure` gets the error.
 */
export function guardHandler(handler: HttpHandler, onFailure: (error: unknown) => void): RequestListener {
  return (request, response) => {
    callSafely(
      () => handler(request, response),
      error => {
        answerFailure(response)
        onFailure(error)
      },
    )
  }
}

function answerFailure(response: ServerResponse): void {
  if (response.writableEnded) return
  if (response.headersSent) {
    response.destroy()
    return
  }
  for (const name of response.getHeaderNames()) response.removeHeader(name)
  response.shouldKeepAlive = false
  response.writeHead(500, { 'Content-Type': 'text/plain; charset=utf-8' })
  response.end('internal server error\n')
}
