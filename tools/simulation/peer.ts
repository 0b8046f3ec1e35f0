// The other side of one connection: sends frames, legal and not, keeps account of which messages its bytes make, and reads what comes
// back as a client would. Knows no transport.

import { Buffer } from 'node:buffer'
import { type DecodedFrame, decodeFrames, encodeFrame, Opcode, writeClosePayload } from '@ws/frame'
import { headLength, utf8 } from '@ws/testing'

/** What a peer can send. */
export type Sent =
  | 'text'
  | 'binary'
  | 'first fragment'
  | 'next fragment'
  | 'last fragment'
  | 'ping'
  | 'pong'
  | 'close'
  | 'empty close'
  | Illegal

/** What it may not. */
export type Illegal = 'unmasked' | 'reserved opcode' | 'reserved bit' | 'bad UTF-8' | 'too big' | 'bad close'

export const SENT: readonly Sent[] = [
  'text',
  'binary',
  'first fragment',
  'next fragment',
  'last fragment',
  'ping',
  'pong',
]

export const ILLEGAL: readonly Sent[] = [
  'unmasked',
  'reserved opcode',
  'reserved bit',
  'bad UTF-8',
  'too big',
  'bad close',
]

const MASKING_KEY = 0x0a1b2c3d

/** More than any server takes, whole or in pieces. */
const TOO_BIG = 2 ** 40
/** The largest message that the server under test takes whole. */
export const MAX_MESSAGE_SIZE = 4096

/** One peer. */
export class Peer {
  /** The messages that its bytes make, binary ones as latin1, up to a Close or to what is illegal. */
  readonly messages: string[] = []
  /** The messages that it has read. */
  readonly received: string[] = []
  /** The code of the Close that it has read; 1005 for one without. */
  closeCode: number | undefined
  /** What the server may not have sent. */
  fault: string | undefined
  /** The response's status, when it has read that. */
  status: string | undefined
  /** It has sent what is illegal, or a Close: what comes after counts for nothing. */
  silenced: 'no' | 'close' | 'illegal' = 'no'
  /** Of what it has received, how much has been looked at, and how many of `send`'s messages were there. */
  checked = 0
  checkedSends = 0
  /** Bytes of frames that it has read. */
  bytesRead = 0
  #sent = 0
  #unread: Uint8Array = new Uint8Array(0)
  #began: string | undefined
  #arriving: Uint8Array[] | undefined
  readonly #pings: Uint8Array[] = []
  readonly #maxMessageSize: number

  /** `maxMessageSize` is what the server takes of this one. */
  constructor(maxMessageSize: number) {
    this.#maxMessageSize = maxMessageSize
  }

  // ── to the server ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The bytes of that, with as many of payload; what would be out of order comes as what is not. */
  send(what: Sent, size: number): Uint8Array {
    switch (what) {
      case 'text':
      case 'binary':
        return this.#began === undefined ? this.#whole(what, size) : this.#fragment(size, true)
      case 'first fragment':
      case 'next fragment':
        return this.#fragment(size, false)
      case 'last fragment':
        return this.#fragment(size, true)
      case 'ping':
      case 'pong':
        return frame(Opcode[what], utf8('p'.repeat(size % 126)))
      case 'close':
        this.#silence('close')
        return frame(Opcode.close, writeClosePayload(size % 2 === 0 ? 1000 : 4321, 'bye'))
      case 'empty close':
        this.#silence('close')
        return frame(Opcode.close, writeClosePayload())
      default:
        return this.#illegal(what)
    }
  }

  /** The pongs to all pings that it has read. */
  answerPings(): Uint8Array {
    return Buffer.concat(this.#pings.splice(0).map(payload => frame(Opcode.pong, payload)))
  }

  #whole(what: 'text' | 'binary', size: number): Uint8Array {
    const message = this.#next(size)
    this.#told(message)
    return frame(Opcode[what], utf8(message))
  }

  #fragment(size: number, fin: boolean): Uint8Array {
    const opcode = this.#began === undefined ? Opcode.text : Opcode.continuation
    const piece = this.#began === undefined ? this.#next(size % 1000) : 'f'.repeat(size % 1000)
    const message = (this.#began ?? '') + piece
    if (message.length > this.#maxMessageSize) this.#silence('illegal')
    this.#began = fin ? undefined : message
    if (fin) this.#told(message)
    return frame(opcode, utf8(piece), fin)
  }

  #illegal(what: Illegal): Uint8Array {
    this.#silence('illegal')
    const payload = utf8('illegal')
    const maskingKey = MASKING_KEY
    if (what === 'unmasked') return encodeFrame({ opcode: Opcode.text, payload })
    if (what === 'reserved opcode') return encodeFrame({ opcode: 3, payload, maskingKey })
    if (what === 'reserved bit') return encodeFrame({ opcode: Opcode.text, rsv: 2, payload, maskingKey })
    if (what === 'bad close') return frame(Opcode.close, Uint8Array.of(0x03, 0xed))
    if (what === 'too big') return encodeFrame({ opcode: Opcode.binary, payloadLength: TOO_BIG, maskingKey })
    const opcode = this.#began === undefined ? Opcode.text : Opcode.continuation
    return frame(opcode, Uint8Array.of(0xc0, 0xaf))
  }

  #next(size: number): string {
    return `m${this.#sent++}:${'m'.repeat(size)}`
  }

  #told(message: string): void {
    if (this.silenced === 'no') this.messages.push(message)
  }

  #silence(why: 'close' | 'illegal'): void {
    if (this.silenced === 'no') this.silenced = why
  }

  // ── from the server ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Reads what the server sent. */
  receive(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#unread = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes])
    if (this.status === undefined && !this.#readHead()) return
    if (this.status !== '101') return
    try {
      const { frames, rest } = decodeFrames('client', this.#unread)
      this.bytesRead += this.#unread.length - rest.length
      this.#unread = rest
      for (const frame of frames) this.#read(frame)
    } catch (error) {
      this.fault ??= `the server sent an illegal frame: ${(error as Error).message}`
    }
  }

  #readHead(): boolean {
    const length = headLength(this.#unread)
    if (length === 0) return false
    this.status = Buffer.from(this.#unread.subarray(9, 12)).toString('latin1')
    this.#unread = this.#unread.subarray(length)
    return true
  }

  #read({ opcode, fin, payload }: DecodedFrame): void {
    if (this.closeCode !== undefined) this.fault ??= 'the server sent a frame after its Close'
    if (opcode === Opcode.ping) this.#pings.push(payload)
    else if (opcode === Opcode.close)
      this.closeCode = payload.length < 2 ? 1005 : payload[0]! * 256 + payload[1]!
    else if (opcode !== Opcode.pong) this.#readMessage(opcode, fin, payload)
  }

  #readMessage(opcode: number, fin: boolean, payload: Uint8Array): void {
    const begins = opcode !== Opcode.continuation
    if (begins !== (this.#arriving === undefined)) this.fault ??= 'the server mixed up its fragments'
    this.#arriving ??= []
    this.#arriving.push(payload)
    if (!fin) return
    this.received.push(Buffer.concat(this.#arriving).toString('latin1'))
    this.#arriving = undefined
  }
}

function frame(opcode: number, payload: Uint8Array, fin = true): Uint8Array {
  return encodeFrame({ opcode, payload, fin, maskingKey: MASKING_KEY })
}
