// Shows the frames that pass a transport, in both directions.

import { Duplex } from 'node:stream'
import { FrameDecoder, type FrameHeader, type Role } from '@ws/frame'

const OPCODES: Readonly<Record<number, string>> = {
  0: 'continuation',
  1: 'text',
  2: 'binary',
  8: 'close',
  9: 'ping',
  10: 'pong',
}

/** A stream that reads and writes the transport, and logs a line for each frame. */
export function logFrames(transport: Duplex, log: (line: string) => void): Duplex {
  const received = new FrameReader('client', line => log(`← ${line}`))
  const sent = new FrameReader('server', line => log(`→ ${line}`))
  const logged = new Duplex({
    read: () => transport.resume(),
    write(bytes: Buffer, _encoding, done) {
      sent.read(bytes)
      transport.write(bytes, done)
    },
    final: done => transport.end(done),
    destroy(error, done) {
      transport.destroy()
      done(error)
    },
  })
  transport.on('data', (bytes: Buffer) => {
    received.read(bytes)
    if (!logged.push(bytes)) transport.pause()
  })
  transport.on('end', () => logged.push(null))
  transport.on('close', () => logged.destroy(transport.errored ?? undefined))
  return logged
}

/** Reads the frames after the head of an opening handshake. */
class FrameReader {
  readonly #decoder: FrameDecoder
  /** Undefined after the head. */
  #head: Buffer | undefined = Buffer.alloc(0)
  #isBroken = false

  constructor(role: Role, log: (line: string) => void) {
    const header = (frame: Readonly<FrameHeader>): void => log(describe(frame))
    // Any extension may use its bits.
    this.#decoder = new FrameDecoder(role, { header, payload: () => undefined }, 0b111)
  }

  read(bytes: Uint8Array): void {
    if (this.#isBroken) return
    // The decoder unmasks in place.
    const copy = Buffer.from(bytes)
    if (this.#head === undefined) {
      this.#decode(copy)
      return
    }
    this.#head = Buffer.concat([this.#head, copy])
    const end = this.#head.indexOf('\r\n\r\n')
    if (end === -1) return
    const rest = this.#head.subarray(end + 4)
    this.#head = undefined
    this.#decode(rest)
  }

  #decode(bytes: Uint8Array): void {
    try {
      this.#decoder.decode(bytes)
    } catch {
      // The client closes the connection for this very fault.
      this.#isBroken = true
    }
  }
}

function describe({ opcode, fin, rsv, payloadLength }: Readonly<FrameHeader>): string {
  const flags = [fin && 'FIN', rsv & 0b100 && 'RSV1', rsv & 0b010 && 'RSV2', rsv & 0b001 && 'RSV3']
  const time = new Date().toISOString().slice(11, 23)
  const name = OPCODES[opcode] ?? `opcode ${opcode}`
  return [time, name, ...flags.filter(Boolean), `${payloadLength} bytes`].join(' ')
}
