/**
 * permessage-deflate (RFC 7692) for `@ws/server` and `@ws/protocol`.
 * @module @ws/deflate
 */

export type { DeflateOptions } from './options.ts'
export { permessageDeflate } from './permessage-deflate.ts'
