// Frames that a server must not send, each built from the fields of a frame, with the section of
// RFC 6455 that forbids it.

import { Buffer } from 'node:buffer'
import { encodeFrame, Opcode, writeClosePayload } from '@ws/frame'

/** A sequence of bytes that a client must answer by failing the connection. */
export interface Violation {
  readonly about: string
  /** Of RFC 6455. */
  readonly section: string
  /** The close code that a client should fail the connection with (RFC 6455 §7.4.1). */
  readonly closeCode: 1002 | 1007
  readonly bytes: Uint8Array
}

const text = Buffer.from('hello')
const NOT_UTF8 = Buffer.of(0xc3, 0x28)

/** The violations, by the names that `/invalid?case=` takes. */
export const VIOLATIONS: Readonly<Record<string, Violation>> = {
  utf8: {
    about: 'a text that is not valid UTF-8',
    section: '§8.1',
    closeCode: 1007,
    bytes: encodeFrame({ opcode: Opcode.text, payload: NOT_UTF8 }),
  },
  opcode: {
    about: 'the reserved opcode 3',
    section: '§5.2',
    closeCode: 1002,
    bytes: encodeFrame({ opcode: 3, payload: text }),
  },
  'control-opcode': {
    about: 'the reserved control opcode 11',
    section: '§5.2',
    closeCode: 1002,
    bytes: encodeFrame({ opcode: 11 }),
  },
  reserved: {
    about: 'the reserved bit RSV2, which no extension has given a meaning',
    section: '§5.2',
    closeCode: 1002,
    bytes: encodeFrame({ opcode: Opcode.text, payload: text, rsv: 0b010 }),
  },
  masked: {
    about: 'a masked frame',
    section: '§5.1',
    closeCode: 1002,
    bytes: encodeFrame({ opcode: Opcode.text, payload: text, maskingKey: 0x37fa_213d }),
  },
  length: {
    about: 'a length of 5 in 16 bits, where 7 are enough',
    section: '§5.2',
    closeCode: 1002,
    bytes: encodeFrame({ opcode: Opcode.text, payload: text, lengthSize: 2 }),
  },
  'length-64': {
    about: 'a length of 5 in 64 bits, where 7 are enough',
    section: '§5.2',
    closeCode: 1002,
    bytes: encodeFrame({ opcode: Opcode.text, payload: text, lengthSize: 8 }),
  },
  'length-sign': {
    about: 'a length of 64 bits with the most significant bit set',
    section: '§5.2',
    closeCode: 1002,
    bytes: encodeFrame({ opcode: Opcode.binary, lengthSize: 8, payloadLength: 2 ** 63 }),
  },
  'long-control': {
    about: 'a ping of 126 bytes',
    section: '§5.5',
    closeCode: 1002,
    bytes: encodeFrame({ opcode: Opcode.ping, payload: Buffer.alloc(126) }),
  },
  'fragmented-control': {
    about: 'a ping without FIN',
    section: '§5.5',
    closeCode: 1002,
    bytes: encodeFrame({ opcode: Opcode.ping, fin: false }),
  },
  continuation: {
    about: 'a continuation frame without a message in progress',
    section: '§5.4',
    closeCode: 1002,
    bytes: encodeFrame({ opcode: Opcode.continuation, payload: text }),
  },
  interleaved: {
    about: 'a new text in the middle of a fragmented one',
    section: '§5.4',
    closeCode: 1002,
    bytes: Buffer.concat([
      encodeFrame({ opcode: Opcode.text, payload: text, fin: false }),
      encodeFrame({ opcode: Opcode.text, payload: text }),
    ]),
  },
  'close-code': {
    about: 'a Close with the code 1005, which must not be sent',
    section: '§7.4.1',
    closeCode: 1002,
    bytes: encodeFrame({ opcode: Opcode.close, payload: Buffer.of(0x03, 0xed) }),
  },
  'close-length': {
    about: 'a Close with a payload of one byte',
    section: '§5.5.1',
    closeCode: 1002,
    bytes: encodeFrame({ opcode: Opcode.close, payload: Buffer.of(3) }),
  },
  'close-utf8': {
    about: 'a Close with a reason that is not valid UTF-8',
    section: '§8.1',
    closeCode: 1007,
    bytes: encodeFrame({
      opcode: Opcode.close,
      payload: Buffer.concat([writeClosePayload(1000), NOT_UTF8]),
    }),
  },
}
