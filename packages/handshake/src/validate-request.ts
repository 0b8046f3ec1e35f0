// Validates a client's opening handshake (RFC 6455 §4.2.1): the server's checklist, in the order of
// the checks. Routing, authentication and the choice of a subprotocol come later.

import { parseAuthority } from './authority.ts'
import { checkNames } from './check-names.ts'
import { type ExtensionOffer, parseExtensions } from './extensions.ts'
import { joinValues, valuesOf } from './fields.ts'
import { HostList } from './hosts.ts'
import { isKey } from './key.ts'
import { type HeadLimits, resolveLimits } from './limits.ts'
import { checkOriginPolicy, isAllowedOrigin, type OriginPolicy, parseOrigin } from './origin.ts'
import { type Rejection, reject } from './rejection.ts'
import { parseTarget } from './target.ts'
import { includesElement, parseTokenList, trimWhitespace } from './tokens.ts'

/** The head of a request, such as Node's `IncomingMessage` or a `RequestHead`. */
export interface HandshakeRequest {
  readonly method?: string | undefined
  /** The request target as sent. */
  readonly url?: string | undefined
  /** `1.1`, without the `HTTP/`. */
  readonly httpVersion: string
  /** Name, value, name, value, … in the order received, as latin1. */
  readonly rawHeaders: readonly string[]
}

/** Checks beyond the RFC. */
export interface ValidationOptions {
  /**
   * Origins that may connect. Default: `'same-host'`, because a page of another site would connect
   * with its visitor's cookies (§10.2). It does not stop DNS rebinding: set `hosts` as well.
   */
  readonly origin?: OriginPolicy | undefined
  /**
   * Whether to reject a request without Origin. Default: false, because all browsers send it
   * (§4.2.1).
   */
  readonly requireOrigin?: boolean | undefined
  /** The hosts that the request may be for; others get 421. Default: any. */
  readonly hosts?: HostList | undefined
  /**
   * The size of a head, for heads from another parser, whose limits may be wider. `'none'` leaves
   * it to that parser.
   */
  readonly limits?: HeadLimits | 'none' | undefined
}

const VALIDATION_OPTIONS = ['origin', 'requireOrigin', 'hosts', 'limits']

/** The result of `validateRequest`. */
export type RequestValidation = ValidRequest | Rejection

/** A valid handshake request, for `accept` (RFC 6455 §4.2.2). */
export interface ValidRequest {
  readonly ok: true
  /** Sec-WebSocket-Key as sent, 24 characters. */
  readonly key: string
  /** The path as sent, starting with `/`; neither decoded nor normalized. */
  readonly path: string
  /** The query with its `?`, or an empty string. */
  readonly search: string
  /** `host[:port]` from Host, or from an absolute target (RFC 9112 §3.2.2). */
  readonly host: string
  /**
   * The origin of the page, in lower case and without default port. As sent if it has no host, as
   * `null` and `file://`, or is not valid, which only the policy `'any'` accepts.
   */
  readonly origin: string | undefined
  /** The requested subprotocols, in order of preference; one that is listed twice is here once. */
  readonly protocols: readonly string[]
  /** The offered extensions, in order of preference. */
  readonly extensions: readonly ExtensionOffer[]
}

type Resource = Pick<ValidRequest, 'path' | 'search' | 'host'>
type Offer = Pick<ValidRequest, 'key' | 'protocols' | 'extensions'>

/** "The server MUST send an Upgrade header field in a 426 response" (RFC 9110 §15.5.22). */
const UPGRADE = [
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade, close'],
] as const

const LONGEST_QUOTE = 100

const INVALID_HOST = 'Host must be host[:port], as in a URL (RFC 9112 §3.2)'

/** Throws a TypeError or RangeError for options that `validateRequest` does not accept. */
export function checkValidationOptions(options: ValidationOptions): void {
  checkNames(options, VALIDATION_OPTIONS)
  checkOriginPolicy(options.origin ?? 'same-host')
  const { requireOrigin, hosts, limits } = options
  if (typeof limits === 'string' && limits !== 'none') {
    throw new TypeError(`limits must be an object or 'none', not ${JSON.stringify(limits)}`)
  }
  if (limits !== 'none') resolveLimits(limits)
  if (hosts !== undefined && !(hosts instanceof HostList)) {
    throw new TypeError(`hosts must be a HostList, not ${JSON.stringify(hosts)}`)
  }
  if (requireOrigin !== undefined && typeof requireOrigin !== 'boolean') {
    throw new TypeError(`requireOrigin must be a boolean, not ${JSON.stringify(requireOrigin)}`)
  }
}

/**
 * Validates a client's opening handshake (RFC 6455 §4.2.1), in time linear in the size of the head.
 * Throws only for wrong options, as `checkValidationOptions` does.
 */
