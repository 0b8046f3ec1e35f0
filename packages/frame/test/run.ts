// Runs a decoder over segments and writes down what comes out, in a form that does not depend on
// how the stream was cut.

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
 * One frame, its payload in hexadecimal: a long text is compared at once, a long array byte by
 * byte.
 */
export type FrameEvent = Omit<ExpectedFrame, 'payload'> & { readonly payload: string }

/** What came out of a stream: frames in order, then the fault that ended it. */
export interface Outcome {
  readonly frames: readonly FrameEvent[]
  readonly fault?: { readonly closeCode: number; readonly message: string }
}

/**
 * A decoder that reads the payload of Close frames too, as a protocol would. Anything thrown that
 * is no `ProtocolError` gets out.
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

  /** `stop` is asked after every payload; true stops the decoder there. */
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
   * Gives the decoder one segment, again where it stopped. Returns false once the stream has ended
   * in a fault.
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

/** The outcome of these segments, one `decode` each. */
export function runSegments(role: Role, segments: Iterable<Uint8Array>, reservedBits = 0): Outcome {
  const run = new Run(role, reservedBits)
  for (const segment of segments) if (!run.push(segment)) break
  return run.outcome
}

/** An expectation in the form of an outcome. */
export function expectedFrames(frames: readonly ExpectedFrame[]): FrameEvent[] {
  return frames.map(frame => ({ ...frame, payload: toHex(frame.payload) }))
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
