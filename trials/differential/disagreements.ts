// Where others make something else of a stream than we do, and why we stay with what we do. What is not on this list is an error of
// ours, of theirs, or of the list.

import { type Reader, readFrames } from '../../tools/fuzz/reading.ts'
import type { Record } from './record.ts'

/** Who else was given the stream. */
export type Peer = 'server of ws' | 'client of ws' | 'client of Node'

/** One stream and what was made of it. */
export interface Facts {
  readonly peer: Peer
  readonly reader: Reader
  readonly bytes: Uint8Array
  readonly ours: Record
  readonly theirs: Record
}

/** A difference that is known. */
export interface Disagreement {
  readonly id: string
  readonly what: string
  readonly ours: string
  readonly theirs: string
  /** Why we do it, with the section. */
  readonly why: string
  /** Whose difference it is. */
  readonly peers: readonly Peer[]
  /** Whether it explains what this stream came to. */
  matches(facts: Facts): boolean
}

const WS = ['server of ws', 'client of ws'] as const

/** All of them; of those that explain a stream, the first counts. */
export const disagreements: readonly Disagreement[] = [
  {
    id: 'minimal-length',
    what: 'A payload length in more bytes than it needs.',
    ours: 'Fails with 1002.',
    theirs: 'Takes the frame, and what follows it.',
    why: 'RFC 6455 §5.2: “in all cases, the minimal number of bytes MUST be used to encode the length”.',
    peers: [...WS, 'client of Node'],
    matches: ({ reader, bytes, ours, theirs }) =>
      ours.sent === 1002 &&
      !ours.wasClean &&
      isNotMinimal(restOf(reader, bytes)) &&
      beginsWith(theirs.messages, ours.messages),
  },
  {
    id: 'length-sign',
    what: 'A length of 64 bits whose first bit is set.',
    ours: 'Fails with 1002.',
    theirs: 'Fails with 1009: longer than 2^53 − 1 bytes.',
    why: 'RFC 6455 §5.2: “the most significant bit MUST be 0”: the frame is not too big, it is none.',
    peers: [...WS, 'client of Node'],
    matches: ({ reader, bytes, ours, theirs }) =>
      ours.sent === 1002 &&
      theirs.sent === 1009 &&
      restOf(reader, bytes)[2]! >= 0x80 &&
      same(ours, theirs, 'messages', 'pongs'),
  },
  {
    id: 'fail-fast-text',
    what: 'Text that is no UTF-8 from some byte on, in a message that has not ended.',
    ours: 'Fails with 1007 at that byte.',
    theirs:
      'Wait for the end of the message; pings that come before it are answered, and something else may end the connection first.',
    why: 'RFC 6455 §8.1 lets an endpoint fail at once; what cannot become text any more need not be kept (Autobahn 6.4).',
    peers: [...WS, 'client of Node'],
    matches: ({ ours, theirs }) =>
      ours.sent === 1007 &&
      (theirs.sent !== 1007 || theirs.pongs.length > ours.pongs.length) &&
      same(ours, theirs, 'messages') &&
      beginsWith(theirs.pongs, ours.pongs),
  },
  {
    id: 'half-a-header',
    what: 'A header that is illegal by its first bytes, or announces too much, of which the others never come; or a Close announced with one byte.',
    ours: 'Reads a header when all of it is there; the stream ends first, with 1006.',
    theirs: 'Judge what has come, and fail with 1002, or with 1009 for the length.',
    why: 'RFC 6455 §5.2 has no order in which a header is judged. A header has 14 bytes at most, and comes whole.',
    peers: [...WS, 'client of Node'],
    matches: ({ reader, bytes, ours, theirs }) =>
      ours.sent === undefined &&
      (theirs.sent === 1002 || theirs.sent === 1009) &&
      isCutOff(reader, bytes) &&
      same(ours, theirs, 'messages', 'pongs'),
  },
  {
    id: 'two-faults',
    what: 'A header that is illegal, and announces too much as well.',
    ours: 'The code of what is judged first: the bits, then the length, then the mask.',
    theirs: 'The code of what they judge first.',
    why: 'RFC 6455 §7.1.7 asks for an appropriate code; of two that are, it prefers none.',
    peers: [...WS, 'client of Node'],
    matches: ({ ours, theirs }) =>
      [ours.sent, theirs.sent].every(code => code === 1002 || code === 1009) &&
      ours.sent !== theirs.sent &&
      same(ours, theirs, 'messages', 'pongs'),
  },
  {
    id: 'message-size',
    what: 'A frame that announces more than the largest message.',
    ours: 'Fails with 1009 at its header.',
    theirs: 'Has no such limit, or a far larger one, and waits for the payload, or goes on behind it.',
    why: 'RFC 6455 §10.4: an endpoint “MUST protect” itself against what exceeds its limits; ours is an option, 1 MiB where nothing is said.',
    peers: ['client of Node'],
    matches: ({ ours, theirs }) =>
      ours.sent === 1009 &&
      (theirs.sent !== 1009 ||
        theirs.messages.length > ours.messages.length ||
        theirs.pongs.length > ours.pongs.length) &&
      beginsWith(theirs.messages, ours.messages),
  },
  {
    id: 'clean-after-failure',
    what: 'A Close behind a fault.',
    ours: 'Reports an end that is not clean.',
    theirs: 'Fails with the same code, and says that the end was clean.',
    why: 'RFC 6455 §7.1.7: an endpoint that has failed the connection “MUST NOT continue to attempt to process data (including a responding Close frame)”.',
    peers: ['client of Node'],
    matches: ({ ours, theirs }) =>
      !ours.wasClean && theirs.wasClean && same(ours, theirs, 'messages', 'pongs', 'sent'),
  },
  {
    id: 'byte-order-mark',
    what: 'A text that begins with U+FEFF.',
    ours: 'Tells it with U+FEFF.',
    theirs: 'Leaves it out.',
    why: 'RFC 6455 §5.6: the payload is text encoded as UTF-8; no byte of it is left out, and RFC 3629 §6 keeps U+FEFF where no signature is foreseen.',
    peers: ['client of Node'],
    matches: ({ ours, theirs }) => same(withoutMarks(ours), theirs, 'messages', 'pongs', 'sent', 'wasClean'),
  },
]

