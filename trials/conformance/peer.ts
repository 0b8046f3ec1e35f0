// The other end of the wire: frames written and read by hand, as the figure in RFC 6455 §5.2 has them, on a TCP connection. Nothing
// under test has a part in it, and it knows no rules: it sends what it is told.

import type { Socket as TcpSocket } from 'node:net'

/** Milliseconds that a frame may take before the test says what has come instead. */
const PATIENCE = 10_000

/** A frame to be written; what is left out is legal. */
export interface Sent {
  readonly opcode: number
  readonly payload?: string | Uint8Array
  readonly fin?: boolean
  /** RSV1 is 4, RSV2 is 2, RSV3 is 1. */
  readonly rsv?: number
  /** What the header claims, if it is not what follows. */
  readonly length?: number
}

/** A frame that was read. */
export interface Received {
  readonly opcode: number
  readonly payload: Buffer
  readonly fin: boolean
  readonly rsv: number
  readonly masked: boolean
  /** Bytes of extended payload length. */
  readonly lengthSize: 0 | 2 | 8
}

type Payload = string | Uint8Array

export const text = (payload: Payload, more: Partial<Sent> = {}): Sent => ({ opcode: 1, payload, ...more })
export const binary = (payload: Uint8Array, more: Partial<Sent> = {}): Sent => ({
  opcode: 2,
  payload,
  ...more,
})
export const more = (payload: Payload, fields: Partial<Sent> = {}): Sent => ({
  opcode: 0,
  payload,
  ...fields,
})
export const ping = (payload: Payload = ''): Sent => ({ opcode: 9, payload })
export const pong = (payload: Payload = ''): Sent => ({ opcode: 10, payload })
export const close = (code?: number, reason: Payload = ''): Sent => ({
  opcode: 8,
  payload: code === undefined ? '' : Buffer.concat([Buffer.of(code >> 8, code & 0xff), Buffer.from(reason)]),
})

/** The bytes of a frame. */
function writeFrame({ opcode, payload = '', fin = true, rsv = 0, length }: Sent, masked: boolean): Buffer {
  const bytes = Buffer.from(payload)
  const claimed = length ?? bytes.length
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  const mask = masked ? 0x80 : 0
  const form = claimed < 126 ? claimed : claimed < 65_536 ? 126 : 127
  const header = [first, mask | form, ...lengthBytes(form, claimed)]
  if (!masked) return Buffer.concat([Buffer.from(header), bytes])
  const key = Buffer.of(0x9d, 0x00, 0x5f, bytes.length & 0xff)
  return Buffer.concat([Buffer.from([...header, ...key]), applyKey(bytes, key)])
}

/** The extended payload length, in network byte order. */
function lengthBytes(form: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(form === 127 ? 8 : form === 126 ? 2 : 0)
  if (form === 127) bytes.writeBigUInt64BE(BigInt(length))
  else if (form === 126) bytes.writeUInt16BE(length)
  return bytes
}

/** A frame in words: `text hello`, `binary 0102`, `close 1000 bye`, with what is odd about it in front. */
function show({ opcode, payload, fin, rsv }: Received): string {
  const odd = `${rsv === 0 ? '' : `rsv ${rsv} `}${fin ? '' : 'begun '}`
  const names: Record<number, string> = { 0: 'more', 1: 'text', 8: 'close', 9: 'ping', 10: 'pong' }
  if (opcode === 2) return `${odd}binary ${payload.toString('hex')}`.trimEnd()
  const content =
    opcode === 8 && payload.length >= 2
      ? `${payload.readUInt16BE()} ${payload.subarray(2).toString()}`
      : payload.toString()
  return `${odd}${names[opcode] ?? opcode} ${content}`.trimEnd()
}

/** A peer in raw hands. */
export class Peer {
  readonly #socket: TcpSocket
  readonly #masks: boolean
  readonly #frames: Received[] = []
  #buffer = Buffer.alloc(0)
  #chunks: Buffer[] = []
  #length = 0
  /** So many bytes must have come before it makes sense to look at them. */
  #wanted = 2
  #ended = false
  #error: Error | undefined
  #look: () => void = () => undefined

