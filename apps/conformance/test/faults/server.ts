// An echo server that is right, except for one fault. Written for these tests only: it is simple,
// slow, and shares no code with the servers of this repository.

import { createServer, type Socket } from 'node:net'
import { createHeader, type FrameHeader, mask, minimalLengthSize, readHeader, writeHeader } from '@ws/frame'
import {
  accept,
  formatResponse,
  RequestParser,
  reject,
  type ValidRequest,
  validateRequest,
} from '@ws/handshake'
import { DeflateCodec } from '../../src/engine/deflate-codec.ts'
import { answerOffers } from '../../src/engine/negotiation.ts'
import type { Fault } from './faults.ts'
import { TextCheck } from './text-check.ts'

const TEXT = 1
const CLOSE = 8
const PING = 9
const PONG = 10
const RSV1 = 4

/** Starts the server on a free port of loopback. */
export async function startFaulty(fault?: Fault): Promise<AsyncDisposable & { readonly port: number }> {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    shake(socket, fault)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      const closed = new Promise(resolve => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** The opening handshake. */
function shake(socket: Socket, fault: Fault | undefined): void {
  const parser = new RequestParser()
  const read = (chunk: Uint8Array) => {
    const parsed = parser.push(chunk)
    if (parsed === undefined) return
    socket.off('data', read)
    if (!parsed.ok) return void socket.end(formatResponse(parsed))
    const head = repair(parsed.head, fault)
    const request = validateRequest(head, { origin: 'any' })
    if (!request.ok) {
      const isVersion = fault === 'no version in 426' && request.status === 426
      return void socket.end(formatResponse(isVersion ? reject(426, 'no') : request))
    }
    const answer = negotiate(request, fault)
    const extensions = answer === undefined ? {} : { extensions: [answer.extension] }
    socket.write(formatResponse(accept(request, extensions)))
    const connection = new Connection(socket, fault, answer && new DeflateCodec(answer.agreement))
    if (parsed.rest.length > 0) connection.receive(parsed.rest)
  }
  socket.on('data', read)
}

type Head = Parameters<typeof validateRequest>[0]

/** Makes a request valid that a faulty server takes for valid. */
function repair(head: Head, fault: Fault | undefined): Head {
  const set = (name: string, value: string): Head => {
    const others = head.rawHeaders.flatMap((each, i) =>
      i % 2 === 0 && each.toLowerCase() !== name.toLowerCase() ? [each, head.rawHeaders[i + 1]!] : [],
    )
    return { ...head, rawHeaders: [...others, name, value] }
  }
  if (fault === 'any method') return { ...head, method: 'GET' }
  if (fault === 'any version') return set('Sec-WebSocket-Version', '13')
  if (fault === 'any Connection') return set('Connection', 'Upgrade')
  return head
}

function negotiate(request: ValidRequest, fault: Fault | undefined) {
  const offers =
    fault === 'invalid offers'
      ? request.extensions.map(({ name }) => ({ name, params: [] }))
      : request.extensions
  return answerOffers(
    { offers: [], accepts: [{ clientNoContext: false, clientMaxBits: null }] },
    offers.filter(({ name }) => name === 'permessage-deflate'),
  )
}

class Violation extends Error {
  readonly code: number

  constructor(code: number) {
    super(`close with ${code}`)
    this.code = code
  }
}

class Connection {
  readonly #socket: Socket
  readonly #fault: Fault | undefined
  readonly #codec: DeflateCodec | undefined
  #input: Buffer = Buffer.alloc(0)
  #header: FrameHeader | undefined
  /** Octets of the current frame that were unmasked. */
  #at = 0
  #frame: Buffer[] = []
  #message: Buffer[] = []
  #op: number | undefined
  #compressed = false
  #text: TextCheck | undefined
  #closed = false
  #pings: Buffer[] = []
  #echoes = 0
  #slow: NodeJS.Timeout | undefined
  #late: NodeJS.Immediate | undefined

  constructor(socket: Socket, fault: Fault | undefined, codec: DeflateCodec | undefined) {
    this.#socket = socket
    this.#fault = fault
    this.#codec = codec
    socket.on('data', (chunk: Uint8Array) => this.receive(chunk))
    socket.on('close', () => {
      clearTimeout(this.#slow)
      clearImmediate(this.#late)
    })
  }

  #is(fault: Fault): boolean {
    return this.#fault === fault
  }

  receive(chunk: Uint8Array): void {
    if (this.#closed) return
    this.#input = Buffer.concat([this.#input, chunk])
    this.#echoes = 0
    try {
      while (this.#step());
    } catch (error) {
      if (!(error instanceof Violation)) throw error
      this.#close(error.code)
    }
    if (this.#is('one Pong for many Pings')) {
      const last = this.#pings.at(-1)
      if (last !== undefined && !this.#closed) this.#send(PONG, last)
      this.#pings = []
    }
    if (this.#is('drops slow frames')) {
      clearTimeout(this.#slow)
      clearImmediate(this.#late)
      if (this.#header !== undefined) this.#slow = setTimeout(() => this.#drop(), 50)
    }
  }

  /** Destroys the transport, unless octets have arrived that could not be read before. */
  #drop(): void {
    this.#late = setImmediate(() => this.#socket.destroy())
  }

  /** Reads a header, or payload. False if nothing can be read. */
  #step(): boolean {
    if (this.#closed) return false
    if (this.#header === undefined) {
      const header = createHeader()
      const size = readHeader(this.#input, 0, this.#input.length, header)
      if (size === 0) return false
      this.#input = this.#input.subarray(size)
      this.#checkHeader(header)
      this.#header = header
      this.#at = 0
      this.#frame = []
      if (header.payloadLength > 0) return true
    }
    const header = this.#header
    const piece = Buffer.from(this.#input.subarray(0, header.payloadLength - this.#at))
    this.#input = this.#input.subarray(piece.length)
    if (header.masked) mask(piece, 0, piece.length, header.maskingKey, this.#at)
    this.#at += piece.length
    this.#frame.push(piece)
    this.#checkPiece(header, piece)
    if (this.#at < header.payloadLength) return false
    this.#header = undefined
    this.#endFrame(header, Buffer.concat(this.#frame))
    return true
  }

  #checkHeader(header: FrameHeader): void {
    const { opcode, rsv, fin, masked, lengthSize, payloadLength } = header
    const control = opcode >= CLOSE
    const unknown = (opcode > 2 && opcode < CLOSE) || opcode > PONG
    if (!masked && !this.#is('unmasked frames')) throw new Violation(1002)
    this.#checkBits(header, control)
    if (unknown && !this.#is(control ? 'unknown control opcodes' : 'unknown data opcodes'))
      throw new Violation(1002)
    if (payloadLength >= 2 ** 40) throw new Violation(payloadLength >= 2 ** 63 ? 1002 : 1009)
    if (lengthSize !== minimalLengthSize(payloadLength) && !this.#is('long length forms'))
      throw new Violation(1002)
    if (control && payloadLength > 125 && !this.#is('long control frames')) throw new Violation(1002)
    if (control && !fin && !this.#is('fragmented control frames')) throw new Violation(1002)
    if (control || unknown) return
    if (opcode === 0) {
      if (this.#op !== undefined) return
      if (!this.#is('continuation of nothing')) throw new Violation(1002)
    } else if (this.#op !== undefined && !this.#is('message inside of a message')) {
      throw new Violation(1002)
    }
    this.#op = opcode === 0 ? TEXT : opcode
    this.#compressed = this.#codec !== undefined && (rsv & RSV1) !== 0
    this.#message = []
    this.#text = this.#op === TEXT && !this.#compressed ? new TextCheck(this.#fault) : undefined
  }

  #checkBits({ opcode, rsv }: FrameHeader, control: boolean): void {
    if (rsv === 0 || this.#is('reserved bits')) return
    const allowed = this.#codec !== undefined && rsv === RSV1
    if (allowed && control && this.#is('RSV1 on control frames')) return
    if (allowed && opcode === 0 && this.#is('RSV1 on continuations')) return
    if (!allowed || control || opcode === 0) throw new Violation(1002)
  }

  #checkPiece({ opcode, payloadLength, fin }: FrameHeader, piece: Buffer): void {
    if (opcode > 2 || this.#text === undefined) return
    const endOfFrame = this.#at === payloadLength
    if (!this.#text.push(piece, endOfFrame, endOfFrame && fin))
      throw new Violation(this.#is('1002 for invalid UTF-8') ? 1002 : 1007)
  }

  #endFrame({ opcode, fin }: FrameHeader, payload: Buffer): void {
    if (opcode === CLOSE) this.#receiveClose(payload)
    else if (opcode === PING) this.#receivePing(payload)
    else if (opcode === PONG && this.#is('Pongs are answered')) this.#send(PONG, payload)
    else if (opcode <= 2) this.#endData(fin, payload)
  }

  #endData(fin: boolean, payload: Buffer): void {
    this.#message.push(payload)
    if (!fin) return
    const op = this.#op!
    this.#op = undefined
    this.#echo(op, Buffer.concat(this.#message))
  }

  #receivePing(payload: Buffer): void {
    if (this.#is('one Pong for many Pings')) this.#pings.push(payload)
    else if (this.#is('no Pong inside of a message') && this.#op !== undefined) return
    else this.#send(PONG, this.#is('empty Pongs') ? Buffer.alloc(0) : payload)
  }

  #echo(op: number, raw: Buffer): void {
    this.#echoes++
    if (this.#is('loses messages of a full read') && this.#echoes > 50) return
    const content = this.#decompress(raw)
    if (this.#compressed && op === TEXT) {
      const check = new TextCheck(this.#fault)
      if (!check.push(content, true, true)) throw new Violation(1007)
    }
    const lost = this.#is('loses the last octet from 64 KiB on') && content.length >= 65_536 ? 1 : 0
    const answer = content.subarray(0, content.length - lost)
    const actualOp = this.#is('binary becomes text') && op === 2 ? TEXT : op
    if (this.#codec === undefined) this.#send(actualOp, answer)
    else this.#send(actualOp, this.#compress(answer), RSV1)
  }

  #decompress(raw: Buffer): Buffer {
    if (!this.#compressed) return raw
    try {
      return Buffer.from(this.#codec!.decompress(raw))
    } catch {
      if (this.#is('ignores broken compression')) return Buffer.alloc(0)
      throw new Violation(1007)
    }
  }

  #history: Buffer = Buffer.alloc(0)

  #compress(content: Buffer): Uint8Array {
    if (!this.#is('keeps its context') && !this.#is('ignores its window'))
      return this.#codec!.compress(content)
    const { windowBits, contextTakeover } = this.#codec!.agreement.sending
    const own = new DeflateCodec({
      sending: {
        windowBits: this.#is('ignores its window') ? 15 : windowBits,
        contextTakeover: this.#is('keeps its context') || contextTakeover,
      },
      receiving: { windowBits: 15, contextTakeover: false },
    })
    own.skipCompress(this.#history)
    this.#history = Buffer.concat([this.#history, content]).subarray(-32_768)
    return own.compress(content)
  }

  #receiveClose(payload: Buffer): void {
    if (this.#is('no answer to Close')) {
      this.#closed = true
      this.#socket.destroy()
      return
    }
    const code = payload.length >= 2 ? payload.readUInt16BE() : undefined
    if (payload.length === 1 && !this.#is('Close of one octet')) throw new Violation(1002)
    if (code !== undefined && !isValid(code) && !this.#is('any close code')) throw new Violation(1002)
    if (code !== undefined && code >= 3000 && this.#is('no private close codes')) throw new Violation(1002)
    const reason = new TextCheck(undefined)
    if (!reason.push(payload.subarray(2), true, true) && !this.#is('any close reason'))
      throw new Violation(1007)
    const answer = this.#is('wrong close code') ? 1001 : payload.length === 1 ? 1000 : code
    if (this.#is('echoes after Close')) setTimeout(() => this.#close(answer), 50)
    else this.#close(answer)
  }

  #close(code: number | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#send(CLOSE, code === undefined ? Buffer.alloc(0) : Buffer.from([code >> 8, code & 0xff]))
    if (!this.#is('keeps TCP open')) this.#socket.end()
  }

  #send(op: number, payload: Uint8Array, rsv = 0): void {
    if (!this.#socket.writable) return
    const header = createHeader(op)
    header.rsv = rsv
    header.payloadLength = payload.length
    header.lengthSize = minimalLengthSize(payload.length)
    if (this.#is('sends long length forms') && header.lengthSize === 2) header.lengthSize = 8
    const octets = Buffer.alloc(2 + header.lengthSize + payload.length)
    octets.set(payload, writeHeader(octets, 0, header))
    this.#socket.write(octets)
  }
}

function isValid(code: number): boolean {
  if (code >= 3000) return code <= 4999
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014)
}
