// Properties for random input in any segmentation. A failure prints its seed and the smallest case.

import { concat, utf8 } from '@ws/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createHeader,
  decodeFrames,
  encodeFrame,
  type Frame,
  type FrameHeader,
  headerSize,
  isSendableCloseCode,
  MAX_REASON_LENGTH,
  minimalLengthSize,
  ProtocolError,
  type Role,
  readClosePayload,
  readHeader,
  writeClosePayload,
  writeHeader,
} from '../src/index.ts'
import { decodeNaively } from './naive.ts'
import { Run, runSegments } from './run.ts'

/** Enough runs to find regressions, in about a second each. */
const budget = { numRuns: 400, interruptAfterTimeLimit: 3000 }

const role = fc.constantFrom<Role>('server', 'client')
const reservedBits = fc.constantFrom(0, 4)
const maskingKey = fc.nat({ max: 0xffff_ffff })

/** Short payloads, and lengths where the header changes its form. */
const payload = fc.oneof(
  { weight: 6, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(125, 126, 127, 300, 65_535, 65_536), fc.nat({ max: 255 }))
      .map(([length, first]) => Uint8Array.from({ length }, (_, i) => (first + i) & 0xff)),
  },
)
const controlPayload = fc.uint8Array({ maxLength: 125 })
const closePayload = fc
  .tuple(
    fc.integer({ min: 1000, max: 4999 }).filter(isSendableCloseCode),
    fc.string({ unit: 'grapheme', maxLength: 10 }),
  )
  .filter(([, reason]) => utf8(reason).length <= 123)

/** A frame that is legal by itself; this package does not check the order of fragments. */
const legalFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ opcode: fc.constantFrom(0, 1, 2), fin: fc.boolean(), payload }),
  fc.record({ opcode: fc.constantFrom(9, 10), payload: controlPayload }),
  closePayload.map(([code, reason]) => ({ opcode: 8, payload: writeClosePayload(code, reason) })),
)
const legalFrames = fc.array(fc.tuple(legalFrame, maskingKey), { maxLength: 12 })

/** A frame with random fields; most are illegal. */
const anyFrame: fc.Arbitrary<Uint8Array> = fc
  .record(
    {
      opcode: fc.nat({ max: 15 }),
      fin: fc.boolean(),
      rsv: fc.constantFrom(0, 0, 0, 4, 2, 1),
      payload,
      maskingKey,
      lengthSize: fc.constant(8 as const),
    },
    { requiredKeys: ['opcode', 'payload'] },
  )
  .map(encodeFrame)

/**
 * Streams of legal frames for the role, followed by noise, headers, or nothing.
 */
const stream = fc
  .record({
    role,
    reservedBits,
    frames: legalFrames,
    tail: fc.oneof(fc.constant(new Uint8Array(0)), fc.uint8Array({ maxLength: 300 }), anyFrame),
  })
  .map(({ frames, tail, ...ends }) => ({ ...ends, bytes: concat(encodeAll(ends.role, frames), tail) }))

const cuts = fc.array(fc.nat({ max: 2 ** 30 }), { maxLength: 20 })

/** Any header, legal or not. */
const anyHeader: fc.Arbitrary<FrameHeader> = fc
  .constantFrom(0 as const, 2 as const, 8 as const)
  .chain(lengthSize =>
    fc
      .record({
        fin: fc.boolean(),
        rsv: fc.nat({ max: 7 }),
        opcode: fc.nat({ max: 15 }),
        masked: fc.boolean(),
        maskingKey,
        payloadLength: lengthOf(lengthSize),
        lengthSize: fc.constant(lengthSize),
      })
      .map(header => (header.masked ? header : { ...header, maskingKey: 0 })),
  )

describe('encoding and decoding', () => {
  test('decoding is the reverse of encoding, for both roles', () => {
    fc.assert(
      fc.property(role, legalFrames, (reader, frames) => {
        const decoded = decodeFrames(reader, encodeAll(reader, frames))
        expect(decoded.rest).toHaveLength(0)
        expect(decoded.frames).toHaveLength(frames.length)
        decoded.frames.forEach((frame, i) => {
          const [sent, key] = frames[i]!
          const { length } = sent.payload!
          expect(frame).toMatchObject({
            opcode: sent.opcode,
            fin: sent.fin ?? true,
            rsv: 0,
            payloadLength: length,
          })
          expect(frame.lengthSize).toBe(minimalLengthSize(length))
          expect(frame.maskingKey).toBe(reader === 'server' ? key : undefined)
          expect(Buffer.compare(frame.payload, sent.payload!)).toBe(0)
        })
      }),
      budget,
    )
  })

  test('a header is read as it was written, with any layout and offset', () => {
    fc.assert(
      fc.property(anyHeader, fc.nat({ max: 9 }), fc.nat({ max: 255 }), (header, start, filler) => {
        const size = headerSize(header)
        const bytes = new Uint8Array(start + size + 5).fill(filler)
        expect(writeHeader(bytes, start, header)).toBe(size)
        const around = concat(bytes.subarray(0, start), bytes.subarray(start + size))
        expect(around.every(byte => byte === filler)).toBe(true)

        const read = createHeader()
        expect(readHeader(bytes, start, start + size - 1, read)).toBe(0)
        expect(readHeader(bytes, start, bytes.length, read)).toBe(size)
        expect(read).toEqual(header)
      }),
      { ...budget, numRuns: 5000 },
    )
  })

  test('a code and a reason are read as they were written', () => {
    fc.assert(
      fc.property(closePayload, ([code, reason]) => {
        expect(readClosePayload(writeClosePayload(code, reason))).toEqual({
          code,
          reason: reason.toWellFormed(),
        })
      }),
      budget,
    )
  })
})

