// Two Protocols with compression, back to back, and frames that a peer writes by hand.

import { decodeFrames, encodeFrame, type Frame, Opcode } from '@ws/frame'
import {
  type CloseInfo,
  type Extension,
  type Host,
  type IncomingStream,
  type Limits,
  type MessageType,
  Protocol,
  type ProtocolSink,
  type Role,
} from '@ws/protocol'
import { concat } from '@ws/testing'
import { checkOptions, type DeflateOptions } from '../src/options.ts'
import { PermessageDeflate } from '../src/permessage-deflate.ts'

/** With synchronous zlib, and with documented functions only. */
export const WAYS = [
  { way: 'with synchronous zlib', sync: true },
  { way: 'with documented zlib', sync: false },
] as const

export const RSV1 = 0b100

export interface EndOptions {
  readonly limits?: Limits
  readonly host?: Host
  readonly streamed?: boolean
  /** Called with each piece of a streamed message. */
  readonly onPiece?: () => void
}

export class End implements ProtocolSink {
  readonly role: Role
  readonly protocol: Protocol
  readonly messages: (string | Uint8Array)[] = []
  /** Pieces of streamed messages. */
  readonly pieces: (string | Uint8Array)[] = []
  readonly reports: CloseInfo[] = []
  readonly #streamed: boolean
  readonly #onPiece: EndOptions['onPiece']
  #wake: (() => void) | undefined

  constructor(
    role: Role,
    extension: Extension,
    { limits, host, streamed = false, onPiece }: EndOptions = {},
  ) {
    this.role = role
    this.#streamed = streamed
    this.#onPiece = onPiece
    this.protocol = new Protocol(role, this, { extension, ...(limits && { limits }), ...(host && { host }) })
  }

  message(data: string | Uint8Array): void {
    this.messages.push(data)
    this.#wake?.()
  }

  stream(type: MessageType): IncomingStream | undefined {
    if (!this.#streamed) return undefined
    const pieces: (string | Uint8Array)[] = []
    return {
      write: piece => {
        pieces.push(piece)
        this.pieces.push(piece)
        this.#onPiece?.()
      },
      end: () => this.message(type === 'text' ? pieces.join('') : concat(...(pieces as Uint8Array[]))),
      abort: () => undefined,
    }
  }

  close(report: CloseInfo): void {
    this.reports.push(report)
    this.#wake?.()
  }

  output(): void {
    this.#wake?.()
  }

  receive(...frames: readonly Frame[]): void {
    this.protocol.receive(wire(this.role, ...frames))
  }

  /** The frames written since the last call. */
  written(): Frame[] {
    const bytes = concat(...this.protocol.takeOutput())
    return decodeFrames(this.role === 'server' ? 'client' : 'server', bytes).frames
  }

  /** Resolves when `condition` holds; it is checked after each event. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    this.#wake = undefined
  }
}

/** The frames as bytes, masked if a server reads them. */
function wire(reader: Role, ...frames: readonly Frame[]): Uint8Array<ArrayBuffer> {
  const encode = (frame: Frame) =>
    encodeFrame(reader === 'server' ? { maskingKey: 0x37fa213d, ...frame } : frame)
  return concat(...frames.map(encode))
}

export const text = (payload: Uint8Array, fields: Partial<Frame> = {}): Frame => ({
  opcode: Opcode.text,
  rsv: RSV1,
  payload,
  ...fields,
})

export const more = (payload: Uint8Array, fields: Partial<Frame> = {}): Frame => ({
  opcode: Opcode.continuation,
  payload,
  ...fields,
})

/** permessage-deflate, with or without synchronous zlib. */
export function createDeflate(options: DeflateOptions = {}, sync?: boolean): PermessageDeflate {
  return new PermessageDeflate(checkOptions(options), sync)
}

/** Negotiates the extensions of both ends. Throws if that fails. */
export function agree(
  server: PermessageDeflate,
  client: PermessageDeflate,
): { readonly server: Extension; readonly client: Extension } {
  const accepted = server.accept(client.offers)
  if (accepted === undefined) throw new Error('declined')
  const verified = client.confirm(accepted.params)
  if (typeof verified === 'string') throw new Error(verified)
  return { server: accepted.create(), client: verified }
}

/** Carries bytes between two ends until neither has output and `condition` holds. */
export async function carry(one: End, other: End, condition: () => boolean): Promise<void> {
  for (;;) {
    const toOther = one.protocol.takeOutput()
    const toOne = other.protocol.takeOutput()
    for (const bytes of toOther) other.protocol.receive(bytes.slice())
    for (const bytes of toOne) one.protocol.receive(bytes.slice())
    if (toOther.length + toOne.length > 0) continue
    if (condition()) return
    // Work in the thread pool ends in a later turn of the event loop.
    await new Promise<void>(resolve => setImmediate(resolve))
  }
}
