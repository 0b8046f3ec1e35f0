// Looks up fields in the raw headers of a request, before `headers` has been made of them.

/**
 * Whether there is such a field; with `element`, whether it lists that. Both in lower case. Most
 * names are told apart by their length (`pnpm bench handshakes`).
 */
export function hasField(rawHeaders: readonly string[], field: string, element?: string): boolean {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.length !== field.length || rawHeaders[i]!.toLowerCase() !== field) continue
    if (element === undefined || lists(rawHeaders[i + 1]!.toLowerCase(), element)) return true
  }
  return false
}

function lists(value: string, element: string): boolean {
  return value === element || value.split(',').some(one => one.trim() === element)
}
