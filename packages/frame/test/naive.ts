// A naive decoder written from the text of RFC 6455, to compare with. It reports that a stream is
// invalid, but not why.

import { Opcode, type Role, readClosePayload } from '../src/index.ts'
import type { FrameEvent } from './run.ts'

/**
 * The frames of the stream, the last of which may be incomplete, and whether it is invalid.
 */
export function decodeNaively(
  role: Role,
  reservedBits: number,
  bytes: Uint8Array,
): { frames: FrameEvent[]; fails: boolean } {
  const frames: FrameEvent[] = []
  let at = 0
  for (;;) {
    const rest = bytes.subarray(at)
    const header = readNaively(rest)
    if (header === undefined) return { frames, fails: false }
    if (!isLegal(header, role, reservedBits)) return { frames, fails: true }

    const { fin, rsv, opcode, size, length, key } = header
    const available = rest.subarray(size)
    const whole = BigInt(available.length) >= length
    // Control frames are passed on whole.
    const arrived = whole ? Number(length) : opcode >= 8 ? 0 : available.length
    const octets = Array.from(available.subarray(0, arrived), (octet, i) => octet ^ (key[i % 4] ?? 0))
    const frame = { fin, rsv, opcode, payload: Buffer.from(octets).toString('hex'), whole }
    if (!whole) return { frames: [...frames, frame], fails: false }
    at += size + arrived
    if (opcode !== Opcode.close) {
      frames.push(frame)
      continue
    }
    try {
      frames.push({ ...frame, close: readClosePayload(Uint8Array.from(octets)) })
    } catch {
      return { frames: [...frames, frame], fails: true }
    }
  }
}

interface NaiveHeader {
  readonly fin: boolean
  readonly rsv: number
  readonly opcode: number
  readonly masked: boolean
  readonly key: readonly number[]
  readonly length: bigint
  readonly size: number
}

/** The header as a string of bits, as in the figure of §5.2. */
function readNaively(bytes: Uint8Array): NaiveHeader | undefined {
  const bits = Array.from(bytes.subarray(0, 14), byte => byte.toString(2).padStart(8, '0')).join('')
  let at = 0
  const take = (count: number) => {
    const field = bits.slice(at, at + count)
    at += count
    return BigInt(`0b0${field}`)
  }
  const fin = take(1) === 1n
  const rsv = Number(take(3))
  const opcode = Number(take(4))
  const masked = take(1) === 1n
  const short = take(7)
  const length = short === 127n ? take(64) : short === 126n ? take(16) : short
  const key = masked ? [take(8), take(8), take(8), take(8)].map(Number) : []
  return at > bits.length ? undefined : { fin, rsv, opcode, masked, key, length, size: at / 8 }
}

function isLegal(
  { fin, rsv, opcode, masked, length, size }: NaiveHeader,
  role: Role,
  reservedBits: number,
): boolean {
  const lengthSize = size - (masked ? 6 : 2)
  const fewest = length < 126n ? 0 : length < 65_536n ? 2 : 8
  return (
    masked === (role === 'server') &&
    [0, 1, 2, 8, 9, 10].includes(opcode) &&
    [0, reservedBits].includes(rsv) &&
    lengthSize === fewest &&
    length < 2n ** 53n &&
    (opcode < 8 || (fin && length <= 125n))
  )
}
