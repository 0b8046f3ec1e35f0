// An extension for tests: it turns the bits of every message (a XOR with one byte), under RSV1. It works at once or later, and
// puts out what it makes in several pieces, the last of them empty.

import type { Extension, MessageTransform, MessageType, SendOptions, Transformation } from '../src/index.ts'

const XOR = 0x5a
export const RSV1 = 0b100

/** What a peer's XOR extension would put on the wire, or take from it. */
export function turn(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes, byte => byte ^ XOR)
}

/** Settings of the extension. */
export interface XorOptions {
  /** `later` settles each piece by a promise, `jobs` when the test says so. */
  readonly mode?: 'at once' | 'later' | 'jobs'
  /** Thrown (or what is rejected with) for a piece with this many bytes or more. */
  readonly faultFrom?: number
  readonly fault?: () => unknown
  /** What a shared message is transformed under, once. */
  readonly key?: string
  /** Leaves messages as they are where that may be, after it has pushed something. */
  readonly asIs?: boolean
}

/** The extension, and what was done with it. */
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
  /** What waits in mode `jobs`: call it to settle. */
  readonly jobs: (() => void)[] = []
  /** The room that was left before each push. */
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
