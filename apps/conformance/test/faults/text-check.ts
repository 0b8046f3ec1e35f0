import { isUtf8 } from 'node:buffer'
import type { Fault } from './faults.ts'

/** Octets that a faulty check takes for valid, as latin1 text. */
const TOLERATED: Partial<Record<Fault, RegExp>> = {
  'surrogates in texts': /\xed[\xa0-\xbf][\x80-\xbf]/g,
  'overlong sequences in texts':
    /[\xc0\xc1][\x80-\xbf]|\xe0[\x80-\x9f][\x80-\xbf]|\xf0[\x80-\x8f][\x80-\xbf]{2}/g,
  'characters beyond U+10FFFF': /\xf4[\x90-\xbf][\x80-\xbf]{2}|[\xf5-\xf7][\x80-\xbf]{3}/g,
}

/** Checks one text, by reading it from the start for each piece. */
export class TextCheck {
  readonly #fault: Fault | undefined
  #octets: Buffer = Buffer.alloc(0)

  constructor(fault: Fault | undefined) {
    this.#fault = fault
  }

  /** False if the text is not UTF-8, or cannot become it. */
  push(piece: Uint8Array, endOfFrame: boolean, endOfMessage: boolean): boolean {
    if (this.#fault === 'any text') return true
    this.#octets = Buffer.concat([this.#octets, piece])
    if (this.#fault === 'each fragment is a text') return !endOfFrame || this.#take()
    const tolerated = this.#fault && TOLERATED[this.#fault]
    if (endOfMessage) return isText(tolerate(this.#octets, tolerated))
    if (this.#fault === 'texts are checked at their end') return true
    // What a tolerant check accepts may be incomplete: it is looked at when the text ends.
    return tolerated !== undefined || canBecomeText(this.#octets)
  }

  #take(): boolean {
    const octets = this.#octets
    this.#octets = Buffer.alloc(0)
    return isText(octets)
  }
}

function tolerate(octets: Buffer, expression: RegExp | undefined): Buffer {
  if (expression === undefined) return octets
  return Buffer.from(octets.toString('latin1').replaceAll(expression, '?'), 'latin1')
}

function isText(octets: Uint8Array): boolean {
  return isUtf8(octets)
}

const COMPLETIONS = ['', '80', '8080', '808080', 'bf', 'bfbf', 'bfbfbf', 'a080', '9fbf'].map(digits =>
  Buffer.from(digits, 'hex'),
)

/** Whether some continuation makes the octets a text. */
function canBecomeText(octets: Buffer): boolean {
  // All but the last character were right when they were checked before.
  const end = octets.subarray(Math.max(0, octets.length - 8))
  const start = end.findIndex(octet => (octet & 0xc0) !== 0x80)
  const tail = octets.length <= 8 ? end : end.subarray(Math.max(0, start))
  return COMPLETIONS.some(completion => isUtf8(Buffer.concat([tail, completion])))
}
