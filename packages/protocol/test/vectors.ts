// Streams of frames with the expected events and output, by section of RFC 6455. Ids such as G1 are
// rows of docs/hostile-inputs.md.

import type { Frame } from '@ws/frame'
import { concat, hex } from '@ws/testing'
import { checkLimits, type Limits, type Role } from '../src/index.ts'
import { binary, close, more, peerOf, ping, pong, ROLES, text, wire } from './end.ts'

export const SECTIONS = {
  '§5.1': 'Overview: who masks',
  '§5.2': 'Base Framing Protocol',
  '§5.4': 'Fragmentation',
  '§5.5': 'Control Frames',
  '§5.5.1': 'Close',
  '§5.5.2': 'Ping',
  '§5.5.3': 'Pong',
  '§5.6': 'Data Frames',
  '§5.8': 'Extensibility',
  '§6.2': 'Receiving Data',
  '§7.1.5': 'The WebSocket Connection Close Code',
  '§7.1.6': 'The WebSocket Connection Close Reason',
  '§7.1.7': 'Fail the WebSocket Connection',
  '§7.4': 'Status Codes',
  '§8.1': 'Handling of Errors in UTF-8-Encoded Data',
  '§10.4': 'Implementation-Specific Limits',
} as const

export interface Vector {
  readonly section: keyof typeof SECTIONS
  readonly name: string
  readonly role: Role
  readonly limits: Limits
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly events: readonly string[]
  readonly written: readonly string[]
}

interface Row {
  readonly name: string
  readonly frames: readonly Frame[]
  /** Additional frames with the masking of the other role. */
  readonly astray?: readonly Frame[]
  readonly limits?: Partial<Limits>
  readonly events: readonly string[]
  readonly written?: readonly string[]
}

/** The expected events and output for a connection that fails. */
function fails(
  code: number,
  reason: string,
  before: readonly string[] = [],
): Pick<Row, 'events' | 'written'> {
  return {
    events: [...before, `closed abnormally by local: ${code} ${reason}`],
    written: [`close: ${code} ${reason}`],
  }
}

/** A Close that is answered. */
function closes(code: number, reason = '', before: readonly string[] = []): Pick<Row, 'events' | 'written'> {
  return {
    events: [...before, `closed cleanly by peer: ${code} ${reason}`.trimEnd()],
    written: [`close: ${code} ${reason}`.trimEnd()],
  }
}

const part = { fin: false }
const notUtf8 = 'text is not UTF-8 (RFC 6455 §8.1)'
const noMessage = 'continuation frame without a message in progress (RFC 6455 §5.4)'
const inside = 'new message before the end of a fragmented message (RFC 6455 §5.4)'
const bytes = (digits: string, fields: Partial<Frame> = {}): Frame => ({
  ...text(''),
  payload: hex(digits),
  ...fields,
})
const moreBytes = (digits: string, fields: Partial<Frame> = {}) => more(hex(digits), fields)

const WHO_MASKS: Record<Role, string> = {
  server: 'unmasked frame from a client (RFC 6455 §5.1)',
  client: 'masked frame from a server (RFC 6455 §5.1)',
}
const reserved = (rsv: number): string =>
  `reserved bit ${rsv >= 4 ? 'RSV1' : rsv >= 2 ? 'RSV2' : 'RSV3'} set without an extension (RFC 6455 §5.2)`
const notMinimal = 'length not encoded in the minimal number of bytes (RFC 6455 §5.2)'
const kinds: readonly Frame[] = [text('x'), binary(hex('00')), ping('x'), pong('x'), close(1000)]

