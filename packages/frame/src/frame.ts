// Frames as objects, for tests, captures and small programs. A connection that has to be fast uses the decoder and
// `writeHeader` directly.

import { FrameDecoder, type FrameSink } from './decoder.ts'
import { createHeader, headerSize, minimalLengthSize, writeHeader } from './header.ts'
import { mask } from './mask.ts'
import type { Role } from './role.ts'

/** One frame. */
export interface Frame {
  /** 0–15; `Opcode` names those that are defined. */
  readonly opcode: number
  /** Unmasked bytes; empty when left out. */
  readonly payload?: Uint8Array
  /** Set on the last (or only) frame of a message; true when left out. */
  readonly fin?: boolean
  /** The reserved bits: RSV1 is 4, RSV2 is 2, RSV3 is 1; 0 when left out. */
  readonly rsv?: number
  /** An unsigned 32-bit number: the frame is masked with it, as a client's must be. Unmasked when left out. */
  readonly maskingKey?: number
  /** Bytes of extended length; the fewest that will do when left out. A longer form than needed is illegal. */
  readonly lengthSize?: 0 | 2 | 8
  /** What the header claims; the payload's own length when left out. */
  readonly payloadLength?: number
}

/** A frame as it was read: every field is there, `maskingKey` only if the frame was masked. */
export type DecodedFrame = Required<Omit<Frame, 'maskingKey'>> & Pick<Frame, 'maskingKey'>

/**
 * The bytes of one frame, exactly as told: an illegal frame too, for those who test a peer. (`validateHeader` tells what is
 * legal.) The payload is copied, never masked in place. Throws a `RangeError` for a number that its field cannot hold.
 */
export function encodeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  const payload = frame.payload ?? new Uint8Array(0)
  const header = createHeader(checkField('opcode', frame.opcode, 0xf))
  header.fin = frame.fin ?? true
  header.rsv = checkField('rsv', frame.rsv ?? 0, 0b111)
  header.masked = frame.maskingKey !== undefined
  header.maskingKey = checkField('maskingKey', frame.maskingKey ?? 0, 0xffff_ffff)
  header.lengthSize = frame.lengthSize ?? minimalLengthSize(frame.payloadLength ?? payload.length)
  const longest = header.lengthSize === 0 ? 125 : header.lengthSize === 2 ? 0xffff : 2 ** 64 - 2 ** 11
  header.payloadLength = checkField('payloadLength', frame.payloadLength ?? payload.length, longest)

  const size = headerSize(header)
  const bytes = new Uint8Array(size + payload.length)
  writeHeader(bytes, 0, header)
  bytes.set(payload, size)
  if (header.masked) mask(bytes, size, bytes.length, header.maskingKey)
  return bytes
}

/**
 * The frames in a captured stream as the end of that role would read them, and the bytes of an unfinished frame behind them.
 * The capture is left as it is. Throws a `ProtocolError` for an illegal frame.
 */
export function decodeFrames(role: Role, capture: Uint8Array): { frames: DecodedFrame[]; rest: Uint8Array } {
  const frames: DecodedFrame[] = []
  let finished = 0
  const sink: FrameSink = {
    payload(header, bytes, start, end, last) {
      if (!last) return
      const { maskingKey, masked, ...fields } = header
      const frame = { ...fields, payload: bytes.slice(start, end) }
      frames.push(masked ? { ...frame, maskingKey } : frame)
      finished = end
    },
  }
  new FrameDecoder(role, sink, 0b111).decode(capture.slice())
  return { frames, rest: capture.slice(finished) }
}

function checkField(name: string, value: number, largest: number): number {
  if (!Number.isInteger(value) || value < 0 || value > largest) {
    throw new RangeError(`${name} must be a whole number from 0 to ${largest}, not ${value}`)
  }
  return value
}
