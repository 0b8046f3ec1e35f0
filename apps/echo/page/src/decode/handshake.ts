// The opening handshake: two heads, and what each of their lines is for.

import {
  computeAccept,
  type RequestHead,
  RequestParser,
  type ResponseHead,
  ResponseParser,
  validateRequest,
} from '@ws/handshake'
import type { Fault } from './frame.ts'
import { readBase64 } from './hex.ts'
import { hexOf } from './words.ts'

/** A handshake, as far as it has been recorded. */
export interface Handshake {
  /** The bytes of the request's head. */
  readonly requestBytes: Uint8Array
  readonly request: RequestHead | undefined
  readonly responseBytes: Uint8Array
  readonly response: ResponseHead | undefined
  /** The body of a rejection. */
  readonly body: Uint8Array
  readonly fault: Fault | undefined
}

/** One line of a head, with one sentence if it belongs to the handshake. */
export interface HeadLine {
  readonly text: string
  readonly sentence: string | undefined
  readonly section: string | undefined
}

/** The steps from the key to the accept value (RFC 6455 §4.2.2). */
export interface AcceptSteps {
  readonly key: string
  readonly joined: string
  readonly digest: string
  readonly accept: string
  /** The value in the response. */
  readonly sent: string | undefined
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** A head, and what follows it; undefined while it is incomplete. */
export function parseRequest(bytes: Uint8Array): { head: RequestHead; rest: Uint8Array } | Fault | undefined {
  const parsed = new RequestParser({ maxHeadSize: bytes.length + 1 }).push(bytes)
  if (parsed === undefined) return undefined
  return parsed.ok ? parsed : { message: parsed.body, section: 'RFC 9112' }
}

/** As `parseRequest`. */
export function parseResponse(
  bytes: Uint8Array,
): { head: ResponseHead; rest: Uint8Array } | Fault | undefined {
  const parsed = new ResponseParser({ maxHeadSize: bytes.length + 1 }).push(bytes)
  if (parsed === undefined) return undefined
  return parsed.ok ? parsed : { message: parsed.error, section: 'RFC 9112' }
}

/** The rule that a request breaks. */
export function findFault(request: RequestHead): Fault | undefined {
  const valid = validateRequest(request, { origin: 'any' })
  return valid.ok ? undefined : { message: valid.body, section: 'RFC 6455 §4.2.1' }
}

/** The value of a field; undefined if the head does not have it. */
export function fieldOf(
  head: { readonly rawHeaders: readonly string[] } | undefined,
  name: string,
): string | undefined {
  const { rawHeaders } = head ?? { rawHeaders: [] }
  const at = rawHeaders.findIndex((each, i) => i % 2 === 0 && each.toLowerCase() === name)
  return at < 0 ? undefined : rawHeaders[at + 1]
}

/** The accept value, step by step; undefined if the request has no key. */
export function acceptSteps({ request, response }: Handshake): AcceptSteps | undefined {
  const key = fieldOf(request, 'sec-websocket-key')
  if (key === undefined) return undefined
  const accept = computeAccept(key)
  return {
    key,
    joined: `${key}${GUID}`,
    digest: hexOf(readBase64(accept)),
    accept,
    sent: fieldOf(response, 'sec-websocket-accept'),
  }
}

type Explanation = readonly [sentence: string, section: string]

const REQUEST_LINES: Readonly<Record<string, Explanation>> = {
  host: ['The host that the client means; one address can serve many.', '§4.1'],
  upgrade: ['Asks to continue this connection with another protocol.', '§4.1'],
  connection: ['Upgrade is for this connection only: proxies do not pass it on.', '§4.1'],
  origin: ['The page that opens the WebSocket. A server checks it to keep out foreign pages.', '§10.2'],
  'sec-websocket-version': ['The version of the protocol. There is only 13.', '§4.1'],
  'sec-websocket-key': ['16 random bytes in base64. The server must answer with their hash.', '§4.1'],
  'sec-websocket-protocol': ['The subprotocols that the client speaks, the best first.', '§1.9'],
  'sec-websocket-extensions': ['The extensions that the client can use, the best first.', '§9.1'],
}

const RESPONSE_LINES: Readonly<Record<string, Explanation>> = {
  upgrade: ['The protocol from here on.', '§4.2.2'],
  connection: ['Confirms that this connection is upgraded.', '§4.2.2'],
  'sec-websocket-accept': ['The hash of the key: proves that this server speaks WebSocket.', '§4.2.2'],
  'sec-websocket-protocol': ['The one subprotocol that both sides use.', '§4.2.2'],
  'sec-websocket-extensions': ['The extensions that both sides use, with their parameters.', '§9.1'],
}

/** The lines of the request. */
export function requestLines(head: RequestHead): readonly HeadLine[] {
  const first = `${head.method} ${head.url} HTTP/${head.httpVersion}`
  return linesOf(
    first,
    ['A GET request: WebSocket begins as HTTP/1.1.', '§4.1'],
    head.rawHeaders,
    REQUEST_LINES,
  )
}

/** The lines of the response. */
export function responseLines(head: ResponseHead): readonly HeadLine[] {
  const first = `HTTP/${head.httpVersion} ${head.status} ${head.reason}`
  const explanation: Explanation =
    head.status === 101
      ? ['The server agrees. After the empty line both sides send frames.', '§4.2.2']
      : ['Not 101: the server does not open the WebSocket.', '§4.2.2']
  return linesOf(first, explanation, head.rawHeaders, RESPONSE_LINES)
}

function linesOf(
  first: string,
  explanation: Explanation,
  rawHeaders: readonly string[],
  known: Readonly<Record<string, Explanation>>,
): readonly HeadLine[] {
  const lines: HeadLine[] = [{ text: first, sentence: explanation[0], section: explanation[1] }]
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const [sentence, section] = known[rawHeaders[i]!.toLowerCase()] ?? []
    lines.push({ text: `${rawHeaders[i]}: ${rawHeaders[i + 1]}`, sentence, section })
  }
  return lines
}
