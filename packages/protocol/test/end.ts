// A Protocol under test. Its events and output are recorded as short texts that do not depend on
// the segmentation.

import { decodeFrames, encodeFrame, type Frame, Opcode, readClosePayload } from '@ws/frame'
import { concat, utf8 } from '@ws/testing'
import {
  type CloseInfo,
  type IncomingStream,
  type MessageType,
  Protocol,
  type ProtocolOptions,
  type ProtocolSink,
  type Role,
} from '../src/index.ts'

export const ROLES = ['server', 'client'] as const

export interface EndOptions extends ProtocolOptions {
  /** Receives messages in pieces; they are recorded when they are complete. */
  readonly streamed?: boolean
  /** The `maxSize` of streams. */
  readonly maxSize?: number
  /** Looks ahead after each call that may leave input unread. */
  readonly scan?: boolean
  /** The result of `pingReceived`. */
  readonly acceptPing?: () => boolean | undefined
  /** Called with each report that becomes final. */
  readonly onClosing?: (report: CloseInfo, protocol: Protocol) => void
  /** Called with each recorded event, and with `piece: …` and `abort` of streams. */
  readonly on?: (event: string, protocol: Protocol) => void
}

/** Overwrites received bytes after each call, because they are only lent. */
class LentTo extends Protocol {
  override receive(bytes: Uint8Array): void {
    const lent = bytes.slice()
    super.receive(lent)
    lent.fill(0xa5)
  }
}

/** Scans after each call. */
class Scanning extends LentTo {
  override receive(bytes: Uint8Array): void {
    super.receive(bytes)
    super.scan()
  }

  override resume(): void {
    super.resume()
    super.scan()
  }
}

export class End implements ProtocolSink {
  readonly role: Role
  readonly protocol: Protocol
  readonly events: string[] = []
  readonly reports: CloseInfo[] = []
  /** Reports that became final. */
  readonly closings: CloseInfo[] = []
  /** Pings and pongs, as soon as they were received. */
  readonly received: string[] = []
  last: string | Uint8Array | undefined
  /** Calls of `output`. */
  outputs = 0
  readonly #on: (event: string, protocol: Protocol) => void
  readonly #acceptPing: () => boolean | undefined
  readonly #onClosing: (report: CloseInfo, protocol: Protocol) => void
  readonly #streamed: boolean
  readonly #maxSize: number | undefined

  constructor(role: Role, options: EndOptions = {}) {
    const { streamed = false, maxSize, scan = false, on = () => undefined, ...others } = options
    const { acceptPing = () => undefined, onClosing = () => undefined, ...rest } = others
    this.role = role
    this.#on = on
    this.#acceptPing = acceptPing
    this.#onClosing = onClosing
    this.#streamed = streamed
    this.#maxSize = maxSize
    this.protocol = scan ? new Scanning(role, this, rest) : new LentTo(role, this, rest)
  }

  message(data: string | Uint8Array): void {
    this.last = data
    this.#tell(typeof data === 'string' ? `text: ${data}` : `binary: ${toHex(data)}`)
  }

  stream(type: MessageType): IncomingStream | undefined {
    return this.#streamed ? this.#createStream(type, this.#maxSize) : undefined
  }

  pingReceived(): boolean | undefined {
    this.received.push('ping')
    return this.#acceptPing()
  }

  pongReceived(payload: Uint8Array): void {
    this.received.push(`pong: ${toText(payload)}`.trimEnd())
  }

  closing(report: CloseInfo): void {
    this.closings.push(report)
    this.#onClosing(report, this.protocol)
  }

  ping(payload: Uint8Array): void {
    this.#tell(`ping: ${toText(payload)}`)
  }

  pong(payload: Uint8Array): void {
    this.#tell(`pong: ${toText(payload)}`)
  }

  close(report: CloseInfo): void {
    this.reports.push(report)
    const { code, reason, wasClean, by } = report
    this.#tell(`closed ${wasClean ? 'cleanly' : 'abnormally'} by ${by}: ${code} ${reason}`)
  }

  output(): void {
    this.outputs++
  }

  /** Frames from the peer, in one chunk. */
  receive(...frames: readonly Frame[]): void {
    this.protocol.receive(wire(this.role, ...frames))
  }

  /** The frames written since the last call. */
  written(): string[] {
    const bytes = concat(...this.protocol.takeOutput())
    const { frames, rest } = decodeFrames(peerOf(this.role), bytes)
    if (rest.length > 0) throw new Error('half a frame was written')
    return frames.map(frame => describeFrame(frame).trimEnd())
  }

  #tell(event: string): void {
    this.events.push(event.trimEnd())
    this.#on(event.trimEnd(), this.protocol)
  }

  #createStream(type: MessageType, maxSize: number | undefined): IncomingStream {
    const pieces: (string | Uint8Array)[] = []
    return {
      ...(maxSize === undefined ? {} : { maxSize }),
      write: piece => {
        pieces.push(piece)
        this.#on(`piece: ${typeof piece === 'string' ? piece : toHex(piece)}`, this.protocol)
      },
      end: () => this.message(type === 'text' ? pieces.join('') : concat(...(pieces as Uint8Array[]))),
      abort: () => this.#on('abort', this.protocol),
    }
  }
}

/** The frames as bytes, masked if a server reads them. */
export function wire(reader: Role, ...frames: readonly Frame[]): Uint8Array<ArrayBuffer> {
  return concat(
    ...frames.map(frame => encodeFrame(reader === 'server' ? { maskingKey: 0x37fa213d, ...frame } : frame)),
  )
}

export const text = (payload: string, fields: Partial<Frame> = {}): Frame => ({
  opcode: Opcode.text,
  payload: utf8(payload),
  ...fields,
})
export const binary = (payload: Uint8Array, fields: Partial<Frame> = {}): Frame => ({
  opcode: Opcode.binary,
  payload,
  ...fields,
})
export const more = (payload: string | Uint8Array, fields: Partial<Frame> = {}): Frame => ({
  opcode: Opcode.continuation,
  payload: typeof payload === 'string' ? utf8(payload) : payload,
  ...fields,
})
export const ping = (payload = ''): Frame => ({ opcode: Opcode.ping, payload: utf8(payload) })
export const pong = (payload = ''): Frame => ({ opcode: Opcode.pong, payload: utf8(payload) })
export const close = (code?: number, reason = ''): Frame => ({
  opcode: Opcode.close,
  payload: code === undefined ? new Uint8Array(0) : concat(Uint8Array.of(code >>> 8, code), utf8(reason)),
})

export function peerOf(role: Role): Role {
  return role === 'server' ? 'client' : 'server'
}

/** Waits until promises have settled. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

function describeFrame({ opcode, payload, fin, rsv }: Frame): string {
  const marks = `${rsv ? ` rsv${rsv}` : ''}${fin ? '' : ' …'}`
  if (opcode === Opcode.text) return `text${marks}: ${toText(payload)}`
  if (opcode === Opcode.binary) return `binary${marks}: ${toHex(payload)}`
  if (opcode === Opcode.continuation) return `more${marks}: ${toText(payload)}`
  if (opcode === Opcode.close) {
    const { code, reason } = readClosePayload(payload ?? new Uint8Array(0))
    return `close: ${code} ${reason}`
  }
  return `${opcode === Opcode.ping ? 'ping' : 'pong'}: ${toText(payload)}`
}

function toHex(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('hex')
}

function toText(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8')
}
