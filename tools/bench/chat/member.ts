// A member of the chat who costs little: one TCP connection, one buffer to read into for all. What comes often, entries and their
// acknowledgements, is looked at as bytes; the rest is parsed.

import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { encodeFrame, FrameDecoder, type FrameHeader, Opcode } from '@ws/frame'
import { upgradeRequest } from '@ws/testing'

const MASKING_KEY = 0x37fa213d
const END_OF_HEAD = '\r\n\r\n'
/** Stands in each body, before the time at which it was due. */
const MARK = 'due '
const shared = Buffer.allocUnsafe(1024 * 1024)

/** What a reply says beside its `id`. */
type Reply = Readonly<Record<string, unknown>>

/** Told of entries of the room, and when each was due. */
export type OnEntry = (due: number) => void

/** Somebody in a room. */
export class Member {
  readonly room: string
  onEntry: OnEntry = () => {}
  readonly #socket: Socket
  readonly #decoder: FrameDecoder
  readonly #replies = new Map<number, (reply: Reply) => void>()
  /** Of a text that has not ended. */
  #pieces: Buffer[] = []
  #head: string | undefined = ''
  #failed: (error: Error) => void
  #left = false
  #id = 0

  private constructor(port: number, room: string, opened: () => void, failed: (error: Error) => void) {
    this.room = room
    this.#failed = failed
    this.#decoder = new FrameDecoder('client', {
      payload: (header, bytes, start, end, last) => this.#payload(header, bytes, start, end, last),
    })
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: shared,
        callback: length => {
          if (this.#head === undefined) this.#decoder.decode(shared.subarray(0, length))
          else this.#open(shared.subarray(0, length), opened)
          return true
        },
      },
    })
    this.#socket.on('error', error => this.#fail(error))
    this.#socket.on('close', () => this.#fail(new Error('the chat closed a connection')))
    this.#socket.write(upgradeRequest('/', { 'Sec-WebSocket-Protocol': 'chat.v1.json' }))
  }

  /** Connects, says hello and comes into the room, which is made if need be. Rejects with what the chat said if it said no. */
  static async enter(port: number, room: string, nick: string): Promise<Member> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const member: Member = new Member(port, room, resolve, reject)
    await promise
    // From here on, whoever loses a connection ends the run.
    member.#failed = error => {
      throw error
    }
    await member.ask('hello', { v: 1, nick })
    await member.ask('join', { room, create: true })
    return member
  }

  /** A request and its reply. Rejects with what is wrong if that is an error. */
  async ask(t: string, fields: Reply): Promise<Reply> {
    const id = ++this.#id
    const { promise, resolve } = Promise.withResolvers<Reply>()
    this.#replies.set(id, resolve)
    this.#write(JSON.stringify({ t, id, ...fields }))
    const reply = await promise
    if (reply.t !== 'ok') throw new Error(`${t} was answered ${JSON.stringify(reply)}`)
    return reply
  }

  /** Sends a message of so many characters that was due then. */
  async send(size: number, due: number): Promise<void> {
    const body = `${MARK}${due.toFixed(3)} `.padEnd(size, 'The quick brown fox jumps over the lazy dog. ')
    await this.ask('send', { room: this.room, cid: randomBytes(16).toString('base64url'), body })
  }

  /** Reads nothing from now on, and does not mind if the chat gives it up. */
  stall(): void {
    this.#left = true
    this.#socket.pause()
  }

  /** Leaves by a reset, which keeps no port waiting. */
  reset(): void {
    this.#left = true
    this.#socket.resetAndDestroy()
  }

  #write(text: string): void {
    const payload = Buffer.from(text)
    this.#socket.write(encodeFrame({ opcode: Opcode.text, payload, maskingKey: MASKING_KEY }))
  }

  #open(bytes: Buffer, opened: () => void): void {
    const text = this.#head + bytes.toString('latin1')
    const end = text.indexOf(END_OF_HEAD)
    this.#head = end < 0 ? text : undefined
    if (end < 0) return
    if (!text.startsWith('HTTP/1.1 101')) {
      this.#fail(new Error(`no handshake: ${text}`))
      return
    }
    const rest = Buffer.from(text.slice(end + END_OF_HEAD.length), 'latin1')
    opened()
    this.#decoder.decode(rest)
  }

  #payload(
    { opcode }: Readonly<FrameHeader>,
    bytes: Uint8Array,
    start: number,
    end: number,
    last: boolean,
  ): undefined {
    if (opcode === Opcode.ping) {
      const payload = bytes.slice(start, end)
      this.#socket.write(encodeFrame({ opcode: Opcode.pong, payload, maskingKey: MASKING_KEY }))
    } else if (opcode === Opcode.text) {
      const piece = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
      if (last && this.#pieces.length === 0) this.#text(piece)
      else this.#gather(Buffer.from(piece), last)
    }
  }

  #gather(piece: Buffer, last: boolean): void {
    this.#pieces.push(piece)
    if (!last) return
    const text = Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#text(text)
  }

  #text(text: Buffer): void {
    if (text.includes('"t":"entry"')) {
      const at = text.indexOf(MARK)
      // What a room says of itself, its making for example, was not due.
      if (at >= 0)
        this.onEntry(Number(text.toString('latin1', at + MARK.length, text.indexOf(' ', at + MARK.length))))
      return
    }
    const message: { readonly id?: number } & Reply = JSON.parse(text.toString())
    if (message.id === undefined) {
      if (message.t === 'sync' && !this.#left) this.#fail(new Error('a member could not keep up'))
      return
    }
    this.#replies.get(message.id)?.(message)
    this.#replies.delete(message.id)
  }

  #fail(error: Error): void {
    if (!this.#left) this.#failed(error)
  }
}
