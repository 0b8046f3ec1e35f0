/**
 * The WebSocket opening handshake, both sides of it, without I/O (RFC 6455 §4).
 * @module @ws/handshake
 */

export { type AcceptOptions, accept } from './accept.ts'
export {
  type Extension,
  type ExtensionOffer,
  type ExtensionParam,
  formatExtensions,
  parseExtensions,
} from './extensions.ts'
export type { Field } from './fields.ts'
export { type Parsed, type RequestHead, RequestParser, type ResponseHead, ResponseParser } from './head.ts'
export { HostList, type HostPolicy } from './hosts.ts'
export { computeAccept, createKey, type Digest } from './key.ts'
export type { HeadLimits } from './limits.ts'
export { isAllowedOrigin, type OriginPolicy, parseOrigin } from './origin.ts'
export { type Rejection, reject } from './rejection.ts'
export { type ClientRequest, createRequest, formatRequest, type RequestOptions } from './request.ts'
export { formatResponse, type HandshakeResponse } from './response.ts'
export { parseProtocols } from './subprotocols.ts'
export { parseTarget, type Target } from './target.ts'
export {
  checkValidationOptions,
  type HandshakeRequest,
  type RequestValidation,
  type ValidationOptions,
  type ValidRequest,
  validateHost,
  validateRequest,
} from './validate-request.ts'
export { type ResponseValidation, type ValidResponse, validateResponse } from './validate-response.ts'
