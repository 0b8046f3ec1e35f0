// Everything that happened on a connection, in order, in the form of the report files.

import type { FrameHeader } from '@ws/frame'

/** `[number of octets, their start as text or hexadecimal]`. */
export type Excerpt = readonly [length: number, text: string]

/** One entry. The first element is its kind; times are in seconds. */
export type WireEntry =
  | readonly ['TO', octets: Excerpt, sync: boolean]
  | readonly ['RO', octets: Excerpt]
  | readonly [
      'TF',
      payload: Excerpt,
      op: number,
      fin: boolean,
      rsv: number,
      mask: string | null,
      repeat: number | null,
      chop: number | null,
      sync: boolean,
    ]
  | readonly [
      'RF',
      payload: Excerpt,
      op: number,
      fin: boolean,
      rsv: number,
      masked: boolean,
      mask: string | null,
    ]
  | readonly ['KL' | 'TI', seconds: number]
  | readonly ['KLE' | 'TIE']
  | readonly ['CT', seconds: number, label: string | null]
  | readonly ['CTE', label: string | null]
  | readonly ['WLM', on: boolean]

const LONGEST = 60
const SHOWN = 64

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Octets as text, or in hexadecimal if they are not UTF-8. Long ones are cut. */
export function excerptText(octets: Uint8Array): Excerpt {
  const start = octets.length > LONGEST ? octets.subarray(0, SHOWN) : octets
  const more = octets.length > LONGEST ? ' ...' : ''
  return [octets.length, `${readText(start, octets.length > LONGEST)}${more}`]
}

/** Octets in hexadecimal. Long ones are cut. */
function excerptHex(octets: Uint8Array): Excerpt {
  if (octets.length <= LONGEST) return [octets.length, Buffer.from(octets).toString('hex')]
  return [octets.length, `${Buffer.from(octets.subarray(0, SHOWN)).toString('hex')} ...`]
}

/** A cut may be inside a character: up to three octets are left out to find its start. */
function readText(octets: Uint8Array, cut: boolean): string {
  for (let missing = 0; missing <= (cut ? 3 : 0); missing++) {
    try {
      return utf8.decode(octets.subarray(0, octets.length - missing))
    } catch {}
  }
  return `0x${Buffer.from(octets).toString('hex')}`
}

/** Collects entries while it is on, and counts octets and frames always. */
export class WireLog {
  readonly entries: WireEntry[] = []
  readonly rxOctets: Record<string, number> = {}
  readonly txOctets: Record<string, number> = {}
  readonly rxFrames: Record<string, number> = {}
  readonly txFrames: Record<string, number> = {}
  readonly #listener: ((entry: WireEntry) => void) | undefined
  #on = true

  /** `listener` gets each entry when it is made. */
  constructor(listener?: (entry: WireEntry) => void) {
    this.#listener = listener
  }

  add(entry: WireEntry): void {
    if (!this.#on) return
    this.entries.push(entry)
    this.#listener?.(entry)
  }

  /** Stops or continues the log, for phases with much data. */
  turn(on: boolean): void {
    if (on === this.#on) return
    this.#on = true
    this.add(['WLM', on])
    this.#on = on
  }

  written(octets: Uint8Array, sync: boolean): void {
    count(this.txOctets, octets.length)
    if (this.#on) this.add(['TO', excerptHex(octets), sync])
  }

  read(octets: Uint8Array): void {
    count(this.rxOctets, octets.length)
    if (this.#on) this.add(['RO', excerptHex(octets)])
  }

  frameSent(
    header: Readonly<FrameHeader>,
    payload: Uint8Array,
    writing: { readonly chop?: number; readonly sync?: true },
  ): void {
    count(this.txFrames, header.opcode)
    if (!this.#on) return
    const mask = header.masked ? formatKey(header.maskingKey) : null
    const { chop = null, sync = false } = writing
    this.add(['TF', excerptText(payload), header.opcode, header.fin, header.rsv, mask, null, chop, sync])
  }

  frameReceived(header: Readonly<FrameHeader>, payload: Uint8Array): void {
    count(this.rxFrames, header.opcode)
    if (!this.#on) return
    const { opcode, fin, rsv, masked, maskingKey } = header
    const mask = masked ? formatKey(maskingKey) : null
    this.add(['RF', excerptText(payload), opcode, fin, rsv, masked, mask])
  }
}

function formatKey(key: number): string {
  return key.toString(16).padStart(8, '0')
}

function count(counts: Record<string, number>, key: number): void {
  counts[key] = (counts[key] ?? 0) + 1
}
