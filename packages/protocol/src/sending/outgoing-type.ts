// The type of a message that is sent (RFC 6455 §5.6).

import type { MessageType } from '../extension.ts'
import type { Host } from '../host.ts'
import { typeName } from '../type-name.ts'

/** The type of data that is sent without a `type`. */
export function defaultType(data: string | Uint8Array): MessageType {
  return typeof data === 'string' ? 'text' : 'binary'
}

/** Throws a `TypeError` if `data` cannot be sent as `type`. */
export function checkType(data: string | Uint8Array, type: MessageType, isUtf8: Host['isUtf8']): void {
  if (type === 'binary') return
  if (type !== 'text')
    throw new TypeError(`type of a message must be 'text' or 'binary', not ${describe(type)}`)
  // "The "Payload data" is text data encoded as UTF-8."
  if (typeof data !== 'string' && !isUtf8(data, 0, data.length))
    throw new TypeError('bytes that are sent as text must be valid UTF-8 (RFC 6455 §5.6)')
}

function describe(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : typeName(value)
}
