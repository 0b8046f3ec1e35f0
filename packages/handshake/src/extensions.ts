// Parses and formats Sec-WebSocket-Extensions (RFC 6455 §9.1). The names, number and values of
// parameters are checked by the extension.

import { findTokenEnd, isToken, readQuotedString, skipWhitespace } from './tokens.ts'

/** A parameter: its case-sensitive name, and its unquoted value or `true` without a value. */
export type ExtensionParam = readonly [name: string, value: string | true]

/**
 * One element of Sec-WebSocket-Extensions (RFC 6455 §9.1). Parameters are in the order sent,
 * including duplicates.
 */
export interface Extension {
  /** The extension-token, as sent: `permessage-deflate`. */
  readonly name: string
  readonly params: readonly ExtensionParam[]
}

/** An extension offered by a client (RFC 6455 §9.1). */
export type ExtensionOffer = Extension

interface Read<T> {
  readonly value: T
  readonly end: number
}

/**
 * Parses a header value (several header lines are joined by commas) into extensions in order of
 * preference. Undefined if the text violates the ABNF or lists nothing. Empty list elements are
 * ignored (RFC 6455 §9.1, RFC 9110 §5.6.1.2).
 */
export function parseExtensions(text: string): readonly Extension[] | undefined {
  const extensions: Extension[] = []
  for (let at = skipWhitespace(text, 0); at < text.length; at = skipWhitespace(text, at)) {
    if (text[at] === ',') {
      at++
      continue
    }
    const read = readExtension(text, at)
    if (read === undefined) return undefined
    extensions.push(read.value)
    at = read.end
  }
  return extensions.length === 0 ? undefined : extensions
}

/**
 * Formats extensions as a header value. Throws a TypeError for a name or value that is not a token
 * (RFC 6455 §9.1).
 */
export function formatExtensions(extensions: readonly Extension[]): string {
  return extensions
    .map(({ name, params }) => [checkToken(name), ...params.map(formatParam)].join('; '))
    .join(', ')
}

// extension = extension-token *( ";" extension-param )
function readExtension(text: string, start: number): Read<Extension> | undefined {
  const nameEnd = findTokenEnd(text, start)
  if (nameEnd === start) return undefined
  const params: ExtensionParam[] = []
  let at = skipWhitespace(text, nameEnd)
  while (text[at] === ';') {
    const param = readParam(text, skipWhitespace(text, at + 1))
    if (param === undefined) return undefined
    params.push(param.value)
    at = skipWhitespace(text, param.end)
  }
  if (at < text.length && text[at] !== ',') return undefined
  return { value: { name: text.slice(start, nameEnd), params }, end: at }
}

// extension-param = token [ "=" (token | quoted-string) ], with white space between any two words:
// "this section is using ABNF syntax/rules from [RFC2616], including the "implied *LWS rule"" (RFC
// 6455 §9.1)
function readParam(text: string, start: number): Read<ExtensionParam> | undefined {
  const nameEnd = findTokenEnd(text, start)
  if (nameEnd === start) return undefined
  const name = text.slice(start, nameEnd)
  const at = skipWhitespace(text, nameEnd)
  if (text[at] !== '=') return { value: [name, true], end: nameEnd }
  const value = readValue(text, skipWhitespace(text, at + 1))
  return value && { value: [name, value.value], end: value.end }
}

function readValue(text: string, start: number): Read<string> | undefined {
  if (text[start] !== '"') {
    const end = findTokenEnd(text, start)
    return end === start ? undefined : { value: text.slice(start, end), end }
  }
  // "When using the quoted-string syntax variant, the value after quoted-string unescaping MUST
  // conform to the 'token' ABNF."
  const quoted = readQuotedString(text, start)
  return quoted && isToken(quoted.value) ? quoted : undefined
}

function formatParam([name, value]: ExtensionParam): string {
  return value === true ? checkToken(name) : `${checkToken(name)}=${checkToken(value)}`
}

function checkToken(text: string): string {
  if (!isToken(text)) {
    throw new TypeError(
      `names and values of an extension must be tokens, not ${JSON.stringify(text)} (RFC 6455 §9.1)`,
    )
  }
  return text
}
