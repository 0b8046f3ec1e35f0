// Runs a decoder on segments and records frames in a form that does not depend on the segmentation.

import { concat } from '@ws/testing'
import {
  FrameDecoder,
  type FrameHeader,
  type FrameSink,
  Opcode,
  ProtocolError,
  type Role,
  readClosePayload,
} from '../src/index.ts'
import type { ExpectedFrame } from './vectors.ts'

/**
 * One frame. The payload is in hexadecimal, because comparing strings is faster than arrays.
 */
export type FrameEvent = Omit<ExpectedFrame, 'payload'> & { readonly payload: string }

/** The result for a stream: frames in order, then the error that ended it. */
export interface Outcome {
  readonly frames: readonly FrameEvent[]
  readonly fault?: { readonly closeCode: number; readonly message: string }
}

/**
 * A decoder that also reads the payload of Close frames. Errors other than `ProtocolError` are
 * rethrown.
 */
export class Run {
  readonly decoder: FrameDecoder
  readonly #frames: {
    header: FrameHeader
    pieces: Uint8Array[]
    whole: boolean
    close?: ExpectedFrame['close']
  }[] = []
  #fault: ProtocolError | undefined
  #stopped = false

  /** `stop` is called after each payload; true stops the decoder. */
  constructor(role: Role, reservedBits = 0, stop?: () => boolean) {
    const sink: FrameSink = {
      header: header => {
        this.#checkRunning()
        this.#frames.push({ header: { ...header }, pieces: [], whole: false })
      },
      payload: (header, bytes, start, end, last) => {
        this.#checkRunning()
        const frame = this.#frames.at(-1)!
        frame.pieces.push(bytes.slice(start, end))
        frame.whole = last
        if (header.opcode === Opcode.close) frame.close = readClosePayload(bytes, start, end)
        this.#stopped = stop?.() ?? false
        return this.#stopped
      },
    }
    this.decoder = new FrameDecoder(role, sink, reservedBits)
  }

  /**
   * Decodes one segment, and continues where the decoder stopped. Returns false after an error.
   */
  push(bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
    if (this.#fault !== undefined) return false
    try {
      for (let at = start; at < end; ) at = this.#decode(bytes, at, end)
      return true
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.#fault = error
      return false
    }
  }

  #decode(bytes: Uint8Array, start: number, end: number): number {
    this.#stopped = false
    const at = this.decoder.decode(bytes, start, end)
    if (at <= start || (at < end && !this.#stopped)) throw new Error('the decoder stopped by itself')
    return at
  }

  #checkRunning(): void {
    if (this.#stopped) throw new Error('the decoder did not stop')
  }

  get outcome(): Outcome {
    const frames = this.#frames.map(({ header: { fin, rsv, opcode }, pieces, whole, close }) => {
      const event = { fin, rsv, opcode, payload: toHex(concat(...pieces)), whole }
      return close === undefined ? event : { ...event, close }
    })
    if (this.#fault === undefined) return { frames }
    const { closeCode, message } = this.#fault
    return { frames, fault: { closeCode, message } }
  }
}

/** The result for these segments, with one `decode` call each. */
export function runSegments(role: Role, segments: Iterable<Uint8Array>, reservedBits = 0): Outcome {
  const run = new Run(role, reservedBits)
  for (const segment of segments) if (!run.push(segment)) break
  return run.outcome
}

export function expectedFrames(frames: readonly ExpectedFrame[]): FrameEvent[] {
  return frames.map(frame => ({ ...frame, payload: toHex(frame.payload) }))
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