export function validateRequest(
  request: HandshakeRequest,
  options: ValidationOptions = {},
): RequestValidation {
  checkValidationOptions(options)
  const oversize = validateSize(request, options.limits)
  if (oversize !== undefined) return oversize
  const { rawHeaders } = request
  const resource = validateResource(request)
  if (isRejection(resource)) return resource
  if (options.hosts?.includes(resource.host) === false) return rejectHost(resource.host)
  const offer = validateOffer(rawHeaders)
  if (isRejection(offer)) return offer
  const rejection = validateOrigin(rawHeaders, resource.host, options)
  return rejection ?? { ok: true, ...resource, ...offer, origin: readOrigin(rawHeaders) }
}

/**
 * Validates the host of an ordinary request: 421 for one that is not in the list, 400 for one that
 * is invalid. Undefined if it may be answered; also if it names no host, as no browser does.
 */
export function validateHost(
  request: Pick<HandshakeRequest, 'url' | 'rawHeaders'>,
  hosts: HostList,
): Rejection | undefined {
  const { host } = parseTarget(request.url ?? '') ?? {}
  for (const name of host === undefined ? valuesOf(request.rawHeaders, 'host') : [host]) {
    if (name === '') continue
    if (parseAuthority(name) === undefined) return reject(400, INVALID_HOST)
    if (!hosts.includes(name)) return rejectHost(name)
  }
  return undefined
}

// "The 421 (Misdirected Request) status code indicates that the request was directed at a server
// that is unable or unwilling to produce an authoritative response for the target URI."
function rejectHost(host: string): Rejection {
  return reject(
    421,
    `this server does not answer to the host ${quote(host)}: its option hosts does not list it (RFC 9110 §15.5.20)`,
  )
}

function validateSize(
  request: HandshakeRequest,
  limits: HeadLimits | 'none' | undefined,
): Rejection | undefined {
  if (limits === 'none') return undefined
  const { maxHeadSize, maxFields, maxTargetLength } = resolveLimits(limits)
  const { url = '', rawHeaders } = request
  if (rawHeaders.length > 2 * maxFields) {
    return reject(431, `the request has more than ${maxFields} header fields (RFC 6585 §5)`)
  }
  // "A server that receives a request-target longer than any URI it wishes to parse MUST respond
  // with a 414 (URI Too Long) status code."
  if (url.length > maxTargetLength) {
    return reject(414, `the target is longer than ${maxTargetLength} bytes (RFC 9112 §3)`)
  }
  let size = url.length
  for (const text of rawHeaders) size += text.length + 2
  return size > maxHeadSize
    ? reject(431, `the request head is larger than ${maxHeadSize} bytes (RFC 6585 §5)`)
    : undefined
}

// The requirements of HTTP for an upgrade.
function validateResource(request: HandshakeRequest): Resource | Rejection {
  const { rawHeaders } = request
  // "An HTTP/1.1 or higher GET request"
  if (request.method !== 'GET') {
    return reject(405, 'the method must be GET (RFC 6455 §4.2.1)', [['Allow', 'GET']])
  }
  // "A server that receives an Upgrade header field in an HTTP/1.0 request MUST ignore that Upgrade
  // field."
  if (!/^[1-9]\.[0-9]$/.test(request.httpVersion) || request.httpVersion === '1.0') {
    return reject(426, 'the HTTP version must be 1.1 or higher (RFC 6455 §4.2.1, RFC 9110 §7.8)', UPGRADE)
  }
  // "A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1 request message
  // that lacks a Host header field and to any request message that contains more than one Host
  // header field line or a Host header field with an invalid field value."
  const [host, ...others] = valuesOf(rawHeaders, 'host')
  if (host === undefined || others.length > 0) {
    return reject(400, 'there must be exactly one Host (RFC 9112 §3.2)')
  }
  if (parseAuthority(host) === undefined) return reject(400, INVALID_HOST)
  // A body could be mistaken for frames, or frames for a body.
  const hasBody =
    joinValues(rawHeaders, 'transfer-encoding') !== undefined ||
    valuesOf(rawHeaders, 'content-length').some(length => !isZero(length))
  if (hasBody) return reject(400, 'a handshake has no body (RFC 6455 §4.1, RFC 9112 §6)')
  // "a "Request-URI" [RFC2616] that should be interpreted as a /resource name/ defined in Section 3
  // (or an absolute HTTP/HTTPS URI containing the /resource name/)"
  const target = parseTarget(request.url ?? '')
  if (target === undefined) {
    return reject(400, 'the target must be a path, without # (RFC 6455 §3, RFC 9112 §3.2)')
  }
  // "the origin server MUST ignore the received Host header field (if any) and instead use the host
  // information of the request-target"
  return { path: target.path, search: target.search, host: target.host ?? host }
}

