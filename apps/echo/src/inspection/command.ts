// The commands of an observer, as JSON.

import { Buffer } from 'node:buffer'
import { writeClosePayload } from '@ws/frame'
import type { Message } from '@ws/server'

/** What the server is to send on a recorded connection. */
export type Command = { readonly connection: number } & (
  | { readonly do: 'ping'; readonly data: Uint8Array }
  | { readonly do: 'close'; readonly code: number; readonly reason: string }
  | {
      readonly do: 'send'
      readonly type: 'text' | 'binary'
      readonly data: Uint8Array
      /** Bytes of each fragment. */
      readonly size: number
    }
)

/** The longest payload of a ping (RFC 6455 §5.5). */
const MAX_PING = 125

/** Reads a command. Throws an `Error` that says what was expected. */
export function readCommand(message: Message): Command {
  const value: unknown = typeof message === 'string' ? JSON.parse(message) : undefined
  if (typeof value !== 'object' || value === null) throw new TypeError('a command must be a JSON object')
  const { connection, do: name, data, code, reason, type, size } = value as Record<string, unknown>
  if (!isCount(connection)) throw new TypeError('connection must be the number of a connection')
  if (name === 'ping') return { connection, do: name, data: readBytes(data, MAX_PING) }
  if (name === 'close' && isCount(code) && typeof reason === 'string') {
    writeClosePayload(code, reason)
    return { connection, do: name, code, reason }
  }
  if (name === 'send' && (type === 'text' || type === 'binary') && isCount(size))
    return { connection, do: name, type, data: readBytes(data), size }
  throw new TypeError('do must be ping, close with code and reason, or send with type, data and size')
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0
}

function readBytes(value: unknown, most = Number.POSITIVE_INFINITY): Uint8Array {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'base64') : undefined
  if (bytes === undefined || bytes.length > most)
    throw new TypeError('data must be base64, of a ping at most 125 bytes')
  return bytes
}
