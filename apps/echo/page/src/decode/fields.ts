// The fields of a frame: which bytes they are, their value, one sentence, and the section of the RFC.

import { isControl, Opcode, readClosePayload } from '@ws/frame'
import { type Frame, keyBytes, opcodeName, payloadOf } from './frame.ts'
import { bytesInWords, hexOf } from './words.ts'

/** The fields of RFC 6455 §5.2. `RSV` are the three reserved bits if none is set. */
export type FieldName =
  | 'FIN'
  | 'RSV'
  | 'RSV1'
  | 'RSV2'
  | 'RSV3'
  | 'opcode'
  | 'MASK'
  | 'length'
  | 'masking key'
  | 'payload'

/** One field of a frame. */
export interface Field {
  readonly name: FieldName
  readonly value: string
  readonly sentence: string
  /** Of RFC 6455, unless it names another. */
  readonly section: string
}

/** All fields that a frame has, in their order on the wire. */
export function fieldsOf(frame: Frame): readonly Field[] {
  const { header } = frame
  const fields: Field[] = [
    {
      name: 'FIN',
      value: header.fin ? '1' : '0',
      sentence: finSentence(frame),
      section: '§5.4',
    },
    ...reservedBits(frame),
    {
      name: 'opcode',
      value: `${header.opcode} ${opcodeName(header.opcode)}`,
      sentence: opcodeSentence(header.opcode),
      section: isControl(header.opcode) ? '§5.5' : header.opcode === 0 ? '§5.4' : '§5.6',
    },
    {
      name: 'MASK',
      value: header.masked ? '1' : '0',
      sentence: header.masked
        ? 'The payload is masked, as that of every frame from a client must be.'
        : 'The payload is not masked. A server must not mask its frames.',
      section: '§5.1',
    },
    {
      name: 'length',
      value: bytesInWords(header.payloadLength),
      sentence: lengthSentence(frame),
      section: '§5.2',
    },
  ]
  if (header.masked) {
    fields.push({
      name: 'masking key',
      value: hexOf(Uint8Array.from(keyBytes(header.maskingKey))),
      sentence: 'Four random bytes, new for each frame. Each byte of the payload is XORed with one of them.',
      section: '§5.3',
    })
  }
  if (header.payloadLength > 0) {
    fields.push({
      name: 'payload',
      value: bytesInWords(header.payloadLength),
      sentence: payloadSentence(frame),
      section: frame.isCompressed ? 'RFC 7692 §7.2' : header.opcode === Opcode.close ? '§5.5.1' : '§5.6',
    })
  }
  return fields
}

function finSentence({ header }: Frame): string {
  if (isControl(header.opcode)) return 'A control frame is always final: it must not be fragmented.'
  if (!header.fin) return 'More frames of this message follow.'
  return header.opcode === Opcode.continuation
    ? 'The last frame of its message.'
    : 'The only frame of its message: nothing follows.'
}

function reservedBits(frame: Frame): readonly Field[] {
  if (frame.header.rsv !== 0) return ([1, 2, 3] as const).map(number => reservedBit(frame, number))
  const sentence = 'Three bits reserved for extensions. None of them is used in this frame.'
  return [{ name: 'RSV', value: '000', sentence, section: '§5.2' }]
}

function reservedBit({ header, isCompressed }: Frame, number: 1 | 2 | 3): Field {
  const isSet = (header.rsv & (0b1000 >> number)) !== 0
  const isDeflate = number === 1 && isSet && isCompressed
  return {
    name: `RSV${number}`,
    value: isSet ? '1' : '0',
    sentence: isDeflate
      ? 'The message is compressed, by the extension permessage-deflate.'
      : isSet
        ? 'Reserved, and set although no extension gives it a meaning: the receiver must fail the connection.'
        : 'Reserved for extensions. None of them uses it in this frame.',
    section: isDeflate ? 'RFC 7692 §6' : '§5.2',
  }
}

const OPCODE_SENTENCES: Readonly<Record<number, string>> = {
  [Opcode.continuation]: 'Continues the message that an earlier frame began.',
  [Opcode.text]: 'The message is a text in UTF-8.',
  [Opcode.binary]: 'The message is binary data.',
  [Opcode.close]: 'Begins or answers the closing handshake. No data follows it.',
  [Opcode.ping]: 'Asks for a sign of life. The other side answers with a pong.',
  [Opcode.pong]: 'Answers a ping with the same payload.',
}

function opcodeSentence(opcode: number): string {
  return OPCODE_SENTENCES[opcode] ?? 'Reserved: the receiver must fail the connection.'
}

function lengthSentence({ header }: Frame): string {
  const { lengthSize, payloadLength } = header
  if (lengthSize === 0) return `Up to 125 bytes fit in the seven bits. Here they say ${payloadLength}.`
  const marker = lengthSize === 2 ? 126 : 127
  return `The seven bits say ${marker}: the length is in the next ${lengthSize} bytes, most significant first.`
}

function payloadSentence(frame: Frame): string {
  if (frame.header.opcode === Opcode.close) return closeSentence(frame)
  if (frame.isCompressed) return 'Compressed with DEFLATE, without the four bytes 00 00 ff ff at its end.'
  if (isControl(frame.header.opcode)) return 'Up to 125 bytes of any kind.'
  return frame.messageOpcode === Opcode.text
    ? 'The text, or a part of it. A character may be split between two frames.'
    : 'The data of the application, as it is.'
}

function closeSentence(frame: Frame): string {
  try {
    const { code, reason } = readClosePayload(payloadOf(frame))
    return `The first two bytes are the close code ${code}${reason === '' ? '; there is no reason.' : `, the others the reason “${reason}”.`}`
  } catch {
    return 'Two bytes of close code, then a reason in UTF-8.'
  }
}
