// A stream of frames to the decoder, as either role reads it.

import { encodeFrame, FrameDecoder, FrameScanner, type FrameSink, isControl, ProtocolError } from '@ws/frame'
import { concat } from '@ws/testing'
import { Chance, cut, seedOf } from '../chance.ts'
import { type Reader, readFrames, toHex } from '../reading.ts'
import { drawStream, STREAM_WORDS } from '../streams.ts'
import { must, mustEqual, type Target } from '../target.ts'

/** The target for that role. */
export function frames(role: Reader): Target {
  return {
    name: `frames as ${role}`,
    about:
      '`FrameDecoder`, with the input whole, byte by byte, cut at random and paused at random. ' +
      'Frames and the code of a fault equal those of a naive reading, and an accepted frame encodes ' +
      'to its original bytes. Control frames arrive whole. A `FrameScanner` that takes over at any ' +
      'point finds the same control frames and the same fault, and changes no byte.',
    files: [
      'frame/src/decoder.ts',
      'frame/src/header.ts',
      'frame/src/validate-header.ts',
      'frame/src/mask.ts',
      'frame/src/scanner.ts',
    ],
    words: STREAM_WORDS,
    generate: chance => drawStream(role, chance, { faults: 8 }),

    run(input) {
      const expected = naive(role, input)
      const chance = new Chance(seedOf(input))
      mustEqual(decode(role, [input.slice()]), expected, 'whole')
      mustEqual(decode(role, cut(chance, input)), expected, 'cut at random')
      mustEqual(decode(role, cut(chance, input, input.length < 2000 ? 1 : 500)), expected, 'byte by byte')
      mustEqual(decode(role, cut(chance, input), chance), expected, 'stopped at random')
      const controls = expected.filter(line => /^(opcode (8|9|10)|fault)/.test(line))
      mustEqual(scan(role, cut(chance, input), chance), controls, 'scanned from a random segment on')
      mustEqual(encodeAgain(role, input), undefined, 'frames encoded again')
      return expected.at(-1)?.split(':')[0] ?? 'nothing'
    },
  }
}

/** Frames and the end, as short texts; of a frame of which more is to come, what has come. */
function naive(role: Reader, bytes: Uint8Array): string[] {
  const { frames: read, fault } = readFrames(role, bytes)
  const told = read.map(({ opcode, fin, payload, complete, payloadLength }) => {
    const shown = complete || opcode < 8 ? payload : new Uint8Array(0)
    return describe(opcode, fin, Number(payloadLength), shown, complete)
  })
  return fault === undefined ? told : [...told, `fault ${fault}`]
}

function decode(role: Reader, segments: readonly Uint8Array[], stops?: Chance): string[] {
  const told: string[] = []
  let pieces: Uint8Array[] = []
  let open: { opcode: number; fin: boolean; payloadLength: number } | undefined
  const finish = (last: boolean): void => {
    if (open === undefined) return
    told.push(describe(open.opcode, open.fin, open.payloadLength, concat(...pieces), last))
    open = undefined
    pieces = []
  }
  const decoder = new FrameDecoder(role, {
    header(header) {
      must(open === undefined, 'a header inside of a frame')
      open = { ...header }
    },
    payload(header, bytes, start, end, last) {
      must(open !== undefined, 'payload without a header')
      must(last || !isControl(header.opcode), 'a control frame in pieces')
      must(start <= end && end <= bytes.length, 'payload outside of its bytes')
      pieces.push(bytes.slice(start, end))
      if (last) finish(true)
      return stops?.oneIn(3)
    },
  })
  try {
    for (const segment of segments) {
      for (let at = 0; ; ) {
        const next = decoder.decode(segment, at)
        must(next >= at && next <= segment.length, 'an index outside of the segment')
        if (next === segment.length) break
        must(next > at, 'a decoder that does not go on')
        at = next
      }
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    must([1002, 1009].includes(error.closeCode), `undocumented code ${error.closeCode}`)
    return [...told, `fault ${error.closeCode}`]
  }
  finish(false)
  return told
}

/** The control frames and the end, of which a scanner finds those behind the first segments. */
function scan(role: Reader, segments: readonly Uint8Array[], chance: Chance): string[] {
  const found: string[] = []
  const sink: FrameSink = {
    payload({ opcode, fin, payloadLength }, bytes, start, end, last) {
      if (isControl(opcode)) found.push(describe(opcode, fin, payloadLength, bytes.slice(start, end), last))
      return false
    },
  }
  const decoder = new FrameDecoder(role, sink)
  const takesOver = chance.int(segments.length + 1)
  try {
    for (const segment of segments.slice(0, takesOver)) decoder.decode(segment)
    const scanner = new FrameScanner(role, sink, 0, decoder.partialFrame)
    for (const segment of segments.slice(takesOver)) {
      const before = segment.slice()
      mustEqual(scanner.scan(segment), segment.length, 'the index behind a scanned segment')
      mustEqual(segment, before, 'a scanned segment')
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return [...found, `fault ${error.closeCode}`]
  }
  return found
}

/** What came of a frame, before the colon, and its payload. */
function describe(
  opcode: number,
  fin: boolean,
  length: number,
  payload: Uint8Array,
  complete: boolean,
): string {
  const size = length < 126 ? 'short' : length < 65_536 ? '16 bits' : '64 bits'
  return `${complete ? '' : 'part of '}opcode ${opcode}${fin ? '' : ' …'}, ${size}: ${toHex(payload)}`
}

/** The first frame whose encoding is not what it was read from. */
function encodeAgain(role: Reader, bytes: Uint8Array): string | undefined {
  const again = readFrames(role, bytes).frames.filter(({ complete }) => complete)
  for (const { opcode, fin, payload, maskingKey, start, end } of again) {
    const key = maskingKey && new DataView(Uint8Array.from(maskingKey).buffer).getUint32(0)
    const encoded = encodeFrame({ opcode, fin, payload, ...(key === undefined ? {} : { maskingKey: key }) })
    if (toHex(encoded) !== toHex(bytes.subarray(start, end))) return toHex(bytes.subarray(start, end))
  }
  return undefined
}
