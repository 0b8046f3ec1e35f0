// The client's opening handshake (RFC 6455 §4.1): the request and its text.

import { parseAuthority } from './authority.ts'
import { checkNames } from './check-names.ts'
import { type Extension, formatExtensions } from './extensions.ts'
import { checkFields, type Field, formatFields } from './fields.ts'
import { createKey, isKey } from './key.ts'
import { isFraming } from './rejection.ts'
import { parseProtocols } from './subprotocols.ts'
import { parseTarget } from './target.ts'

/** Options of a handshake request. */
export interface RequestOptions {
  /** `host[:port]`, without a default port. */
  readonly host: string
  /** The resource name (path and query): `/chat?room=1`. Default: `/`. */
  readonly target?: string | undefined
  /** Subprotocols in order of preference, without duplicates. */
  readonly protocols?: readonly string[] | undefined
  /** Extensions in order of preference. */
  readonly extensions?: readonly Extension[] | undefined
  /** The origin, for a client that acts for a web page: `https://example.com`. */
  readonly origin?: string | undefined
  /**
   * Additional header fields, for example Cookie and Authorization. A character of a value from
   * U+0080 to U+00FF stands for the byte of that number.
   */
  readonly headers?: Iterable<Field> | undefined
  /** Sec-WebSocket-Key, for tests. Default: 16 random bytes in base64. */
  readonly key?: string | undefined
}

/** A handshake request, for `formatRequest` and `validateResponse`. */
export interface ClientRequest {
  readonly target: string
  readonly key: string
  readonly protocols: readonly string[]
  readonly extensions: readonly Extension[]
  /** All header fields, in the order in which they are sent. */
  readonly headers: readonly Field[]
}

/** Creates a handshake request (RFC 6455 §4.1). Throws a TypeError for an invalid option. */
export function createRequest(options: RequestOptions): ClientRequest {
  checkNames(options, ['host', 'target', 'protocols', 'extensions', 'origin', 'headers', 'key'])
  const {
    host,
    target = '/',
    protocols = [],
    extensions = [],
    origin,
    headers = [],
    key = createKey(),
  } = options
  const fields: Field[] = [
    // "The request MUST contain a |Host| header field whose value contains /host/ plus optionally
    // ":" followed by /port/ (when not using the default port)."
    ['Host', check(host, parseAuthority(host) !== undefined, 'host must be host[:port] (RFC 6455 §4.1)')],
    // "The request MUST contain an |Upgrade| header field whose value MUST include the "websocket"
    // keyword."
    ['Upgrade', 'websocket'],
    // "The request MUST contain a |Connection| header field whose value MUST include the "Upgrade"
    // token."
    ['Connection', 'Upgrade'],
    // "The request MUST include a header field with the name |Sec-WebSocket-Key|."
    ['Sec-WebSocket-Key', check(key, isKey(key), 'key must be 16 bytes in base64 (RFC 6455 §4.1)')],
    // "The request MUST include a header field with the name |Sec-WebSocket-Version|. The value of
    // this header field MUST be 13."
    ['Sec-WebSocket-Version', '13'],
  ]
  if (origin !== undefined) fields.push(['Origin', origin])
  if (protocols.length > 0) fields.push(['Sec-WebSocket-Protocol', formatProtocols(protocols)])
  if (extensions.length > 0) fields.push(['Sec-WebSocket-Extensions', formatExtensions(extensions)])
  const others = [...headers]
  checkFields(others, isOwned, 'latin1')
  checkFields(fields, isFraming)
  const all = [...fields, ...others]
  return { target: checkTarget(target), key, protocols, extensions, headers: all }
}

/** The head of the request as latin1, including the empty line (RFC 9112 §3). */
export function formatRequest(request: ClientRequest): string {
  // "The method of the request MUST be GET, and the HTTP version MUST be at least 1.1."
  return `GET ${request.target} HTTP/1.1\r\n${formatFields(request.headers)}\r\n`
}

function checkTarget(target: string): string {
  // "The "Request-URI" part of the request MUST match the /resource name/ defined in Section 3"
  const isPath = target.startsWith('/') && parseTarget(target) !== undefined
  return check(
    target,
    isPath,
    'target must be a path and a query in printable ASCII, without # (RFC 6455 §3)',
  )
}

function formatProtocols(protocols: readonly string[]): string {
  const text = protocols.join(', ')
  const isList = parseProtocols(text)?.length === protocols.length
  return check(text, isList, 'subprotocols must be distinct tokens (RFC 6455 §4.1)')
}

function check(text: string, isValid: boolean, message: string): string {
  if (!isValid) throw new TypeError(`${message}: ${JSON.stringify(text)}`)
  return text
}

function isOwned(name: string): boolean {
  const own = name === 'host' || name === 'upgrade' || name === 'connection' || name === 'origin'
  return own || name.startsWith('sec-websocket-') || isFraming(name)
}