const rows: Record<Vector['section'], readonly (Row | ((role: Role) => Row))[]> = {
  '§5.1': kinds.flatMap(frame => [
    (role: Role) => ({
      name: `F3, F16: "The server MUST close the connection upon receiving a frame that is not masked", the client upon one that is: opcode ${frame.opcode}`,
      frames: [text('ok')],
      astray: [frame, text('never')],
      ...fails(1002, WHO_MASKS[role], ['text: ok']),
    }),
  ]),
  '§5.2': [
    ...[1, 2, 3, 4, 5, 6, 7].flatMap(rsv =>
      kinds.map(frame => ({
        name: `F1, F2: "If a nonzero value is received and none of the negotiated extensions defines the meaning": RSV ${rsv} on opcode ${frame.opcode}`,
        frames: [text('ok'), { ...frame, rsv }, text('never')],
        ...fails(1002, reserved(rsv), ['text: ok']),
      })),
    ),
    {
      name: 'F1, F2: a reserved bit on a continuation is a fault',
      frames: [text('a', part), more('b', { rsv: 2 })],
      ...fails(1002, reserved(2)),
    },
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(opcode => ({
      name: `F4: "If an unknown opcode is received": ${opcode}`,
      frames: [text('a', part), { opcode, payload: hex('00') }, more('b')],
      ...fails(1002, `unknown opcode ${opcode} (RFC 6455 §5.2)`),
    })),
    ...([2, 8] as const).map(lengthSize => ({
      name: `F7: "in all cases, the minimal number of bytes MUST be used to encode the length": ${lengthSize} bytes for 124`,
      frames: [text('x'.repeat(124)), text('x'.repeat(124), { lengthSize })],
      ...fails(1002, notMinimal, [`text: ${'x'.repeat(124)}`]),
    })),
    {
      name: 'F8: "the most significant bit MUST be 0"',
      frames: [text('ok'), { ...binary(hex('')), lengthSize: 8, payloadLength: 2 ** 63 }],
      ...fails(1002, 'most significant bit of a 64-bit length set (RFC 6455 §5.2)', ['text: ok']),
    },
    {
      name: '"if 0-125, that is the payload length. If 126, the following 2 bytes"',
      frames: [0, 1, 124, 125, 126, 127, 300].map(length => text('x'.repeat(length))),
      events: [0, 1, 124, 125, 126, 127, 300].map(length => `text: ${'x'.repeat(length)}`.trimEnd()),
    },
  ],
  '§5.4': [
    {
      name: '"Clients and servers MUST support receiving both fragmented and unfragmented messages"',
      frames: [text('one'), text('tw', part), more('o'), binary(hex('03'))],
      events: ['text: one', 'text: two', 'binary: 03'],
    },
    {
      name: '"Message fragments MUST be delivered to the recipient in the order sent by the sender"',
      frames: [text('a', part), more('b', part), more('c', part), more('d', part), more('e')],
      events: ['text: abcde'],
    },
    {
      name: '"all fragments of a message are of the same type, as set by the first fragment\'s opcode"',
      frames: [binary(hex('61'), part), more('b'), text('a', part), more('b')],
      events: ['binary: 6162', 'text: ab'],
    },
    {
      name: 'G1: "an opcode other than 0, followed by …": a continuation first is a fault',
      frames: [more('x')],
      ...fails(1002, noMessage),
    },
    {
      name: 'G1: a continuation after a whole message, or after the last fragment of one',
      frames: [text('a', part), more('b'), more('c', part)],
      ...fails(1002, noMessage, ['text: ab']),
    },
    {
      name: 'G2: "The fragments of one message MUST NOT be interleaved between the fragments of another message"',
      frames: [text('a', part), text('b')],
      ...fails(1002, inside),
    },
    {
      name: 'G2: a message of the other type inside a fragmented one is a fault, as is a fragment of it',
      frames: [binary(hex('00'), part), more('', part), text('b', part)],
      ...fails(1002, inside),
    },
    {
      name: 'G3: "An endpoint MUST be capable of handling control frames in the middle of a fragmented message"',
      frames: [text('a', part), ping('1'), more('b', part), pong('2'), ping('3'), more('c')],
      events: ['ping: 1', 'pong: 2', 'ping: 3', 'text: abc'],
      written: ['pong: 1', 'pong: 3'],
    },
    {
      name: 'G4: a Close in the middle of a message is answered, and the message is dropped',
      frames: [text('a', part), close(1000, 'enough')],
      ...closes(1000, 'enough'),
    },
    {
      name: 'G8: an empty first fragment, then data with FIN',
      frames: [text('', part), more('data'), binary(hex(''), part), moreBytes('0102')],
      events: ['text: data', 'binary: 0102'],
    },
    {
      name: 'F12: messages and fragments can be empty',
      frames: [text(''), binary(hex('')), text('', part), more('', part), more('')],
      events: ['text:', 'binary:', 'text:'],
    },
  ],
  '§5.5': [
    {
      name: 'F5: "All control frames … MUST NOT be fragmented"',
      frames: [text('ok'), { ...ping('x'), fin: false }],
      ...fails(1002, 'fragmented control frame (RFC 6455 §5.5)', ['text: ok']),
    },
    {
      name: 'F6: "All control frames MUST have a payload length of 125 bytes or less"',
      frames: [ping('x'.repeat(126))],
      ...fails(1002, 'control frame longer than 125 bytes (RFC 6455 §5.5)'),
    },
    {
      name: 'and 125 bytes are accepted',
      frames: [ping('x'.repeat(125)), pong('y'.repeat(125)), close(1000, 'z'.repeat(123))],
      ...closes(1000, 'z'.repeat(123), [`ping: ${'x'.repeat(125)}`, `pong: ${'y'.repeat(125)}`]),
      written: [`pong: ${'x'.repeat(125)}`, `close: 1000 ${'z'.repeat(123)}`],
    },
  ],
  '§5.5.1': [
    {
      name: 'C1: "the endpoint MUST send a Close frame in response": an empty one to an empty one',
      frames: [close()],
      ...closes(1005),
    },
    {
      name: 'C2: "the first two bytes of the body MUST be a 2-byte unsigned integer": one byte is a fault',
      frames: [{ opcode: 8, payload: hex('03') }],
      ...fails(1002, 'Close frame with a payload of one byte (RFC 6455 §5.5.1)'),
    },
    {
      name: '"the endpoint typically echos the status code it received", and with it the reason',
      frames: [close(4999, 'bye')],
      ...closes(4999, 'bye'),
    },
    { name: 'C5: data behind a Close is ignored', frames: [close(1000), text('late')], ...closes(1000) },
    { name: 'C8: a second Close is ignored', frames: [close(1000), close(1001)], ...closes(1000) },
    { name: 'a fault behind a Close is ignored', frames: [close(1000), { opcode: 15 }], ...closes(1000) },
    {
      name: 'messages before a Close are delivered before it',
      frames: [text('one'), binary(hex('02')), close(1001)],
      ...closes(1001, '', ['text: one', 'binary: 02']),
    },
  ],
  '§5.5.2': [
    {
      name: 'F13: "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response", each in order',
      frames: [ping('1'), ping(''), ping('x'.repeat(125))],
      events: ['ping: 1', 'ping:', `ping: ${'x'.repeat(125)}`],
      written: ['pong: 1', 'pong:', `pong: ${'x'.repeat(125)}`],
    },
    {
      name: '"… unless it already received a Close frame"',
      frames: [ping('1'), close(1000), ping('2')],
      ...closes(1000, '', ['ping: 1']),
      written: ['pong: 1', 'close: 1000'],
    },
  ],
  '§5.5.3': [
    {
      name: '"identical \'Application data\' as found in the message body of the Ping frame": any bytes',
      frames: [ping('\u0000ä€😀')],
      events: ['ping: \u0000ä€😀'],
      written: ['pong: \u0000ä€😀'],
    },
    {
      name: 'F14: "A response to an unsolicited Pong frame is not expected"',
      frames: [pong('hey'), pong(''), text('x')],
      events: ['pong: hey', 'pong:', 'text: x'],
    },
  ],
  '§5.6': [
    {
      name: '"a particular text frame might include a partial UTF-8 sequence; however, the whole message MUST contain valid UTF-8"',
      frames: [bytes('e2', part), moreBytes('82', part), moreBytes('ac')],
      events: ['text: €'],
    },
    {
      name: '"arbitrary binary data whose interpretation is solely up to the application layer"',
      frames: [binary(hex('ff c0 80 ed a0 80'))],
      events: ['binary: ffc080eda080'],
    },
    {
      name: 'U5: a byte order mark and NUL are part of a text',
      frames: [bytes('efbbbf 00 61')],
      events: ['text: \ufeff\u0000a'],
    },
  ],
  '§5.8': [
    ...[4, 2, 1].map(rsv => ({
      name: `"The endpoints of a connection MUST negotiate the use of any extensions": RSV ${rsv} without one`,
      frames: [text('ok'), text('x', { rsv })],
      ...fails(1002, reserved(rsv), ['text: ok']),
    })),
    ...[3, 7, 11, 15].map(opcode => ({
      name: `"This specification provides opcodes 0x3 through 0x7 and 0xB through 0xF … for use by extensions": ${opcode}`,
      frames: [{ opcode }],
      ...fails(1002, `unknown opcode ${opcode} (RFC 6455 §5.2)`),
    })),
  ],
  '§6.2': [
    {
      name: '"the frame MUST be handled as defined by Section 5.5", "an endpoint MUST note the /type/ of the data"',
      frames: [ping('p'), text('t'), pong('q'), binary(hex('62'))],
      events: ['ping: p', 'text: t', 'pong: q', 'binary: 62'],
      written: ['pong: p'],
    },
    {
      name: '"Subsequent data frames MUST be interpreted as belonging to a new WebSocket message"',
      frames: [text('a', part), more('b'), binary(hex('63'), part), more('d', part), more('e'), text('f')],
      events: ['text: ab', 'binary: 636465', 'text: f'],
    },
    {
      name: 'a large message is delivered whole',
      frames: [text('x'.repeat(3000)), binary(new Uint8Array(3000), part), more(new Uint8Array(10))],
      events: [`text: ${'x'.repeat(3000)}`, `binary: ${'00'.repeat(3010)}`],
    },
  ],
  '§7.1.5': [
    {
      name: '"the status code contained in the first Close control frame received"',
      frames: [close(3000), close(3001)],
      ...closes(3000),
    },
    {
      name: '"If this Close control frame contains no status code … considered to be 1005"',
      frames: [close()],
      ...closes(1005),
    },
  ],
  '§7.1.6': [
    {
      name: '"the UTF-8-encoded data following the status code"',
      frames: [close(1000, 'schön 😀')],
      ...closes(1000, 'schön 😀'),
    },
    { name: '"If there is no such data … the empty string"', frames: [close(1000)], ...closes(1000) },
  ],
  '§7.1.7': [
    {
      name: '"An endpoint MUST NOT continue to attempt to process data (including a responding Close frame)"',
      frames: [text('ok'), { opcode: 3 }, text('late'), ping(), close(1000)],
      ...fails(1002, 'unknown opcode 3 (RFC 6455 §5.2)', ['text: ok']),
    },
    {
      name: 'and does not deliver a message begun before',
      frames: [text('a', part), { opcode: 3 }, more('b')],
      ...fails(1002, 'unknown opcode 3 (RFC 6455 §5.2)'),
    },
  ],
  '§7.4': [
    ...[0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65_535].map(code => ({
      name: `C3: a Close with ${code} is a fault`,
      frames: [close(code)],
      ...fails(1002, `close code ${code} must not be sent (RFC 6455 §7.4)`),
    })),
    ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999].map(
      code => ({
        name: `C4: a Close with ${code} is echoed`,
        frames: [close(code)],
        ...closes(code),
      }),
    ),
  ],
  '§8.1': [
    ...['c0af', 'eda080', 'f4908080', '80', 'e282', '61ff'].flatMap(digits => [
      {
        name: `U1: ${digits} in one frame`,
        frames: [text('ok'), bytes(digits)],
        ...fails(1007, notUtf8, ['text: ok']),
      },
      {
        name: `U1: ${digits} in fragments`,
        frames: [text('ok', part), moreBytes(digits, part), more('')],
        ...fails(1007, notUtf8),
      },
    ]),
    ...[1, 2, 3].map(at => ({
      name: `U2: a character cut behind byte ${at} by a fragment, and a ping between`,
      frames: [bytes('f09f9880'.slice(0, 2 * at), part), ping(), moreBytes('f09f9880'.slice(2 * at))],
      events: ['ping:', 'text: 😀'],
      written: ['pong:'],
    })),
    {
      name: 'U3: a wrong byte in the first fragment, before FIN',
      frames: [bytes('61ff', part)],
      ...fails(1007, notUtf8),
    },
    {
      name: 'U3: a wrong byte in an incomplete frame',
      frames: [bytes('61ff', { fin: false, payloadLength: 5 })],
      ...fails(1007, notUtf8),
    },
    ...['c0af', 'eda080', 'e282'].map(digits => ({
      name: `U4: a Close whose reason is ${digits}`,
      frames: [{ opcode: 8, payload: concat(hex('03e8'), hex(digits)) }],
      ...fails(1007, 'close reason is not UTF-8 (RFC 6455 §8.1)'),
    })),
  ],
  '§10.4': [
    {
      name: 'G5: "MUST protect themselves against exceeding those limits": one byte above, spread over frames',
      limits: { maxMessageSize: 5 },
      frames: [text('abc', part), more('de'), text('abc', part), more('d', part), more('ef')],
      ...fails(1009, 'message longer than 5 bytes (RFC 6455 §7.4.1)', ['text: abcde']),
    },
    {
      name: 'G5: at the header that crosses, before its payload',
      limits: { maxMessageSize: 5 },
      frames: [text('abc', part), { ...more(''), payloadLength: 3 }],
      ...fails(1009, 'message longer than 5 bytes (RFC 6455 §7.4.1)'),
    },
    ...[2 ** 20 + 1, 2 ** 32 + 5, 2 ** 53 - 1, 2 ** 60].map(payloadLength => ({
      name: `F9, F10: "a single big frame (e.g., of size 2**60)": ${payloadLength} bytes, of which none is sent`,
      frames: [{ ...binary(hex('')), payloadLength, lengthSize: 8 as const }],
      ...fails(
        1009,
        payloadLength > 2 ** 53 - 1
          ? 'payload longer than 2^53 − 1 bytes (RFC 6455 §7.4.1)'
          : 'message longer than 1048576 bytes (RFC 6455 §7.4.1)',
      ),
    })),
    {
      name: 'G6: "a long stream of small frames that are a part of a fragmented message"',
      limits: { maxFragments: 4 },
      frames: [
        text('a', part),
        more('b', part),
        more('c', part),
        ping(),
        more('d'),
        text('a', part),
        more('b', part),
        more('c', part),
        more('d', part),
        more('e'),
      ],
      ...fails(1008, 'message of more than 4 fragments (RFC 6455 §10.4)', ['ping:', 'text: abcd']),
      written: ['pong:', 'close: 1008 message of more than 4 fragments (RFC 6455 §10.4)'],
    },
    {
      name: 'G7: empty fragments count too',
      limits: { maxFragments: 3 },
      frames: [text('', part), more('', part), more('', part), more('')],
      ...fails(1008, 'message of more than 3 fragments (RFC 6455 §10.4)'),
    },
  ],
}

export const vectors: readonly Vector[] = Object.entries(rows).flatMap(([section, own]) =>
  own.flatMap(row =>
    ROLES.map(role => {
      const {
        name,
        frames,
        astray = [],
        limits,
        events,
        written = [],
      } = typeof row === 'function' ? row(role) : row
      return {
        section: section as Vector['section'],
        name,
        role,
        limits: checkLimits(limits),
        bytes: concat(wire(role, ...frames), wire(peerOf(role), ...astray)),
        events,
        written,
      }
    }),
  ),
)

/** The vector with more bytes: ignored once closed, else a ping. */
export function withTail(vector: Vector): Vector {
  const closed = vector.events.at(-1)?.startsWith('closed') === true
  if (closed) {
    const tail = concat(hex('ffff'), wire(vector.role, text('late'), ping('late'), close(1001)))
    return { ...vector, bytes: concat(vector.bytes, tail) }
  }
  return {
    ...vector,
    bytes: concat(vector.bytes, wire(vector.role, ping('tail'))),
    events: [...vector.events, 'ping: tail'],
    written: [...vector.written, 'pong: tail'],
  }
}
