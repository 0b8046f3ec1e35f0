// A frame as it was on the wire, and all that can be said about it.

import {
  createHeader,
  type FrameHeader,
  isControl,
  mask,
  Opcode,
  ProtocolError,
  readClosePayload,
  readHeader,
  validateHeader,
} from '@ws/frame'

/** Which side of the connection sent something. */
export type Side = 'client' | 'server'

/** A rule that a frame breaks. */
export interface Fault {
  readonly message: string
  /** `RFC 6455 §5.1`. */
  readonly section: string
}

/** One frame of a connection. */
export interface Frame {
  readonly from: Side
  readonly header: Readonly<FrameHeader>
  readonly headerSize: number
  /** The header and the recorded start of the payload, as on the wire. */
  readonly bytes: Uint8Array
  /** Bytes of payload that were received and not recorded. */
  readonly skipped: number
  /** Whether all of the frame was received. */
  readonly isComplete: boolean
  /** The opcode of the message: that of the first frame. */
  readonly messageOpcode: number
  /** Whether the message is compressed. */
  readonly isCompressed: boolean
  readonly fault: Fault | undefined
}

const OPCODE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(Opcode).map(([name, code]) => [code, name]),
)

/** `text`, `ping` …, or `reserved 3`. */
export function opcodeName(opcode: number): string {
  return OPCODE_NAMES.get(opcode) ?? `reserved ${opcode}`
}

/** The recorded payload, unmasked. */
export function payloadOf({ bytes, header, headerSize }: Frame): Uint8Array<ArrayBuffer> {
  const payload = Uint8Array.from(bytes.subarray(headerSize))
  if (header.masked) mask(payload, 0, payload.length, header.maskingKey)
  return payload
}

/** The four bytes of the masking key. */
export function keyBytes(maskingKey: number): readonly number[] {
  return [24, 16, 8, 0].map(shift => (maskingKey >>> shift) & 0xff)
}

/** The text of some bytes, or undefined if they are not UTF-8. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** What a frame means for those behind it: the rules about the order of frames (RFC 6455 §5.4). */
export class FrameSequence {
  readonly #from: Side
  /** RSV1, if permessage-deflate was negotiated. */
  readonly reservedBits: number
  /** The first frame of the message in progress. */
  #first: { readonly opcode: number; readonly isCompressed: boolean } | undefined
  #text: TextDecoder | undefined

  constructor(from: Side, reservedBits: number) {
    this.#from = from
    this.reservedBits = reservedBits
  }

  /** Adds a frame, as a stream has it. */
  add(
    header: Readonly<FrameHeader>,
    headerSize: number,
    bytes: Uint8Array,
    skipped: number,
    isComplete: boolean,
  ): Frame {
    const { opcode, rsv, fin } = header
    const isData = !isControl(opcode)
    const isContinuation = opcode === Opcode.continuation
    const previous = this.#first
    const own = { opcode, isCompressed: (rsv & this.reservedBits & 0b100) !== 0 }
    const message = isData && isContinuation ? (previous ?? own) : own
    const frame = {
      from: this.#from,
      header,
      headerSize,
      bytes,
      skipped,
      isComplete,
      messageOpcode: message.opcode,
      isCompressed: message.isCompressed,
      fault: undefined,
    }
    const fault = this.#findFault(frame, previous !== undefined)
    if (isData) this.#first = fin ? undefined : message
    return { ...frame, fault }
  }

  #findFault(frame: Frame, isInMessage: boolean): Fault | undefined {
    const { opcode } = frame.header
    try {
      // The receiver validates: a server receives masked frames, a client unmasked ones.
      validateHeader(frame.header, this.#from === 'client' ? 'server' : 'client', this.reservedBits)
      if (opcode === Opcode.close && frame.isComplete) readClosePayload(payloadOf(frame))
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      const section = error.section ?? 'RFC 6455'
      return { message: error.message.replace(` (${section})`, ''), section }
    }
    if (opcode === Opcode.continuation && !isInMessage)
      return { message: 'continuation frame without a message in progress', section: 'RFC 6455 §5.4' }
    if (isInMessage && (opcode === Opcode.text || opcode === Opcode.binary))
      return { message: 'new message inside a fragmented one', section: 'RFC 6455 §5.4' }
    return this.#isUtf8(frame) ? undefined : { message: 'text that is not UTF-8', section: 'RFC 6455 §8.1' }
  }

  /** Checks texts across their fragments. */
  #isUtf8(frame: Frame): boolean {
    const { opcode, fin } = frame.header
    const isText = !isControl(opcode) && frame.messageOpcode === Opcode.text && !frame.isCompressed
    if (!isText || frame.skipped > 0) return true
    if (opcode === Opcode.text) this.#text = new TextDecoder('utf-8', { fatal: true })
    try {
      this.#text?.decode(payloadOf(frame), { stream: !fin })
      return true
    } catch {
      this.#text = undefined
      return false
    }
  }
}

/** Takes a frame when it is complete, or when its stream has ended. */
export type OnFrame = (
  header: Readonly<FrameHeader>,
  headerSize: number,
  bytes: Uint8Array,
  skipped: number,
  isComplete: boolean,
) => void

/** Splits one direction of a connection into frames, legal or not. */
export class FrameSplitter {
  readonly #onFrame: OnFrame
  readonly #chunks: Uint8Array[] = []
  #length = 0
  #skipped = 0

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame
  }

  /** Adds the next bytes. */
  push(bytes: Uint8Array): void {
    this.#chunks.push(bytes)
    this.#length += bytes.length
    this.#split()
  }

  /** Adds bytes that were not recorded. */
  skip(count: number): void {
    this.#skipped += count
    this.#split()
  }

  /** The stream has ended, perhaps within a frame. */
  end(): void {
    if (this.#length === 0) return
    const bytes = this.#take()
    const header = createHeader()
    const size = readHeader(bytes, 0, bytes.length, header)
    if (size > 0) this.#onFrame(header, size, bytes, this.#skipped, false)
  }

  #split(): void {
    if (this.#length < this.#needed()) return
    const bytes = this.#take()
    let at = 0
    for (;;) {
      const header = createHeader()
      const size = readHeader(bytes, at, bytes.length, header)
      const end = at + size + header.payloadLength - this.#skipped
      if (size === 0 || end > bytes.length) break
      this.#onFrame(header, size, bytes.slice(at, end), this.#skipped, true)
      this.#skipped = 0
      at = end
    }
    if (at < bytes.length) {
      this.#chunks.push(bytes.subarray(at))
      this.#length = bytes.length - at
    }
  }

  /** Bytes of the first frame, if its header is complete: to join the chunks of a long one once. */
  #needed(): number {
    const [first] = this.#chunks
    const header = createHeader()
    const size = first === undefined ? 0 : readHeader(first, 0, first.length, header)
    return size === 0 ? 2 : size + header.payloadLength - this.#skipped
  }

  #take(): Uint8Array {
    const [first] = this.#chunks
    const all = this.#chunks.length === 1 && first !== undefined ? first : new Uint8Array(this.#length)
    let at = 0
    if (all !== first) {
      for (const chunk of this.#chunks) {
        all.set(chunk, at)
        at += chunk.length
      }
    }
    this.#chunks.length = 0
    this.#length = 0
    return all
  }
}
