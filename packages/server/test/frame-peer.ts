// A peer that sends and reads frames over a real socket, and the frames of a client.

import { encodeFrame, type Frame, FrameDecoder, Opcode, writeClosePayload } from '@ws/frame'
import { type Lines, RawPeer, upgradeRequest, utf8 } from '@ws/testing'

/** A client that has opened a WebSocket and can send any bytes, valid or not. */
export class FramePeer {
  readonly raw: RawPeer
  readonly head: string
  readonly #frames: string[] = []
  readonly #pieces: Uint8Array[] = []
  readonly #decoder = new FrameDecoder(
    'client',
    {
      payload: ({ opcode }, bytes, start, end, last) => {
        this.#pieces.push(bytes.slice(start, end))
        if (last) this.#frames.push(describeFrame(opcode, Buffer.concat(this.#pieces.splice(0))))
      },
    },
    0b111,
  )
  /** Number of decoded bytes, the head included. */
  #decoded: number

  private constructor(raw: RawPeer, head: string) {
    this.raw = raw
    this.head = head
    this.#decoded = head.length
  }

  /** Sends the request, with `first` in the same packet, and reads the 101. */
  static async open(
    port: number,
    options: { path?: string; lines?: Lines; first?: Uint8Array } = {},
  ): Promise<FramePeer> {
    return FramePeer.over(await RawPeer.connect(port), options)
  }

  static async over(
    raw: RawPeer,
    options: { path?: string; lines?: Lines; first?: Uint8Array } = {},
  ): Promise<FramePeer> {
    const request = Buffer.from(upgradeRequest(options.path, options.lines), 'latin1')
    void raw.write(Buffer.concat([request, options.first ?? new Uint8Array(0)]))
    const head = await raw.head()
    if (!head.startsWith('HTTP/1.1 101 ')) throw new Error(`expected 101, got ${head}`)
    return new FramePeer(raw, head)
  }

  send(...parts: readonly Uint8Array[]): Promise<void> {
    return this.raw.write(Buffer.concat(parts))
  }

  /** Waits for `count` frames, and returns all frames received so far. */
  async frames(count: number): Promise<readonly string[]> {
    await this.raw.until(received => this.#decode(received).length >= count)
    return [...this.#frames]
  }

  /** Waits for FIN, and returns all frames received before it. */
  async ended(): Promise<readonly string[]> {
    return this.#decode(await this.raw.ended())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.raw[Symbol.asyncDispose]()
  }

  #decode(received: Uint8Array): readonly string[] {
    const bytes = received.slice(this.#decoded)
    this.#decoded = received.length
    this.#decoder.decode(bytes)
    return this.#frames
  }
}

export function frame(
  opcode: number,
  payload: Uint8Array = new Uint8Array(0),
  more: Partial<Frame> = {},
): Uint8Array {
  return encodeFrame({ opcode, payload, maskingKey: 0x0a1b2c3d, ...more })
}

export function text(message: string, more: Partial<Frame> = {}): Uint8Array {
  return frame(Opcode.text, utf8(message), more)
}

export function binary(message: Uint8Array): Uint8Array {
  return frame(Opcode.binary, message)
}

export function ping(payload: string): Uint8Array {
  return frame(Opcode.ping, utf8(payload))
}

export function close(code?: number, reason?: string): Uint8Array {
  return frame(Opcode.close, writeClosePayload(code, reason))
}

/** A short description of a frame: `text hello`, `close 1000 bye`, `binary 3 bytes`. */
function describeFrame(opcode: number, payload: Uint8Array): string {
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
  if (opcode === Opcode.text) return `text ${decode(payload)}`
  if (opcode === Opcode.binary) return `binary ${payload.length} bytes`
  if (opcode === Opcode.ping) return `ping ${decode(payload)}`
  if (opcode === Opcode.pong) return `pong ${decode(payload)}`
  if (opcode !== Opcode.close) return `opcode ${opcode}`
  return payload.length < 2
    ? 'close'
    : `close ${payload[0]! * 256 + payload[1]!} ${decode(payload.subarray(2))}`.trimEnd()
}