/** The ids of what explains the stream; none where nothing does. A mark that is left out may come on top of another difference. */
export function explain(facts: Facts): readonly string[] {
  const find = (given: Facts): string | undefined =>
    disagreements.find(one => one.peers.includes(given.peer) && one.matches(given))?.id
  const one = find(facts)
  if (one !== undefined || facts.peer !== 'client of Node') return one === undefined ? [] : [one]
  const ours = withoutMarks(facts.ours)
  const other = same(ours, facts.ours, 'messages') ? undefined : find({ ...facts, ours })
  return other === undefined ? [] : ['byte-order-mark', other]
}

function withoutMarks(record: Record): Record {
  return { ...record, messages: record.messages.map(message => message.replace(/^text: efbbbf/, 'text: ')) }
}

/** The stream from the first header that is illegal. */
function restOf(reader: Reader, bytes: Uint8Array): Uint8Array {
  return bytes.subarray(readFrames(reader, bytes).frames.at(-1)?.end ?? 0)
}

function isNotMinimal(header: Uint8Array): boolean {
  const short = (header[1] ?? 0) & 0x7f
  const view = new DataView(header.buffer, header.byteOffset, header.length)
  if (short === 126) return view.getUint16(2) < 126
  return short === 127 && view.getBigUint64(2) < 65_536n
}

/** Its end lies in a header, or behind one whose payload has not come. */
function isCutOff(reader: Reader, bytes: Uint8Array): boolean {
  const { frames, fault } = readFrames(reader, bytes)
  const last = frames.at(-1)
  return fault === undefined && ((last?.end ?? 0) < bytes.length || last?.complete === false)
}

function beginsWith(list: readonly string[], beginning: readonly string[]): boolean {
  return beginning.every((text, i) => list[i] === text)
}

function same(ours: Record, theirs: Record, ...names: readonly (keyof Record)[]): boolean {
  return names.every(name => JSON.stringify(ours[name]) === JSON.stringify(theirs[name]))
}
