// An extension for tests that XORs messages with one byte, under RSV1, at once or later. Its output
// is in several pieces, the last of which is empty.

import type { Extension, MessageTransform, MessageType, SendOptions, Transformation } from '../src/index.ts'

const XOR = 0x5a
export const RSV1 = 0b100

/** The bytes after the transformation, in either direction. */
export function turn(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes, byte => byte ^ XOR)
}

/** Settings of the extension. */
export interface XorOptions {
  /** `later` settles each piece by a promise, `jobs` when the test calls it. */
  readonly mode?: 'at once' | 'later' | 'jobs'
  /** Pieces of this many bytes or more throw `fault`. */
  readonly faultFrom?: number
  readonly fault?: () => unknown
  /** The key of shared messages. */
  readonly key?: string
  /** Sends whole messages untransformed, after pushing bytes. */
  readonly asIs?: boolean
}

/** The extension, with a record of its calls. */
export class XorExtension implements Extension {
  readonly name = 'xor'
  readonly reservedBits: number = RSV1
  /** Calls of `close`. */
  closed = 0
  /** Calls of anything after `close`. */
  late = 0
  readonly begun: { type: MessageType; size: number | undefined; options: SendOptions }[] = []
  /** Pieces that were transformed. */
  pieces = 0
  /** Pending work in mode `jobs`: call it to settle. */
  readonly jobs: (() => void)[] = []
  /** The room before each push. */
  readonly rooms: number[] = []
  readonly #options: XorOptions

  constructor(options: XorOptions = {}) {
    this.#options = options
  }

  receiving(): MessageTransform {
    return this.#begin()
  }

  sending(
    type: MessageType,
    size: number | undefined,
    options: SendOptions,
    shared: boolean,
  ): Transformation | undefined {
    this.begun.push({ type, size, options })
    const transform = this.#begin()
    const { key } = this.#options
    if (options.compress === false) return undefined
    return shared && key !== undefined ? { bits: RSV1, transform, key } : { bits: RSV1, transform }
  }

  close(): void {
    this.closed++
  }

  #begin(): MessageTransform {
    if (this.closed > 0) this.late++
    return {
      write: (piece, _last, output) => {
        if (this.closed > 0) this.late++
        this.pieces++
        const work = () => {
          const { fault, faultFrom = 0 } = this.#options
          if (fault !== undefined && piece.length >= faultFrom) throw fault()
          const turned = turn(piece)
          const third = Math.ceil(turned.length / 3)
          for (let at = 0; at < turned.length; at += third) {
            this.rooms.push(output.room)
            output.push(turned.subarray(at, at + third))
          }
          output.push(new Uint8Array(0))
          if (this.#options.asIs) output.sendAsIs?.()
        }
        return this.#schedule(work)
      },
    }
  }

  #schedule(work: () => void): void | Promise<void> {
    const { mode = 'at once' } = this.#options
    if (mode === 'at once') return work()
    if (mode === 'later') return Promise.resolve().then(work)
    return new Promise<void>(resolve => this.jobs.push(resolve)).then(work)
  }
}
