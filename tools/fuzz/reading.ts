// RFC 6455 §5 to §8 once more, as naive as it can be: a stream of bytes that is there as a whole, read frame by frame. What the
// stack makes of a stream is compared with this. Knows no segment, no speed and no code of the stack.

/** One frame, or as much as there is of it. */
export interface ReadFrame {
  readonly fin: boolean
  readonly opcode: number
  readonly maskingKey: readonly number[] | undefined
  readonly payload: Uint8Array<ArrayBuffer>
  /** All of the payload is there. */
  readonly complete: boolean
  readonly payloadLength: bigint
  /** Where it begins and ends in the stream. */
  readonly start: number
  readonly end: number
}

/** Who reads: a server reads masked frames, a client unmasked ones. */
export type Reader = 'server' | 'client'

/** The frames of a stream up to an illegal header, and the code that answers it. */
export function readFrames(
  reader: Reader,
  bytes: Uint8Array,
): { readonly frames: readonly ReadFrame[]; readonly fault: number | undefined } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const frames: ReadFrame[] = []
  for (let start = 0; ; ) {
    if (bytes.length - start < 2) return { frames, fault: undefined }
    const first = view.getUint8(start)
    const second = view.getUint8(start + 1)
    const masked = second >= 0x80
    const short = second % 0x80
    const lengthSize = short === 126 ? 2 : short === 127 ? 8 : 0
    const headerSize = 2 + lengthSize + (masked ? 4 : 0)
    if (bytes.length - start < headerSize) return { frames, fault: undefined }
    const payloadLength =
      lengthSize === 8
        ? view.getBigUint64(start + 2)
        : BigInt(lengthSize === 2 ? view.getUint16(start + 2) : short)
    const fault = judge(reader, first, masked, lengthSize, payloadLength)
    if (fault !== undefined) return { frames, fault }
    const payloadStart = start + headerSize
    const available = BigInt(bytes.length - payloadStart)
    const complete = available >= payloadLength
    const end = payloadStart + Number(complete ? payloadLength : available)
    const payload = bytes.slice(payloadStart, end)
    const maskingKey = masked ? [...bytes.slice(payloadStart - 4, payloadStart)] : undefined
    if (maskingKey) for (let i = 0; i < payload.length; i++) payload[i]! ^= maskingKey[i % 4]!
    const { fin, opcode } = { fin: first >= 0x80, opcode: first % 16 }
    frames.push({ fin, opcode, maskingKey, payload, complete, payloadLength, start, end })
    if (!complete) return { frames, fault: undefined }
    start = end
  }
}

function judge(
  reader: Reader,
  first: number,
  masked: boolean,
  lengthSize: number,
  payloadLength: bigint,
): number | undefined {
  const opcode = first % 16
  if ((first & 0x70) !== 0) return 1002
  if ((opcode > 2 && opcode < 8) || opcode > 10) return 1002
  if (opcode >= 8 && (first < 0x80 || lengthSize > 0)) return 1002
  if (lengthSize === 2 && payloadLength < 126n) return 1002
  if (lengthSize === 8 && (payloadLength < 65_536n || payloadLength >= 2n ** 63n)) return 1002
  // Of a frame that is too long and masked the wrong way, the RFC does not say which comes first.
  if (payloadLength >= 2n ** 53n) return 1009
  if (masked !== (reader === 'server')) return 1002
  return undefined
}

/** What a stream tells its reader, in order; and how it ends, where it ends the connection. */
export interface Told {
  /** `text: …`, `binary: …`, `ping: …` and `pong: …`, the bytes of payload in hexadecimal. */
  readonly events: readonly string[]
  /** A Close of the peer's is clean; a fault is not. Undefined: more could come. */
  readonly end: { readonly code: number; readonly reason: string; readonly wasClean: boolean } | undefined
}

/** What is accepted of one message (RFC 6455 §10.4). */
export interface Accepted {
  readonly maxMessageSize: number
  readonly maxFragments: number
}

/** Reads messages out of a whole stream. */
export function readMessages(reader: Reader, bytes: Uint8Array, accepted: Accepted): Told {
  const { frames, fault } = readFrames(reader, bytes)
  const events: string[] = []
  const fail = (code: number): Told => ({ events, end: { code, reason: '', wasClean: false } })
  let message: { type: 'text' | 'binary'; payload: string; announced: bigint; fragments: number } | undefined
  for (const { opcode, fin, payload, complete, payloadLength } of frames) {
    if (opcode >= 8) {
      if (!complete) continue
      if (opcode === 8) return { events, end: readClose(payload) }
      events.push(`${opcode === 9 ? 'ping' : 'pong'}: ${toHex(payload)}`)
      continue
    }
    if ((opcode === 0) !== (message !== undefined)) return fail(1002)
    message ??= { type: opcode === 1 ? 'text' : 'binary', payload: '', announced: 0n, fragments: 0 }
    message.announced += payloadLength
    if (message.announced > accepted.maxMessageSize) return fail(1009)
    if (++message.fragments > accepted.maxFragments) return fail(1008)
    message.payload += Buffer.from(payload).toString('latin1')
    if (message.type === 'text' && !beginsUtf8(message.payload)) return fail(1007)
    if (!complete || !fin) continue
    if (message.type === 'text' && !isUtf8(message.payload)) return fail(1007)
    events.push(`${message.type}: ${Buffer.from(message.payload, 'latin1').toString('hex')}`)
    message = undefined
  }
  return fault === undefined ? { events, end: undefined } : fail(fault)
}

/** What the payload of a Close frame says, or the code that answers it. */
export function readClose(payload: Uint8Array): NonNullable<Told['end']> {
  if (payload.length === 0) return { code: 1005, reason: '', wasClean: true }
  const code = payload.length === 1 ? 0 : payload[0]! * 256 + payload[1]!
  const travels =
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999)
  if (!travels) return { code: 1002, reason: '', wasClean: false }
  const reason = Buffer.from(payload.subarray(2))
  if (!isUtf8(reason.toString('latin1'))) return { code: 1007, reason: '', wasClean: false }
  return { code, reason: reason.toString('utf8'), wasClean: true }
}

// The grammar of RFC 3629 §4, and what it leaves open at the end of a text that has not ended.
const UTF8 =
  /^(?:[\0-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})*/
const OPEN_END =
  /^(?:[\xc2-\xdf]|\xe0[\xa0-\xbf]?|[\xe1-\xec\xee\xef][\x80-\xbf]?|\xed[\x80-\x9f]?|\xf0(?:[\x90-\xbf][\x80-\xbf]?)?|[\xf1-\xf3][\x80-\xbf]{0,2}|\xf4(?:[\x80-\x8f][\x80-\xbf]?)?)?$/

/** Whether these bytes, a character each, are UTF-8. */
function isUtf8(bytes: string): boolean {
  return wholeCharacters(bytes) === bytes.length
}

/** Whether more bytes could make them UTF-8, or they are. */
function beginsUtf8(bytes: string): boolean {
  return OPEN_END.test(bytes.slice(wholeCharacters(bytes)))
}

/** How many bytes stand before the first that is part of no character. */
function wholeCharacters(bytes: string): number {
  return UTF8.exec(bytes)![0].length
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
}
