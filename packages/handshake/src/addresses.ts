// IP addresses in the spellings that a URL may have (https://url.spec.whatwg.org/#host-parsing). All
// texts are in lower case.

/** The usual spelling, which costs least (`pnpm bench handshakes`). */
const DOTTED = /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}$/

/** Whether this is an IPv4 address: `127.0.0.1`, and also `127.1`, `0x7f.1` or `2130706433`. */
export function isIPv4(text: string): boolean {
  if (DOTTED.test(text)) return true
  const parts = text.split('.')
  if (parts.length > 4) return false
  const numbers = parts.map(readNumber)
  const last = numbers.pop()!
  return numbers.every(number => number <= 255) && last < 256 ** (4 - numbers.length)
}

/** Whether this is an IPv6 address, without brackets and zone (RFC 4291 §2.2). */
export function isIPv6(text: string): boolean {
  const [head = '', tail, ...others] = text.split('::')
  if (others.length > 0) return false
  const before = countGroups(head, tail === undefined)
  if (tail === undefined) return before === 8
  // "::" stands for one or more groups of zeros.
  return before + countGroups(tail, true) <= 7
}

/** The number of groups, or NaN for text that is not groups. An IPv4 address counts as two. */
function countGroups(text: string, isEnd: boolean): number {
  if (text === '') return 0
  const groups = text.split(':')
  const address = isEnd && groups.at(-1)!.includes('.') ? groups.pop()! : undefined
  if (!groups.every(group => /^[0-9a-f]{1,4}$/.test(group))) return Number.NaN
  if (address === undefined) return groups.length
  return DOTTED.test(address) ? groups.length + 2 : Number.NaN
}

/** A decimal, octal (`017`) or hexadecimal (`0xf`) number; NaN for other text. */
function readNumber(text: string): number {
  if (/^0x[0-9a-f]*$/.test(text)) return text === '0x' ? 0 : Number(text)
  if (/^0[0-7]*$/.test(text)) return Number.parseInt(text, 8)
  return /^[1-9][0-9]*$/.test(text) ? Number(text) : Number.NaN
}
