// Responses to ordinary HTTP requests, all with the same security headers.

import { Buffer } from 'node:buffer'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'

/**
 * What the page may do: run and style itself, start its worker, show the icon written into it, and
 * open WebSockets to any address. Trusted types forbid turning a string into HTML or script; the
 * policy `worker` creates the one URL of the worker.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self' ws: wss:",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types worker',
].join('; ')

/** The headers of every response. */
export const SECURITY: OutgoingHttpHeaders = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
}

/** Answers with a text that is made for this request, and is not to be kept. */
export function respondText(
  { method }: IncomingMessage,
  response: ServerResponse,
  text: string,
  { status = 200, type = 'text/plain; charset=utf-8' }: { status?: number; type?: string } = {},
): void {
  const body = Buffer.from(text)
  const headers = { 'Content-Type': type, 'Content-Length': body.length, 'Cache-Control': 'no-store' }
  response.writeHead(status, { ...headers, ...SECURITY }).end(method === 'HEAD' ? undefined : body)
}

/** Refuses a request, as the last one of its connection. */
export function refuse(
  response: ServerResponse,
  status: number,
  text: string,
  more: OutgoingHttpHeaders = {},
): void {
  const body = Buffer.from(`${text}\n`)
  const headers = {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': body.length,
    Connection: 'close',
  }
  response.writeHead(status, { ...headers, ...SECURITY, ...more }).end(body)
}

/** Refuses a method other than GET and HEAD, and returns whether it did. */
export function refuseMethod({ method }: IncomingMessage, response: ServerResponse): boolean {
  if (method === 'GET' || method === 'HEAD') return false
  refuse(response, 405, 'Method not allowed', { Allow: 'GET, HEAD' })
  return true
}

/**
 * The path of a request's target, in origin-form or absolute-form (RFC 9112 §3.2), without the query.
 * Not `new URL`, which throws on `//` and `http://[`.
 */
export function pathOf({ url: target = '' }: IncomingMessage): string {
  const [, path = ''] = /^(?:https?:\/\/[^/?#]*)?([^?#]*)/i.exec(target) ?? []
  return path === '' && target !== '' ? '/' : path
}
