// Reads the peer's frames and puts messages together (RFC 6455 §5.4, RFC 7692 §7.2.2).

import { isUtf8 } from 'node:buffer'
import { FrameDecoder, type FrameHeader, isControl, Opcode, type Role } from '@ws/frame'
import type { DeflateCodec } from './deflate-codec.ts'
import { PeerFault } from './fault.ts'
import type { WireLog } from './wire-log.ts'

const RSV1 = 0b100
/** Octets of the longest message that the tester takes. The longest of a case has 16 MiB. */
const LONGEST = 64 * 2 ** 20

/** A message of the peer. */
export interface ReceivedMessage {
  readonly op: 1 | 2
  /** As received, before decompression. */
  readonly raw: Uint8Array
  readonly compressed: boolean
}

export interface ReaderSink {
  message(message: ReceivedMessage): void
  control(op: number, payload: Uint8Array): void
  /** A masking key, for each frame that has one. */
  maskingKey?(key: number): void
}

/** One direction of a connection. `receive` throws for an invalid frame. */
export class MessageReader {
  readonly #decoder: FrameDecoder
  readonly #sink: ReaderSink
  readonly #log: WireLog
  readonly #compressible: boolean
  #frame: Uint8Array[] = []
  #message: Uint8Array[] = []
  /** Octets of the current message, as its headers claim. */
  #length = 0
  #op: 1 | 2 | undefined
  #compressed = false

  constructor(role: Role, sink: ReaderSink, log: WireLog, codec: DeflateCodec | undefined) {
    this.#sink = sink
    this.#log = log
    this.#compressible = codec !== undefined
    this.#decoder = new FrameDecoder(
      role,
      {
        header: header => this.#start(header),
        payload: (header, bytes, start, end, last) => {
          // The decoder lends its bytes, and unmasks them in place.
          this.#frame.push(bytes.subarray(start, end))
          if (last) this.#end(header)
          return false
        },
      },
      this.#compressible ? RSV1 : 0,
    )
  }

  receive(octets: Uint8Array): void {
    this.#decoder.decode(octets)
  }

  #start({ opcode, rsv, masked, maskingKey, payloadLength }: Readonly<FrameHeader>): void {
    if (masked) this.#sink.maskingKey?.(maskingKey)
    if (isControl(opcode)) {
      if (rsv !== 0) throw new PeerFault('RSV1 on a control frame (RFC 7692 §6.1)', 1002)
    } else if (opcode === Opcode.continuation) {
      if (this.#op === undefined)
        throw new PeerFault('continuation frame without a message (RFC 6455 §5.4)', 1002)
      if (rsv !== 0) throw new PeerFault('RSV1 on a continuation frame (RFC 7692 §6.1)', 1002)
    } else {
      if (this.#op !== undefined)
        throw new PeerFault('message inside of a fragmented message (RFC 6455 §5.4)', 1002)
      this.#op = opcode as 1 | 2
      this.#compressed = rsv !== 0
      this.#length = 0
    }
    if (!isControl(opcode)) this.#length += payloadLength
    if (this.#length > LONGEST) throw new PeerFault('message longer than 64 MiB (RFC 6455 §10.4)', 1009)
  }

  #end(header: Readonly<FrameHeader>): void {
    const payload = this.#frame.length === 1 ? this.#frame[0]! : Buffer.concat(this.#frame)
    this.#frame = []
    this.#log.frameReceived(header, payload)
    if (isControl(header.opcode)) this.#sink.control(header.opcode, payload)
    else this.#join(header, payload)
  }

  #join(header: Readonly<FrameHeader>, payload: Uint8Array): void {
    this.#message.push(payload)
    if (!header.fin) return
    const raw = this.#message.length === 1 ? payload : Buffer.concat(this.#message)
    const [op, compressed] = [this.#op!, this.#compressed]
    this.#message = []
    this.#op = undefined
    this.#sink.message({ op, raw, compressed })
  }
}

/** The content of a message. Throws a `PeerFault` for invalid DEFLATE data. */
export function contentOf(message: ReceivedMessage, codec: DeflateCodec | undefined): Uint8Array {
  if (!message.compressed) return message.raw
  try {
    return codec!.decompress(message.raw)
  } catch (error) {
    throw new PeerFault(`not valid DEFLATE data: ${(error as Error).message} (RFC 7692 §7.2.2)`, 1007)
  }
}

/** Throws a `PeerFault` for a text that is not UTF-8. */
export function checkText(op: 1 | 2, content: Uint8Array): void {
  if (op === Opcode.text && !isUtf8(content))
    throw new PeerFault('text that is not UTF-8 (RFC 6455 §8.1)', 1007)
}
