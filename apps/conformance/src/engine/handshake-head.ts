// The head of a handshake case with the values of one connection, and fields of heads.

import type { HandshakeCase } from '@ws/conformance-cases'

/** What the names in braces stand for. */
export interface HeadValues {
  readonly host: string
  readonly path: string
  readonly key: string
  readonly accept: string
}

/** The head as text, with the empty line. */
export function formatHead({ head }: HandshakeCase, values: HeadValues): string {
  return `${head
    .join('\r\n')
    .replaceAll(/\{(host|path|key|accept)\}/g, (_, name: keyof HeadValues) => values[name])}\r\n\r\n`
}

/** The values of a field, joined by commas, or undefined. */
export function fieldOf(rawHeaders: readonly string[], name: string): string | undefined {
  const values = rawHeaders.filter(
    (_, i) => i % 2 === 1 && rawHeaders[i - 1]!.toLowerCase() === name.toLowerCase(),
  )
  return values.length === 0 ? undefined : values.join(', ')
}