  /** Takes over after the handshake; `first` are bytes that came behind it. A client masks. */
  constructor(socket: TcpSocket, masks: boolean, first: Uint8Array = Buffer.alloc(0)) {
    this.#socket = socket
    this.#masks = masks
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('end', () => this.#end())
    socket.on('close', () => this.#end())
    socket.on('error', error => {
      this.#error = error
    })
    this.#take(Buffer.from(first))
  }

  /** The bytes of frames as this peer writes them. */
  bytes(...frames: readonly Sent[]): Buffer {
    return Buffer.concat(frames.map(frame => writeFrame(frame, this.#masks)))
  }

  /** Writes frames in one go. */
  send(...frames: readonly Sent[]): Promise<void> {
    return this.write(this.bytes(...frames))
  }

  /** Writes bytes in one go; resolves when the kernel has taken them, or never will. */
  write(bytes: Uint8Array): Promise<void> {
    return new Promise(resolve => this.#socket.write(bytes, () => resolve()))
  }

  /** Frames that have come and nobody has asked for. */
  get waiting(): readonly Received[] {
    return this.#frames
  }

  /** The next frame, or undefined when the other end has ended. Rejects when neither comes, or a reset. */
  async next(): Promise<Received | undefined> {
    while (this.#frames.length === 0 && !this.#ended) await this.#change()
    if (this.#frames.length === 0 && this.#error !== undefined) throw this.#error
    return this.#frames.shift()
  }

  /** So many frames in words. */
  async read(count: number): Promise<string[]> {
    const words: string[] = []
    while (words.length < count) {
      const frame = await this.next()
      words.push(frame === undefined ? 'end' : show(frame))
    }
    return words
  }

  /** All frames up to the end, in words. A server ends by itself after its Close; a client waits for our end. */
  async readAll(): Promise<string[]> {
    const words: string[] = []
    for (let frame = await this.next(); frame !== undefined; frame = await this.next()) {
      words.push(show(frame))
      if (frame.opcode === 8 && !this.#masks) this.#socket.end()
    }
    this.#socket.end()
    return words
  }

  /** Sends FIN. */
  end(): void {
    this.#socket.end()
  }

  /** Tears the connection down. */
  destroy(): void {
    this.#socket.destroy()
  }

  #change(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(() => reject(new Error(`no frame; ${this.#length} bytes of one`)), PATIENCE)
    this.#look = () => resolve()
    return promise.finally(() => clearTimeout(timer))
  }

  #end(): void {
    this.#ended = true
    this.#look()
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    if (this.#length < this.#wanted) return
    this.#buffer = Buffer.concat(this.#chunks)
    while (this.#readFrame());
    this.#chunks = [this.#buffer]
    this.#length = this.#buffer.length
    this.#look()
  }

  /** Reads a frame from the front of the buffer. False if it is not whole, with the bytes that it takes in `#wanted`. */
  #readFrame(): boolean {
    const bytes = this.#buffer
    const [first = 0, second = 0] = bytes
    const masked = second >= 0x80
    const lengthSize = (second & 0x7f) === 126 ? 2 : (second & 0x7f) === 127 ? 8 : 0
    const start = 2 + lengthSize + (masked ? 4 : 0)
    this.#wanted = start
    if (bytes.length < start) return false
    const length = lengthSize === 0 ? second & 0x7f : Number(`0x${bytes.toString('hex', 2, 2 + lengthSize)}`)
    this.#wanted = start + length
    if (bytes.length < start + length) return false
    const content = bytes.subarray(start, start + length)
    const payload = masked ? applyKey(content, bytes.subarray(start - 4, start)) : Buffer.from(content)
    const fields = { opcode: first & 0x0f, fin: first >= 0x80, rsv: (first >> 4) & 7 }
    this.#frames.push({ ...fields, masked, lengthSize, payload })
    this.#buffer = bytes.subarray(start + length)
    this.#wanted = 2
    return true
  }
}

/** "Octet i of the transformed data … is the XOR of octet i of the original data … with octet at index i modulo 4". */
function applyKey(bytes: Uint8Array, key: Uint8Array): Buffer {
  const result = Buffer.allocUnsafe(bytes.length)
  for (let i = 0; i < bytes.length; i++) result[i] = bytes[i]! ^ key[i & 3]!
  return result
}
