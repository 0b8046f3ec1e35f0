import { concat, hex, segmentations, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { vectors } from '../test/vectors.ts'
import { FrameDecoder, type FrameSink } from './decoder.ts'
import { encodeFrame } from './frame.ts'
import { isControl, Opcode } from './opcode.ts'
import type { Role } from './role.ts'
import { FrameScanner } from './scanner.ts'

const masked = (opcode: number, payload: string | Uint8Array, fin = true) =>
  encodeFrame({
    opcode,
    fin,
    payload: typeof payload === 'string' ? utf8(payload) : payload,
    maskingKey: 0x37fa213d,
  })

/** Records headers, control frames and the error as texts. */
class Record implements FrameSink {
  readonly events: string[] = []
  readonly #stop: () => boolean

  constructor(stop: () => boolean = () => false) {
    this.#stop = stop
  }

  header({ opcode, fin, payloadLength }: { opcode: number; fin: boolean; payloadLength: number }): void {
    this.events.push(`header ${opcode} ${fin} ${payloadLength}`)
  }

  payload(
    { opcode }: { opcode: number },
    bytes: Uint8Array,
    start: number,
    end: number,
    last: boolean,
  ): boolean {
    if (!isControl(opcode)) return false
    expect(last).toBe(true)
    this.events.push(`control ${opcode} ${Buffer.from(bytes.subarray(start, end)).toString('hex')}`)
    return this.#stop()
  }

  run(read: (bytes: Uint8Array) => number, segments: readonly Uint8Array[]): string[] {
    try {
      for (const segment of segments) if (read(segment) !== segment.length) throw new Error('stopped')
    } catch (error) {
      this.events.push(`fault ${(error as Error).message}`)
    }
    return this.events
  }
}

function decode(role: Role, reservedBits: number, segments: readonly Uint8Array[]): string[] {
  const record = new Record()
  const decoder = new FrameDecoder(role, record, reservedBits)
  return record.run(bytes => decoder.decode(bytes), segments)
}

describe('a scanner finds the headers, control frames and faults that a decoder finds', () => {
  const short = vectors.filter(({ bytes }) => bytes.length < 400)

  test.each(short)('$section $name', ({ role, reservedBits, bytes }) => {
    const expected = decode(role, reservedBits, [bytes.slice()])
    for (const { name, segments } of segmentations(bytes)) {
      const record = new Record()
      const scanner = new FrameScanner(role, record, reservedBits)
      expect(
        record.run(segment => scanner.scan(segment), segments),
        name,
      ).toEqual(expected)
      expect(Buffer.concat(segments), name).toEqual(Buffer.from(bytes))
    }
  })

  test.each(short)(
    '$section $name, after a decoder that stopped anywhere',
    ({ role, reservedBits, bytes }) => {
      const expected = decode(role, reservedBits, [bytes.slice()])
      for (let at = 0; at <= bytes.length; at++) {
        for (const { name, segments } of segmentations(bytes.slice(at), [])) {
          const record = new Record()
          const decoder = new FrameDecoder(role, record, reservedBits)
          record.run(segment => decoder.decode(segment), [bytes.slice(0, at)])
          if (!record.events.at(-1)?.startsWith('fault')) {
            const scanner = new FrameScanner(role, record, reservedBits, decoder.partialFrame)
            record.run(segment => scanner.scan(segment), segments)
          }
          // One assertion for each byte would take most of the time.
          if (record.events.join() !== expected.join())
            expect(record.events, `${name} from byte ${at}`).toEqual(expected)
        }
      }
    },
  )
})

describe('a scanner', () => {
  const stream = concat(
    masked(Opcode.text, 'a'.repeat(300), false),
    masked(Opcode.ping, 'one'),
    masked(Opcode.continuation, 'b'.repeat(70_000)),
    masked(Opcode.pong, ''),
    masked(Opcode.close, hex('03e8')),
  )

  test('does not change the decoder from whose state it continues', () => {
    for (let at = 0; at <= 400; at++) {
      const record = new Record()
      const decoder = new FrameDecoder('server', record)
      decoder.decode(stream.slice(0, at))
      const scanner = new FrameScanner('server', new Record(), 0, decoder.partialFrame)
      scanner.scan(stream.slice(at))
      decoder.decode(stream.slice(at))
      expect(record.events, `cut at ${at}`).toEqual(decode('server', 0, [stream.slice()]))
    }
  })

  test('stops after a control frame when its sink returns true, and continues behind it', () => {
    const record = new Record(() => true)
    const scanner = new FrameScanner('server', record)
    const afterPing = 300 + 8 + 3 + 6
    expect(scanner.scan(stream)).toBe(afterPing)
    expect(record.events).toEqual(['header 1 false 300', 'header 9 true 3', 'control 9 6f6e65'])
    expect(scanner.scan(stream, afterPing)).toBe(stream.length - 8)
    expect(scanner.scan(stream, stream.length - 8)).toBe(stream.length)
    expect(record.events.at(-1)).toBe('control 8 03e8')
  })

  test('scans a part of an array', () => {
    const record = new Record()
    const around = concat(hex('ffff'), masked(Opcode.ping, 'x'), hex('ffff'))
    expect(new FrameScanner('server', record).scan(around, 2, around.length - 2)).toBe(around.length - 2)
    expect(record.events).toEqual(['header 9 true 1', 'control 9 78'])
  })

  test('throws errors of the sink', () => {
    const scanner = new FrameScanner('server', {
      header: () => {
        throw new Error('out of order')
      },
      payload: () => false,
    })
    expect(() => scanner.scan(stream)).toThrow('out of order')
  })

  test('passes over a payload of 2^53 − 1 bytes without waiting for it', () => {
    const record = new Record()
    const scanner = new FrameScanner('client', record)
    scanner.scan(hex('82 7f 001fffffffffffff'))
    for (let i = 0; i < 100; i++) expect(scanner.scan(new Uint8Array(65_536))).toBe(65_536)
    expect(record.events).toEqual([`header 2 true ${2 ** 53 - 1}`])
  })
})
