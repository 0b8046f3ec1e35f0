// The messages of a `rounds` step. Messages repeat after a few rounds and in other cases, so their
// compressed forms are kept: those that were sent, and those that were received and found right.

import { createData, type DataSource, type RoundsStep } from '@ws/conformance-cases'
import { bytesOf } from './bytes.ts'
import type { DeflateCodec } from './deflate-codec.ts'

/** A message to send. */
export interface RoundMessage {
  readonly op: 1 | 2
  readonly content: Uint8Array
  /** The compressed form. */
  readonly raw: Uint8Array
  readonly compressed: boolean
  /** Octets of each frame; null: one frame. */
  readonly fragment: number | null
  /** Names this message, its history and the parameters; undefined if it is not kept. */
  readonly key?: string
}

/** A map that forgets everything when it holds too many octets. */
class OctetCache {
  readonly #most: number
  readonly #entries = new Map<string, Uint8Array>()
  #octets = 0

  constructor(most: number) {
    this.#most = most
  }

  get(key: string): Uint8Array | undefined {
    return this.#entries.get(key)
  }

  set(key: string, octets: Uint8Array): void {
    if (this.#octets + octets.length > this.#most) {
      this.#entries.clear()
      this.#octets = 0
    }
    this.#octets += octets.length - (this.#entries.get(key)?.length ?? 0)
    this.#entries.set(key, octets)
  }
}

const MOST_KEPT = 128 * 2 ** 20
const compressedForms = new OctetCache(MOST_KEPT)
const verifiedForms = new OctetCache(MOST_KEPT)

const texts = new Map<DataSource, string>()

/** The source in units of its messages: UTF-16 units, which are code points here, or octets. */
function textOf(source: DataSource): string {
  const known = texts.get(source) ?? Buffer.from(createData(source)).toString()
  texts.set(source, known)
  return known
}

/** The messages of one step on one connection. */
export class Rounds {
  readonly #step: RoundsStep['rounds']
  readonly #codec: DeflateCodec | undefined
  /** Whether every message received so far was compressed, so that the history is known. */
  #uniform = true
  #round = 0

  constructor(step: RoundsStep['rounds'], codec: DeflateCodec | undefined) {
    this.#step = step
    this.#codec = codec
  }

  /** The next message, or undefined after the last. */
  next(): RoundMessage | undefined {
    const step = this.#step
    if (this.#round >= step.count) return undefined
    const round = this.#round++
    if (!('compressed' in step)) {
      const content = bytesOf(step.payload)
      return { op: step.op, content, raw: content, compressed: false, fragment: null }
    }
    const { source, length, unit } = step.data
    const text = unit === 'codepoint' ? textOf(source) : undefined
    const data = createData(source)
    const size = text?.length ?? data.length
    const start = (round * length) % size
    const content =
      text === undefined ? cutOctets(data, start, length) : Buffer.from(cutText(text, start, length))
    const codec = this.#codec!
    const { sending } = codec.agreement
    // With context takeover, a message depends on the 32 KiB before it: all that was sent so far,
    // or the same octets whenever the position is the same.
    const sent = round * length
    const history = sending.contextTakeover ? Math.min(sent, 32 * 1024) : 0
    const place = `${source} ${length} ${start} ${history} ${sending.windowBits}`
    const key = `${place} ${JSON.stringify(codec.agreement.receiving)}`
    let raw = compressedForms.get(place)
    if (raw === undefined) {
      raw = codec.compress(content)
      compressedForms.set(place, raw)
    } else {
      codec.skipCompress(content)
    }
    return { op: step.op, content, raw, compressed: true, fragment: step.fragment, key }
  }

  /** Whether the octets are a form of this message that was decompressed and compared before. */
  isVerified({ key, content }: RoundMessage, raw: Uint8Array): boolean {
    const codec = this.#codec!
    if (key === undefined || (codec.agreement.receiving.contextTakeover && !this.#uniform)) return false
    const verified = verifiedForms.get(key)
    if (verified === undefined || Buffer.compare(verified, raw) !== 0) return false
    codec.skipDecompress(content)
    return true
  }

  /** Records that these octets are a form of this message. */
  verify({ key }: RoundMessage, raw: Uint8Array): void {
    if (key !== undefined && this.#uniform) verifiedForms.set(key, Buffer.from(raw))
  }

  /** Records that the peer sent a message without compressing it. */
  receivedPlain(): void {
    this.#uniform = false
  }
}

function cutText(text: string, start: number, length: number): string {
  const end = start + length
  return end <= text.length ? text.slice(start, end) : text.slice(start) + text.slice(0, end - text.length)
}

function cutOctets(data: Uint8Array, start: number, length: number): Uint8Array {
  const end = start + length
  if (end <= data.length) return data.subarray(start, end)
  return Buffer.concat([data.subarray(start), data.subarray(0, end - data.length)])
}
