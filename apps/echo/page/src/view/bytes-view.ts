// The bytes of a frame, colored by field, the first two bit by bit.

import type { FieldName } from '../decode/fields.ts'
import { type Frame, keyBytes } from '../decode/frame.ts'
import { countInWords, hexByte } from '../decode/words.ts'
import { element } from './element.ts'

/** Bytes of payload in the picture. */
const SHOWN = 48

/** The picture. Its cells have their field in `data-field`. */
export function bytesView(frame: Frame): HTMLElement {
  const { bytes, header, headerSize } = frame
  const first = bits(bytes[0] ?? 0, [
    ['FIN', 1],
    [header.rsv === 0 ? 'RSV' : 'RSV1', 1],
    [header.rsv === 0 ? 'RSV' : 'RSV2', 1],
    [header.rsv === 0 ? 'RSV' : 'RSV3', 1],
    ['opcode', 4],
  ])
  const second = bits(bytes[1] ?? 0, [
    ['MASK', 1],
    ['length', 7],
  ])
  const keyStart = headerSize - (header.masked ? 4 : 0)
  const picture = element('div', { className: 'bytes' }, first, second)
  picture.append(...cells(bytes.subarray(2, keyStart), 'length'))
  picture.append(...cells(bytes.subarray(keyStart, headerSize), 'masking key'))
  picture.append(...cells(bytes.subarray(headerSize, headerSize + SHOWN), 'payload'))
  const hidden = bytes.length - headerSize - SHOWN + frame.skipped
  if (hidden > 0)
    picture.append(element('span', { className: 'more', textContent: `+ ${countInWords(hidden)} more` }))
  picture.role = 'group'
  picture.ariaLabel = 'Bytes by field'
  return picture
}

function bits(byte: number, parts: readonly (readonly [FieldName, number])[]): HTMLElement {
  const row = element('span', { className: 'bits' })
  let shift = 8
  for (const [name, width] of parts) {
    shift -= width
    const value = (byte >>> shift) & (2 ** width - 1)
    row.append(cell(value.toString(2).padStart(width, '0'), name))
  }
  return element(
    'span',
    { className: 'bit-byte' },
    row,
    element('span', { className: 'of', textContent: hexByte(byte) }),
  )
}

function cells(bytes: Uint8Array, name: FieldName): HTMLElement[] {
  return Array.from(bytes, byte => cell(hexByte(byte), name))
}

function cell(text: string, name: FieldName): HTMLElement {
  const made = element('span', { className: 'cell', textContent: text, title: name })
  made.dataset.field = name
  return made
}

/** Columns of the table of masking, before it is expanded. */
const MASK_COLUMNS = 16

/** The XOR of masking, byte by byte. */
export function maskingView(frame: Frame, columns = MASK_COLUMNS): HTMLElement {
  const masked = frame.bytes.subarray(frame.headerSize, frame.headerSize + columns)
  const key = keyBytes(frame.header.maskingKey)
  const plain = masked.map((byte, i) => byte ^ key[i % 4]!)
  const table = element('table', { className: 'masking' })
  const row = (name: string, texts: readonly string[], field?: FieldName): void => {
    const line = element('tr', {}, element('th', { scope: 'row', textContent: name }))
    for (const text of texts) {
      const made = element('td', { textContent: text })
      if (field !== undefined) made.dataset.field = field
      line.append(made)
    }
    table.append(line)
  }
  row('on the wire', Array.from(masked, hexByte), 'payload')
  row(
    'XOR key',
    Array.from(masked, (_, i) => hexByte(key[i % 4]!)),
    'masking key',
  )
  row('= payload', Array.from(plain, hexByte))
  row(
    'as text',
    Array.from(plain, byte => (byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')),
  )
  const box = element('div', { className: 'scroll', tabIndex: 0 }, table)
  box.role = 'region'
  box.ariaLabel = 'Masking, byte by byte'
  return box
}
