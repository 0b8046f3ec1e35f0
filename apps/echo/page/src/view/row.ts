// One row of the log.

import { isControl, Opcode, readClosePayload } from '@ws/frame'
import { type Frame, opcodeName, payloadOf } from '../decode/frame.ts'
import { closeInWords, countInWords, hexOf, utf8 } from '../decode/words.ts'
import type { Entry, FrameEntry, HandshakeEntry } from '../log/entry.ts'
import { element } from './element.ts'

/** Characters of a payload in a row. */
const SHOWN_CHARACTERS = 120
const SHOWN_BYTES = 24

/** The row of an entry: a button if it has details. */
export function rowOf(entry: Entry): HTMLElement {
  const item = element('li')
  item.dataset.id = String(entry.id)
  if (entry.kind === 'event') {
    item.className = 'event'
    item.textContent = entry.words
    return item
  }
  const row = element('button', { type: 'button', className: `row ${entry.kind}`, tabIndex: -1 })
  row.append(cell('time', entry.time.toFixed(1)), ...cellsOf(entry))
  item.append(row)
  return item
}

function cellsOf(entry: Exclude<Entry, { kind: 'event' }>): HTMLElement[] {
  if (entry.kind === 'handshake') return handshakeCells(entry)
  if (entry.kind === 'frame') return frameCells(entry)
  const { from, data } = entry
  const bytes = typeof data === 'string' ? utf8(data) : data
  return [
    sideCell(from),
    cell('opcode', typeof data === 'string' ? 'text' : 'binary'),
    cell('flags', 'message'),
    cell('length', countInWords(bytes.length)),
    typeof data === 'string' ? preview(data) : hexPreview(data),
  ]
}

function handshakeCells({ handshake }: HandshakeEntry): HTMLElement[] {
  const { request, response } = handshake
  const outcome = response === undefined ? '…' : String(response.status)
  const size = handshake.requestBytes.length + handshake.responseBytes.length
  const words = `${request?.method ?? ''} ${request?.url ?? ''}`
  return [
    sideCell('client'),
    cell('opcode', 'handshake'),
    cell('flags', outcome),
    cell('length', countInWords(size)),
    preview(words),
  ]
}

function frameCells({ frame, inflated }: FrameEntry): HTMLElement[] {
  const { header, fault } = frame
  const name = cell('opcode', opcodeName(header.opcode))
  name.dataset.kind = isControl(header.opcode) ? 'control' : 'data'
  const length = cell('length', countInWords(header.payloadLength))
  const last = fault === undefined ? payloadPreview(frame, inflated) : preview(fault.message, 'bad')
  return [sideCell(frame.from), name, cell('flags', flagsOf(frame)), length, last]
}

function flagsOf({ header }: Frame): string {
  const bits = [1, 2, 3].filter(number => (header.rsv & (0b1000 >> number)) !== 0)
  return [header.fin && 'FIN', ...bits.map(bit => `RSV${bit}`), header.masked && 'MASK']
    .filter(Boolean)
    .join(' ')
}

function payloadPreview(frame: Frame, inflated: Uint8Array | undefined): HTMLElement {
  const payload = inflated ?? payloadOf(frame)
  const { opcode } = frame.header
  if (opcode === Opcode.close) {
    const { code, reason } = readClosePayload(payload)
    return preview(closeInWords(code, reason))
  }
  if (frame.isCompressed && inflated === undefined) return hexPreview(payload)
  const isText = frame.messageOpcode === Opcode.text || isControl(opcode)
  // A character may continue in the next frame.
  return isText
    ? preview(new TextDecoder().decode(payload.subarray(0, SHOWN_CHARACTERS * 4)))
    : hexPreview(payload)
}

function sideCell(from: 'client' | 'server'): HTMLElement {
  const made = cell('side', from)
  made.dataset.from = from
  return made
}

function hexPreview(bytes: Uint8Array): HTMLElement {
  const more = bytes.length > SHOWN_BYTES ? ' …' : ''
  return preview(`${hexOf(bytes.subarray(0, SHOWN_BYTES))}${more}`, 'binary')
}

function preview(text: string, kind = ''): HTMLElement {
  const short = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)} …` : text
  return cell(`payload ${kind}`, short)
}

function cell(className: string, text: string): HTMLElement {
  return element('span', { className, textContent: text })
}
