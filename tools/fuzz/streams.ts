// Random streams of frames, as of a peer that mostly obeys RFC 6455 and sometimes breaks a rule.

import { encodeFrame, type Frame, Opcode } from '@ws/frame'
import { concat, hex, utf8 } from '@ws/testing'
import type { Chance } from './chance.ts'
import type { Reader } from './reading.ts'

/** Texts, and bytes that are not valid UTF-8 (RFC 3629 §3), or not yet. */
const TEXTS = [
  '',
  '61',
  '00',
  'c3a4',
  'e282ac',
  'f09f9880',
  'efbbbf61',
  'efbfbf',
  'ed9fbf',
  'ee8080',
  'f48fbfbf',
  'c0af',
  'c1bf',
  'e08080',
  'eda080',
  'edbfbf',
  'f0808080',
  'f4908080',
  'f8888080',
  '80',
  'bf',
  'ff',
  'c3',
  'e282',
  'f09f98',
].map(hex)
const LENGTHS = [0, 1, 2, 124, 125, 126, 127, 128, 255, 256, 1000, 65_535, 65_536, 65_537]
const CODES = [
  0, 999, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1011, 1014, 1015, 1016, 2999, 3000, 4999, 5000,
  65_535,
]
const HUGE = [65_536, 2 ** 31, 2 ** 32, 2 ** 32 + 5, 2 ** 53 - 1, 2 ** 53, 2 ** 62, 2 ** 63]

/** Limits of a random stream. */
export interface StreamOptions {
  /** The highest number of frames. Default 8. */
  readonly frames?: number
  /** One in about this many frames breaks a rule; 0 for none. Default 12. */
  readonly faults?: number
  /** The longest payload. Default 300, and sometimes 65,537. */
  readonly longest?: number
}

/** The frames of one peer, messages in fragments with control frames between them. */
function drawFrames(chance: Chance, options: StreamOptions = {}): Frame[] {
  const { frames: most = 8, faults = 12, longest = chance.oneIn(25) ? 65_537 : 300 } = options
  const frames: Frame[] = []
  let inside: number | undefined
  for (let left = 1 + chance.int(most); left > 0; left--) {
    const control = chance.oneIn(4)
    const opcode = control
      ? drawControl(chance)
      : inside === undefined
        ? 1 + chance.int(2)
        : Opcode.continuation
    const fin = control || !chance.oneIn(3)
    if (!control) inside = fin ? undefined : (inside ?? opcode)
    const isText = !control && (inside ?? opcode) !== Opcode.binary
    const frame = { opcode, fin, payload: drawPayload(chance, opcode, isText, longest) }
    frames.push(faults > 0 && chance.oneIn(faults) ? spoil(chance, frame) : frame)
  }
  return frames
}

/** The bytes of these frames on the way to that reader. About one masking key in four is zero, or has zeros in it. */
function encodeFor(reader: Reader, chance: Chance, frames: readonly Frame[]): Uint8Array<ArrayBuffer> {
  return concat(
    ...frames.map(frame => {
      const maskingKey = chance.oneIn(4) ? chance.pick([0, 0xff, 0xff00_0000]) : chance.seed()
      return encodeFrame({ ...(reader === 'server' ? { maskingKey } : {}), ...frame })
    }),
  )
}

/** A stream for that reader, sometimes with noise or half a frame at its end. */
export function drawStream(reader: Reader, chance: Chance, options?: StreamOptions): Uint8Array<ArrayBuffer> {
  const stream = encodeFor(reader, chance, drawFrames(chance, options))
  if (chance.oneIn(10)) return concat(stream, chance.bytes(chance.int(20)))
  return chance.oneIn(10) ? stream.slice(0, chance.int(stream.length + 1)) : stream
}

/** Pieces of streams, to be put into others. */
export const STREAM_WORDS: readonly Uint8Array[] = [
  ...TEXTS,
  ...['8100', '8180', '0100', '0000', '8000', '8900', '8a00', '8800', '880203e8', '88820000000003e8'].map(
    hex,
  ),
  ...[
    '817e007d',
    '817e007e',
    '81fe007e',
    '827f0000000000010000',
    '827f8000000000000000',
    '82ff0020000000000000',
  ].map(hex),
]

function drawControl(chance: Chance): number {
  return chance.oneIn(5) ? Opcode.close : chance.pick([Opcode.ping, Opcode.ping, Opcode.pong])
}

function drawPayload(chance: Chance, opcode: number, isText: boolean, longest: number): Uint8Array {
  if (opcode === Opcode.close) return drawClose(chance)
  const length = chance.oneIn(4) ? chance.pick(LENGTHS) : chance.int(20)
  const most = Math.min(length, opcode > 7 ? 125 : longest)
  return isText ? drawText(chance, most) : chance.bytes(most)
}

function drawText(chance: Chance, length: number): Uint8Array {
  // Mostly UTF-8: else no message would be told.
  const wrong = chance.oneIn(15)
  const few = chance.several(4, () => chance.pick(wrong ? TEXTS : TEXTS.slice(0, 11)))
  return concat(utf8('a'.repeat(Math.max(0, length - 8))), ...few)
}

function drawClose(chance: Chance): Uint8Array {
  if (chance.oneIn(5)) return chance.bytes(chance.int(2))
  const code = chance.oneIn(3) ? chance.pick(CODES) : chance.pick([1000, 1001, 3000, 4321])
  return concat(Uint8Array.of(code >>> 8, code), chance.oneIn(2) ? hex('') : chance.pick(TEXTS))
}

/** The frame with one thing wrong with it, or likely so. */
function spoil(chance: Chance, frame: Frame): Frame {
  const { length } = frame.payload ?? hex('')
  switch (chance.int(8)) {
    case 0:
      return { ...frame, rsv: 1 + chance.int(7) }
    case 1:
      return { ...frame, opcode: chance.int(16) }
    case 2:
      return { ...frame, fin: false }
    case 3:
      return length < 65_536 ? { ...frame, lengthSize: length < 126 && chance.oneIn(2) ? 2 : 8 } : frame
    case 4:
      return { ...frame, lengthSize: 8, payloadLength: chance.pick(HUGE) }
    case 5:
      return { ...frame, payload: chance.bytes(chance.pick([126, 127, 300])) }
    case 6:
      return { ...frame, opcode: chance.pick([0, 1, 2]) }
    default:
      return { ...frame, payload: drawText(chance, 10) }
  }
}
