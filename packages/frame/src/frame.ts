// Frames as objects, for tests, captures and small programs. Fast code uses the decoder and
// `writeHeader` directly.

import { FrameDecoder, type FrameSink } from './decoder.ts'
import { createHeader, headerSize, minimalLengthSize, writeHeader } from './header.ts'
import { mask } from './mask.ts'
import type { Role } from './role.ts'

/** One frame. */
export interface Frame {
  /** 0–15; see `Opcode`. */
  readonly opcode: number
  /** Unmasked bytes. Default: empty. */
  readonly payload?: Uint8Array
  /** Set on the last (or only) frame of a message. Default: true. */
  readonly fin?: boolean
  /** The reserved bits: RSV1 is 4, RSV2 is 2, RSV3 is 1. Default: 0. */
  readonly rsv?: number
  /** An unsigned 32-bit number. A client's frames must have one. Default: not masked. */
  readonly maskingKey?: number
  /** Bytes of extended payload length. Default: the minimum, which is the only legal choice. */
  readonly lengthSize?: 0 | 2 | 8
  /** The length in the header. Default: the length of the payload. */
  readonly payloadLength?: number
}

/** A decoded frame: all fields are set, `maskingKey` only if the frame was masked. */
export type DecodedFrame = Required<Omit<Frame, 'maskingKey' | 'payload'>> &
  Pick<Frame, 'maskingKey'> & { readonly payload: Uint8Array<ArrayBuffer> }

/**
 * Encodes one frame exactly as given, even if it is illegal (see `validateHeader`), so that it can
 * be used to test a peer. The payload is copied. Throws a `RangeError` for a number that does not
 * fit in its field.
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
  // Stryker disable next-line ConditionalExpression: an unmasked frame has the key 0.
  if (header.masked) mask(bytes, size, bytes.length, header.maskingKey)
  return bytes
}

/**
 * Decodes a captured stream as an endpoint with this role would. `rest` is an incomplete frame at
 * its end. The capture is not changed. Throws a `ProtocolError` for an illegal frame.
 */
export function decodeFrames(
  role: Role,
  capture: Uint8Array,
): { frames: DecodedFrame[]; rest: Uint8Array<ArrayBuffer> } {
  const frames: DecodedFrame[] = []
  let finished = 0
  const sink: FrameSink = {
    payload(header, bytes, start, end, last) {
      if (last) {
        const { maskingKey, masked, ...fields } = header
        const frame = { ...fields, payload: new Uint8Array(bytes.subarray(start, end)) }
        frames.push(masked ? { ...frame, maskingKey } : frame)
        finished = end
      }
      return false
    },
  }
  new FrameDecoder(role, sink, 0b111).decode(new Uint8Array(capture))
  return { frames, rest: new Uint8Array(capture.subarray(finished)) }
}

function checkField(name: string, value: number, largest: number): number {
  if (!Number.isInteger(value) || value < 0 || value > largest) {
    throw new RangeError(`${name} must be an integer from 0 to ${largest}, not ${value}`)
  }
  return value
}
