// The options of clients and servers as `ws` has them, and those of our connections that may be
// passed as well.

import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders, RequestOptions } from 'node:http'
import type { PerMessageDeflateOptions } from './compression.ts'

/** Options of `@ws/connection` that both roles take in addition to those of `ws`. */
interface SafetyOptions {
  /** Milliseconds of silence after which the peer is pinged; `Infinity` for never. Default: 25,000. */
  pingInterval?: number | undefined
  /**
   * Milliseconds in which anything must be received after such a ping; then the connection is
   * terminated. Default: 60,000.
   */
  pongTimeout?: number | undefined
  /** Milliseconds in which the peer must accept some of the data queued for it. Default: 120,000. */
  writeTimeout?: number | undefined
  /** Milliseconds from the first byte of a message to its last. Default: 600,000. */
  messageTimeout?: number | undefined
  /** Bytes that may be buffered for a peer; more terminate the connection. Default: `Infinity`. */
  maxBufferedAmount?: number | undefined
}

/** Options that a client and a server have in common. */
export interface CommonOptions extends SafetyOptions {
  /** Whether several events may be emitted in the same tick. Default: true. */
  allowSynchronousEvents?: boolean | undefined
  /** Whether pings are answered. Default: true. */
  autoPong?: boolean | undefined
  /** Milliseconds for the closing handshake; then the connection is terminated. Default: 30,000. */
  closeTimeout?: number | undefined
  /** Accepted, and not needed: received bytes wait in one queue. */
  maxBufferedChunks?: number | undefined
  /** The most frames of one message; 0 for no limit. Default: 16,384. */
  maxFragments?: number | undefined
  /** The largest message in bytes, after decompression; 0 for no limit. Default: 100 MiB. */
  maxPayload?: number | undefined
  /** Accepted, and not needed: a peer that does not read gets the newest pong only. */
  maxPendingAutoPongs?: number | undefined
  /** Compression, with options or those of the defaults. Default: true for a client. */
  perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined
  /** Accepted and ignored: texts are always validated. */
  skipUTF8Validation?: boolean | undefined
}

/** Called when a request is about to be sent; it must call `request.end()`. */
export type FinishRequest<Socket> = (request: ClientRequest, websocket: Socket) => void

/**
 * Options of a client: those of `http.request` or `https.request`, without the ones that the URL
 * determines, and these.
 */
export interface ClientOptionsOf<Socket>
  extends CommonOptions,
    Omit<RequestOptions, 'createConnection' | 'headers' | 'protocol'> {
  // biome-ignore lint/suspicious/noExplicitAny: `net.connect` and `tls.connect` have overloads.
  createConnection?: ((...args: any[]) => any) | undefined
  /** Called before each request is sent. */
  finishRequest?: FinishRequest<Socket> | undefined
  /** Whether redirects are followed. Default: false. */
  followRedirects?: boolean | undefined
  /** Fills four bytes with the masking key of a frame. */
  generateMask?(mask: Buffer): void
  /** Milliseconds for the opening handshake, without redirects. Default: none. */
  handshakeTimeout?: number | undefined
  /** Header fields of the request. */
  headers?: OutgoingHttpHeaders | Readonly<Record<string, string>> | undefined
  /** The most redirects that are followed. Default: 10. */
  maxRedirects?: number | undefined
  /** The header field Origin. */
  origin?: string | undefined
  protocol?: string | undefined
  /** The version of the protocol: 13. */
  protocolVersion?: number | undefined
  // Of `tls.connect`.
  ca?: unknown
  cert?: unknown
  ciphers?: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: `tls` and `@types/ws` disagree about the certificate.
  checkServerIdentity?(servername: string, cert: any): unknown
  crl?: unknown
  key?: unknown
  passphrase?: string | undefined
  pfx?: unknown
  rejectUnauthorized?: boolean | undefined
  secureContext?: unknown
  servername?: string | undefined
  session?: Buffer | undefined
}

/** Decides whether to accept a handshake: of this origin, over TLS or not. */
export type VerifyClientCallbackSync<Request extends IncomingMessage = IncomingMessage> = (info: {
  origin: string
  secure: boolean
  req: Request
}) => boolean

/** Decides whether to accept a handshake, and answers later. */
export type VerifyClientCallbackAsync<Request extends IncomingMessage = IncomingMessage> = (
  info: { origin: string; secure: boolean; req: Request },
  callback: (result: boolean, code?: number, message?: string, headers?: OutgoingHttpHeaders) => void,
) => void
