// The functions `extension.parse` and `extension.format` (RFC 6455 §9.1).

import { formatExtensions, parseExtensions } from '@ws/handshake'

/** The parameters of one extension: names, and the values of each. */
export interface ExtensionParams {
  readonly [name: string]: readonly (string | true)[] | string | number | true
}

/** Extensions by name, each with the parameters of one or more offers. */
export type ExtensionList = Record<string, ExtensionParams[]>

/** Parses the header field Sec-WebSocket-Extensions. Throws a `SyntaxError` for an invalid value. */
export function parse(header: string): ExtensionList {
  const extensions = parseExtensions(header)
  if (extensions === undefined) throw new SyntaxError('Sec-WebSocket-Extensions is malformed (RFC 6455 §9.1)')
  const list: ExtensionList = Object.create(null)
  for (const { name, params } of extensions) {
    const values: Record<string, (string | true)[]> = Object.create(null)
    for (const [param, value] of params) {
      values[param] ??= []
      values[param].push(value)
    }
    list[name] ??= []
    list[name].push(values)
  }
  return list
}

/** Formats extensions as the value of the header field. Throws a `TypeError` for what is no token. */
export function format(
  extensions: Readonly<Record<string, ExtensionParams | readonly ExtensionParams[]>>,
): string {
  return formatExtensions(
    Object.entries(extensions).flatMap(([name, offers]) =>
      [offers].flat().map(params => ({
        name,
        params: Object.entries(params as ExtensionParams).flatMap(([param, values]) =>
          [values].flat().map(value => [param, value === true ? true : String(value)] as const),
        ),
      })),
    ),
  )
}
