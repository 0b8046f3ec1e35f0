// An answer other than the expected one, as a `Response` of the web.

import type { ResponseHead } from '@ws/handshake'
import { ChunkedDecoder } from './chunked-decoder.ts'
import { headersOf } from './fields.ts'
import type { TransportReader } from './transport-reader.ts'

/** Bytes of a body that are kept; the rest is not read. */
const MAX_BODY = 64 * 1024

/** Statuses of responses without a body (RFC 9110 §6.4.1, §15.3.6). */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304])

/**
 * Reads the body of an answer: until its end, or 64 KiB, or as much as arrives. Never rejects, so
 * that a server that breaks off does not hide its answer.
 */
export async function readResponse(head: ResponseHead, reader: TransportReader): Promise<Response> {
  const { status, reason } = head
  const headers = headersOf(head)
  const body = BODILESS.has(status) ? null : await readBody(headers, reader)
  return new Response(body, { status, statusText: reason, headers })
}

/** The length of a body follows from RFC 9112 §6.3. */
async function readBody(headers: Headers, reader: TransportReader): Promise<Uint8Array<ArrayBuffer>> {
  const encoding = headers.get('transfer-encoding')
  const decoder = encoding !== null && /\bchunked\s*$/i.test(encoding) ? new ChunkedDecoder() : undefined
  const length = decoder === undefined ? Math.min(declaredLength(headers), MAX_BODY) : MAX_BODY
  const body = new Uint8Array(length)
  let filled = 0
  try {
    while (filled < length) {
      const chunk = await reader.read()
      if (chunk === undefined) break
      for (const piece of decoder?.decode(chunk) ?? [chunk]) {
        const taken = piece.subarray(0, length - filled)
        body.set(taken, filled)
        filled += taken.length
      }
      if (decoder?.isFinished) break
    }
  } catch {
    // The body ends here.
  }
  return body.subarray(0, filled)
}

/** The Content-Length, which may be repeated (RFC 9110 §8.6); without a valid one, infinite. */
function declaredLength(headers: Headers): number {
  const [, digits] = /^([0-9]+)(?:, *\1)*$/.exec(headers.get('content-length') ?? '') ?? []
  return digits === undefined ? Number.POSITIVE_INFINITY : Number(digits)
}
