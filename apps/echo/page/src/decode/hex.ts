// Hex dumps and base64 as bytes.

/** A text that is not bytes; its message is for the person who typed it. */
export class InvalidBytes extends Error {
  override readonly name = 'InvalidBytes'
}

/**
 * Reads hex digits, with or without spaces, or a dump as of `xxd`, `hexdump -C`, `tcpdump -X` or
 * Wireshark: offsets at the start of its lines and text at their end are ignored. Throws
 * `InvalidBytes`.
 */
export function readHex(text: string): Uint8Array<ArrayBuffer> {
  const lines = text.split('\n').filter(line => line.trim() !== '')
  const isDump = lines.every(line => OFFSET.test(line))
  const digits = lines.map(line => (isDump ? digitsOfDump(line) : digitsOf(line))).join('')
  if (digits === '') throw new InvalidBytes('Expected hex digits, such as 81 05 48 65 6c 6c 6f.')
  return Uint8Array.from(digits.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
}

/** `00000010:`, `0x0010:` or `0010  `: an offset has a colon or two spaces behind it, or is all. */
const OFFSET = /^\s*(?:0x)?[0-9a-f]{4,8}(?::| {2}|$)/i

/** Digits of one line of a dump. */
const LINE_DIGITS = 32

/** The digits of a line with an offset in front and perhaps text behind. */
function digitsOfDump(line: string): string {
  // Text is behind a bar or three spaces, or behind the sixteenth byte.
  const [bytes = ''] = line
    .replace(OFFSET, '')
    .trim()
    .split(/ {3}|\|/, 1)
  let digits = ''
  for (const group of bytes.split(/\s+/)) if (digits.length < LINE_DIGITS) digits += checkDigits(group)
  return digits
}

function digitsOf(line: string): string {
  const groups = line.split(/[\s,:]+/)
  return groups.map(group => checkDigits(group.replace(/^0x/i, ''))).join('')
}

function checkDigits(group: string): string {
  if (/^(?:[0-9a-f]{2})*$/i.test(group)) return group
  throw new InvalidBytes(`Expected hex digits in pairs, not “${group}”.`)
}

/** Reads base64, also of URLs. Throws `InvalidBytes`. */
export function readBase64(text: string): Uint8Array<ArrayBuffer> {
  const plain = text.replaceAll(/\s/g, '').replaceAll('-', '+').replaceAll('_', '/')
  try {
    return Uint8Array.from(atob(plain), character => character.charCodeAt(0))
  } catch {
    throw new InvalidBytes('Expected base64, such as SGVsbG8=.')
  }
}