describe('any bytes', () => {
  test('give the same frames and the same error in any segmentation', () => {
    fc.assert(
      fc.property(stream, cuts, (given, places) => {
        const whole = runSegments(given.role, [given.bytes.slice()], given.reservedBits)
        expect(runSegments(given.role, cut(given.bytes, places), given.reservedBits)).toEqual(whole)
      }),
      budget,
    )
  })

  test('give the result of a naive decoder', () => {
    fc.assert(
      fc.property(stream, ({ role: reader, reservedBits: bits, bytes }) => {
        const { frames, fault } = runSegments(reader, [bytes.slice()], bits)
        expect({ frames, fails: fault !== undefined }).toEqual(decodeNaively(reader, bits, bytes))
      }),
      budget,
    )
  })

  test('give frames or one ProtocolError with 1002, 1007 or 1009, and throw nothing else', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.array(anyFrame, { maxLength: 5 }).map(frames => concat(...frames)),
      fc.tuple(anyHeader, payload).map(([header, behind]) => concat(bytesOf(header), behind)),
      stream.map(given => given.bytes),
    )
    fc.assert(
      fc.property(role, reservedBits, bytes, (reader, bits, noise) => {
        // `Run` rethrows errors other than ProtocolError.
        const { fault } = runSegments(reader, [noise], bits)
        if (fault === undefined) return
        expect([1002, 1007, 1009]).toContain(fault.closeCode)
        expect(fault.message).toMatch(/ \(RFC 6455 §[\d.]+\)$/)
        // The message can be the reason of a Close frame.
        expect(utf8(fault.message).length).toBeLessThanOrEqual(MAX_REASON_LENGTH)
      }),
      { ...budget, numRuns: 1000 },
    )
  })

  test('are all consumed as header or payload unless the decoder stopped', () => {
    fc.assert(
      fc.property(role, legalFrames, cuts, (reader, frames, places) => {
        const bytes = encodeAll(reader, frames)
        const run = new Run(reader)
        let taken = 0
        for (const segment of cut(bytes, places)) taken += run.decoder.decode(segment)
        expect(taken).toBe(bytes.length)

        const sizes = run.outcome.frames.map(frame => {
          const length = frame.payload.length / 2
          return 2 + minimalLengthSize(length) + (reader === 'server' ? 4 : 0) + length
        })
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(bytes.length)
      }),
      budget,
    )
  })

  test('in a Close give a code and a reason, or a ProtocolError of 1002 or 1007', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 125 }), bytes => {
        try {
          const { code } = readClosePayload(bytes)
          expect(code === 1005 ? bytes.length === 0 : isSendableCloseCode(code)).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
          expect([1002, 1007]).toContain((error as ProtocolError).closeCode)
        }
      }),
      budget,
    )
  })
})

test('a sink can stop the decoder anywhere without losing bytes', () => {
  fc.assert(
    fc.property(stream, cuts, fc.infiniteStream(fc.boolean()), (given, places, stops) => {
      const whole = runSegments(given.role, [given.bytes.slice()], given.reservedBits)
      const stopping = new Run(given.role, given.reservedBits, () => stops.next().value ?? false)
      for (const segment of cut(given.bytes, places)) if (!stopping.push(segment)) break
      expect(stopping.outcome).toEqual(whole)
    }),
    budget,
  )
})

function encodeAll(reader: Role, frames: readonly (readonly [Frame, number])[]): Uint8Array<ArrayBuffer> {
  return concat(
    ...frames.map(([frame, key]) => encodeFrame(reader === 'server' ? { ...frame, maskingKey: key } : frame)),
  )
}

/** Copies of the pieces of the stream, cut at these offsets modulo its length. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = places.map(place => place % (bytes.length + 1)).sort((a, b) => a - b)
  return [0, ...sorted].map((start, i) => bytes.slice(start, sorted[i]))
}

function bytesOf(header: FrameHeader): Uint8Array {
  const bytes = new Uint8Array(headerSize(header))
  writeHeader(bytes, 0, header)
  return bytes
}

/** A length that fits in its field and, above 2^53, in a number. */
function lengthOf(size: 0 | 2 | 8): fc.Arbitrary<number> {
  if (size === 0) return fc.nat({ max: 125 })
  if (size === 2) return fc.nat({ max: 0xffff })
  const large = fc.tuple(fc.maxSafeNat(), fc.nat({ max: 10 })).map(([length, shift]) => length * 2 ** shift)
  return fc.oneof(fc.nat({ max: 0x2_0000 }), fc.maxSafeNat(), large)
}
