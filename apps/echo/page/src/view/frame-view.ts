// One frame: its bytes, its fields, its masking and its payload.

import { Opcode } from '@ws/frame'
import { type FieldName, fieldsOf } from '../decode/fields.ts'
import { type Frame, opcodeName, payloadOf } from '../decode/frame.ts'
import { bytesInWords, countInWords } from '../decode/words.ts'
import type { FrameEntry } from '../log/entry.ts'
import { bytesView, maskingView } from './bytes-view.ts'
import { button, element, section } from './element.ts'
import { payloadView } from './payload-view.ts'

/** The view. The fields of `highlight` stand out. */
export function frameView(
  { frame, inflated }: FrameEntry,
  highlight: readonly FieldName[] = [],
): HTMLElement {
  const { header } = frame
  const name = opcodeName(header.opcode)
  const size = frame.headerSize + header.payloadLength
  const view = element(
    'article',
    { className: 'frame-view' },
    element('h2', { textContent: `${name[0]?.toUpperCase()}${name.slice(1)} frame from the ${frame.from}` }),
    element('p', {
      className: 'soft',
      textContent: `${bytesInWords(size)}: ${frame.headerSize} of header, ${countInWords(header.payloadLength)} of payload`,
    }),
  )
  if (frame.fault !== undefined) view.append(faultView(frame))
  const picture = bytesView(frame)
  view.append(picture, fieldList(frame, picture, highlight))
  const payload = payloadOf(frame)
  if (header.masked && payload.length > 0) view.append(maskingSection(frame))
  if (payload.length > 0) view.append(payloadSection(frame, payload))
  if (inflated !== undefined && frame.isCompressed) view.append(inflatedSection(frame, inflated))
  return view
}

function faultView({ fault }: Frame): HTMLElement {
  return element(
    'p',
    { className: 'fault' },
    element('strong', { textContent: 'Not allowed: ' }),
    `${fault?.message} (${fault?.section}).`,
  )
}

function fieldList(frame: Frame, picture: HTMLElement, highlight: readonly FieldName[]): HTMLElement {
  const list = element('ul', { className: 'fields' })
  const chosen = new Set(highlight)
  const buttons = new Map<FieldName, HTMLButtonElement>()
  const show = (): void => {
    for (const [name, each] of buttons) each.ariaPressed = String(chosen.has(name))
    picture.classList.toggle('dimmed', chosen.size > 0)
    for (const cell of picture.querySelectorAll<HTMLElement>('[data-field]'))
      cell.classList.toggle('on', chosen.has(cell.dataset.field as FieldName))
  }
  const toggle = (name: FieldName): void => {
    const isOnly = chosen.has(name) && chosen.size === 1
    chosen.clear()
    if (!isOnly) chosen.add(name)
    show()
  }
  for (const { name, value, sentence, section: where } of fieldsOf(frame)) {
    const made = button('', 'field', () => toggle(name))
    made.append(
      element('span', { className: 'name', textContent: name }),
      element('span', { className: 'value', textContent: value }),
    )
    made.dataset.field = name
    buttons.set(name, made)
    const rfc = where.startsWith('§') ? `RFC 6455 ${where}` : where
    const words = element('p', {}, sentence, ' ', element('span', { className: 'rfc', textContent: rfc }))
    list.append(element('li', {}, made, words))
  }
  picture.addEventListener('click', event => {
    const cell = event.target instanceof HTMLElement ? event.target.dataset.field : undefined
    if (cell !== undefined) toggle(cell as FieldName)
  })
  show()
  return list
}

function maskingSection(frame: Frame): HTMLElement {
  const recorded = frame.bytes.length - frame.headerSize
  const made = section(
    'Masking',
    element('p', {
      textContent:
        'Byte i of the payload is XORed with byte i mod 4 of the key. The same XOR unmasks it. It keeps scripts in a page from choosing the bytes on the wire. ',
    }),
  )
  let table = maskingView(frame)
  made.append(table)
  if (recorded > 16) {
    const most = Math.min(recorded, 256)
    const more = button(`Show ${most} bytes`, 'quiet', () => {
      const longer = maskingView(frame, most)
      table.replaceWith(longer)
      table = longer
      more.remove()
    })
    made.append(more)
  }
  return made
}

function payloadSection(frame: Frame, payload: Uint8Array<ArrayBuffer>): HTMLElement {
  const { opcode } = frame.header
  const isText = !frame.isCompressed && (frame.messageOpcode === Opcode.text || opcode >= Opcode.ping)
  const made = section(
    frame.isCompressed ? 'Payload, compressed' : 'Payload',
    ...payloadView(payload, isText),
  )
  if (frame.skipped > 0) {
    const words = `The server records the first ${bytesInWords(payload.length)} of a payload; ${countInWords(frame.skipped)} more were sent.`
    made.append(element('p', { className: 'soft', textContent: words }))
  }
  return made
}

function inflatedSection(frame: Frame, inflated: Uint8Array): HTMLElement {
  const isText = frame.messageOpcode === Opcode.text
  return section(
    'Message, decompressed',
    element('p', { textContent: `${bytesInWords(inflated.length)} before compression (RFC 7692).` }),
    ...payloadView(Uint8Array.from(inflated), isText, 'Message'),
  )
}
