/**
 * permessage-deflate (RFC 7692), for a server of `@ws/server` or a `Protocol` of `@ws/protocol`.
 * @module @ws/deflate
 */

export type { DeflateOptions } from './options.ts'
export { permessageDeflate } from './permessage-deflate.ts'
