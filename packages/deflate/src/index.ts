export type { DeflateOptions } from './options.ts'
export { permessageDeflate } from './permessage-deflate.ts'
