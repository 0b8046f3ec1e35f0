// A payload as text and as hex, whole on request, to copy and to save.

import { decodeText } from '../decode/frame.ts'
import { countInWords, hexByte, hexOf } from '../decode/words.ts'
import { button, element } from './element.ts'
import { copyButton, save } from './files.ts'

const SHOWN_CHARACTERS = 1000
const SHOWN_BYTES = 256

/** Characters and bytes that "all" shows: more would stop the page. */
const MOST_CHARACTERS = 200_000
const MOST_BYTES = 64 * 1024

/** The view of some bytes; as text too if they are `isText`. `name` says what they are. */
export function payloadView(
  bytes: Uint8Array<ArrayBuffer>,
  isText: boolean,
  name = 'Payload',
): readonly HTMLElement[] {
  const text = isText ? decodeText(bytes) : undefined
  const parts: HTMLElement[] = []
  if (text !== undefined && text !== '') parts.push(textView(text))
  if (bytes.length > 0) parts.push(hexView(bytes, name))
  const actions = element(
    'p',
    { className: 'row-of-buttons' },
    text === undefined ? undefined : copyButton('Copy text', () => text),
    copyButton('Copy hex', () => hexOf(bytes)),
    button('Save', 'quiet', () => {
      if (text === undefined) save('payload.bin', bytes, 'application/octet-stream')
      else save('payload.txt', text, 'text/plain')
    }),
  )
  return [...parts, actions]
}

function textView(text: string): HTMLElement {
  const shown = element('p', { className: 'text', dir: 'auto' })
  const show = (length: number): void => {
    const start = text.slice(0, length)
    shown.textContent = start.isWellFormed() ? start : start.slice(0, -1)
  }
  show(SHOWN_CHARACTERS)
  return expandable(shown, text.length, SHOWN_CHARACTERS, 'characters', () => show(MOST_CHARACTERS))
}

function hexView(bytes: Uint8Array, name: string): HTMLElement {
  const shown = element('pre', { className: 'hex', tabIndex: 0, ariaLabel: `${name} in hex` })
  shown.role = 'region'
  const show = (length: number): void => {
    shown.textContent = dump(bytes.subarray(0, length))
  }
  show(SHOWN_BYTES)
  return expandable(shown, bytes.length, SHOWN_BYTES, 'bytes', () => show(MOST_BYTES))
}

function expandable(
  shown: HTMLElement,
  length: number,
  limit: number,
  unit: string,
  expand: () => void,
): HTMLElement {
  if (length <= limit) return shown
  const more = button(`Show all ${countInWords(length)} ${unit}`, 'quiet', () => {
    expand()
    more.remove()
  })
  return element('div', {}, shown, more)
}

/** `00000000  48 65 …  He…`. */
function dump(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 16) {
    const line = Array.from(bytes.subarray(at, at + 16))
    const [left, right] = [line.slice(0, 8), line.slice(8)].map(half => half.map(hexByte).join(' '))
    const text = line.map(byte => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('')
    lines.push(`${at.toString(16).padStart(4, '0')}  ${`${left}  ${right}`.padEnd(49)} ${text}`)
  }
  return lines.join('\n')
}