// The requirements of the WebSocket Protocol.
function validateOffer(rawHeaders: readonly string[]): Offer | Rejection {
  // "An |Upgrade| header field containing the value "websocket", treated as an ASCII
  // case-insensitive value."
  if (!includesElement(joinValues(rawHeaders, 'upgrade') ?? '', 'websocket')) {
    return reject(426, 'Upgrade must contain websocket (RFC 6455 §4.2.1)', UPGRADE)
  }
  // "A |Connection| header field that includes the token "Upgrade", treated as an ASCII
  // case-insensitive value."
  if (!includesElement(joinValues(rawHeaders, 'connection') ?? '', 'upgrade')) {
    return reject(426, 'Connection must contain Upgrade (RFC 6455 §4.2.1)', UPGRADE)
  }
  // "If the server doesn't support the requested version, it MUST respond with a
  // |Sec-WebSocket-Version| header field […] containing all versions it is willing to use."
  if (!isVersion13(valuesOf(rawHeaders, 'sec-websocket-version'))) {
    return reject(426, 'Sec-WebSocket-Version must be 13 (RFC 6455 §4.2.1, §4.4)', [
      ...UPGRADE,
      ['Sec-WebSocket-Version', '13'],
    ])
  }
  // "A |Sec-WebSocket-Key| header field with a base64-encoded (see Section 4 of [RFC4648]) value
  // that, when decoded, is 16 bytes in length."
  const key = joinValues(rawHeaders, 'sec-websocket-key') ?? ''
  if (!isKey(key)) return reject(400, 'Sec-WebSocket-Key must be 16 bytes in base64 (RFC 6455 §4.2.1)')
  // "including but not limited to any violations of the ABNF grammar specified for the components
  // of the handshake, the server MUST stop processing the client's handshake and return an HTTP
  // response with an appropriate error code"
  const protocols = readList(rawHeaders, 'sec-websocket-protocol', parseTokenList)
  if (protocols === undefined) {
    return reject(400, 'Sec-WebSocket-Protocol must list tokens (RFC 6455 §4.1)')
  }
  // "If a value is received by either the client or the server during negotiation that does not
  // conform to the ABNF below, the recipient of such malformed data MUST immediately _Fail the
  // WebSocket Connection_."
  const extensions = readList(rawHeaders, 'sec-websocket-extensions', parseExtensions)
  if (extensions === undefined) return reject(400, 'Sec-WebSocket-Extensions is malformed (RFC 6455 §9.1)')
  return { key, protocols: [...new Set(protocols)], extensions }
}

function validateOrigin(
  rawHeaders: readonly string[],
  host: string,
  options: ValidationOptions,
): Rejection | undefined {
  const [origin, ...others] = valuesOf(rawHeaders, 'origin')
  if (origin === undefined) {
    return options.requireOrigin ? reject(403, 'there must be an Origin (RFC 6455 §10.2)') : undefined
  }
  // "If the server does not wish to accept this connection, it MUST return an appropriate HTTP
  // error code (e.g., 403 Forbidden) and abort the WebSocket handshake described in this section."
  if (others.length > 0) return reject(403, 'there must be one Origin (RFC 6455 §4.2.2, §10.2)')
  const { origin: policy = 'same-host' } = options
  if (isAllowedOrigin(origin, host, policy)) return undefined
  const reason =
    policy === 'same-host'
      ? `it is not that of the host ${quote(host)}, as the server sees it: a proxy must leave Host unchanged, or the option origin list it`
      : `the option origin does not list it; the request was for the host ${quote(host)}`
  return reject(403, `pages of ${quote(origin)} may not connect: ${reason} (RFC 6455 §4.2.2, §10.2)`)
}

// "The origin is serialized to ASCII and converted to lowercase."
function readOrigin(rawHeaders: readonly string[]): string | undefined {
  const origin = joinValues(rawHeaders, 'origin')
  return origin && (parseOrigin(origin) ?? origin)
}

function readList<T>(
  rawHeaders: readonly string[],
  name: string,
  parse: (text: string) => readonly T[] | undefined,
): readonly T[] | undefined {
  const text = joinValues(rawHeaders, name)
  // A list without elements counts as none (docs/decisions/0009-handshake-rows.md).
  return text === undefined || !/[^,\t ]/.test(text) ? [] : parse(text)
}

// A repeated version counts once, in one line or in several.
function isVersion13(lines: readonly string[]): boolean {
  return lines.length > 0 && lines.every(line => line.split(',').every(one => trimWhitespace(one) === '13'))
}

/** A text from a peer as a part of a sentence. */
function quote(text: string): string {
  return JSON.stringify(text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text)
}

function isZero(digits: string): boolean {
  return digits !== '' && !/[^0]/.test(digits)
}

function isRejection(value: object): value is Rejection {
  return 'ok' in value
}
