// Runs the steps of a case on a connection whose opening handshake is done, as either role, and
// reports what happened. Judging is in verdict.ts.

import type { Duplex } from 'node:stream'
import type { ExchangeCase, FragmentsStep, FrameStep, RoundsStep, Step } from '@ws/conformance-cases'
import {
  createHeader,
  type FrameHeader,
  headerSize,
  mask,
  minimalLengthSize,
  Opcode,
  type Role,
  readClosePayload,
  writeHeader,
} from '@ws/frame'
import { bytesOf } from './bytes.ts'
import { after } from './clock.ts'
import { type Agreement, DeflateCodec } from './deflate-codec.ts'
import { matches } from './events.ts'
import { isPeerFault } from './fault.ts'
import { checkText, contentOf, MessageReader, type ReceivedMessage } from './message-reader.ts'
import type { Observed, Outcome, Traffic } from './outcome.ts'
import { type RoundMessage, Rounds } from './rounds.ts'
import type { WireLog } from './wire-log.ts'
import { WriteQueue } from './write-queue.ts'

/** Milliseconds until the tester drops TCP: without an answer to its Close, and after the answer. */
const CLOSE_REPLY = 1000
const SERVER_DROP = 1000
/** Events beyond those of a case, and Pings, after which the peer is taken for flooding. */
const MOST_EXTRA = 10_000

export interface ExchangeSetup {
  readonly case: ExchangeCase
  /** The role of the tester. */
  readonly role: Role
  readonly socket: Duplex
  /** The agreed parameters of permessage-deflate, if it is in use. */
  readonly agreement: Agreement | undefined
  /** Octets that arrived with the handshake. */
  readonly first: Uint8Array
  readonly log: WireLog
  readonly traffic: Traffic
  /** Milliseconds without progress after which the tester ends the case. */
  readonly patience: number
  /** Octets of each write. Default: the frames of one turn are one write. */
  readonly chop?: number
}

/** The part of an outcome that an exchange knows. */
export type ExchangeOutcome = Pick<
  Outcome,
  | 'events'
  | 'passed'
  | 'failure'
  | 'closedBy'
  | 'fault'
  | 'dropped'
  | 'closeTimeout'
  | 'dropTimeout'
  | 'closeSent'
  | 'closeReceived'
  | 'localCode'
  | 'localReason'
  | 'remoteCode'
  | 'remoteReason'
  | 'stalled'
  | 'maskingKeys'
>

/** Runs the exchange. Resolves when TCP is gone; never rejects because of the peer. */
export function runExchange(setup: ExchangeSetup): Promise<ExchangeOutcome> {
  const { promise, resolve, reject } = Promise.withResolvers<ExchangeOutcome>()
  new Exchange(setup, resolve).start().catch(reject)
  return promise
}

class Exchange {
  readonly #case: ExchangeCase
  readonly #role: Role
  readonly #socket: Duplex
  readonly #log: WireLog
  readonly #traffic: Traffic
  readonly #codec: DeflateCodec | undefined
  readonly #queue: WriteQueue
  readonly #reader: MessageReader
  readonly #resolve: (outcome: ExchangeOutcome) => void
  readonly #timers = new Set<() => void>()
  readonly #events: Observed[] = []
  readonly #maskingKeys: number[] = []
  readonly #patience: number
  readonly #isChopped: boolean
  readonly #first: Uint8Array

  /** TCP is usable in at least one direction. */
  #connected = true
  #closedBy: 'tester' | 'peer' | undefined
  #closeSent = false
  #closeReceived = false
  #fault: string | undefined
  #dropped = false
  #closeTimeout = false
  #dropTimeout = false
  #localCode: number | null = null
  #localReason: string | null = null
  #remoteCode: number | null = null
  #remoteReason: string | null = null
  #stalled = false
  /** The connection has failed: nothing but a Close counts. */
  #stopped = false
  #unreadable = false
  #pings = 0
  #progress = -1
  #passed: boolean | undefined
  #failure: string | undefined
  #rounds: Rounds | undefined
  #awaited: RoundMessage | undefined
  /** The key and position of a frame that is written in parts. */
  #part: { readonly key: number; at: number } | undefined
  #continue: (() => void) | undefined

  constructor(setup: ExchangeSetup, resolve: (outcome: ExchangeOutcome) => void) {
    this.#case = setup.case
    this.#role = setup.role
    this.#socket = setup.socket
    this.#log = setup.log
    this.#traffic = setup.traffic
    this.#codec = setup.agreement && new DeflateCodec(setup.agreement)
    this.#queue = new WriteQueue(setup.socket, setup.log, setup.chop)
    this.#patience = setup.patience
    this.#isChopped = setup.chop !== undefined
    this.#first = setup.first
    this.#resolve = resolve
    const sink = {
      message: (message: ReceivedMessage) => this.#guard(() => this.#receiveMessage(message)),
      control: (op: number, payload: Uint8Array) => this.#guard(() => this.#receiveControl(op, payload)),
      maskingKey: (key: number) => void this.#maskingKeys.push(key),
    }
    this.#reader = new MessageReader(setup.role, sink, setup.log, this.#codec)
  }

  get #open(): boolean {
    return this.#connected && !this.#closeSent && !this.#closeReceived
  }

  async start(): Promise<void> {
    const socket = this.#socket
    socket.on('data', (chunk: Uint8Array) => this.#receive(chunk))
    socket.on('error', () => undefined)
    socket.on('close', () => this.#end())
    if (socket.destroyed) return this.#end()
    this.#watchProgress()
    if (this.#case.verdicts.unimplemented !== undefined && this.#codec === undefined) {
      this.#close(1000)
    } else {
      if (this.#case.check !== 'events') this.#log.turn(false)
      if (this.#first.length > 0) this.#receive(this.#first)
      await this.#runSteps()
    }
  }

  async #runSteps(): Promise<void> {
    for (const step of this.#case.send) {
      if (!this.#connected) return
      if ('wait' in step) {
        if (!(await this.#wait(step.wait, step.label))) return
      } else {
        this.#runStep(step)
      }
    }
  }

  #runStep(step: Exclude<Step, { wait: number }>): void {
    if ('frame' in step) this.#sendFrames(step)
    else if ('fragments' in step) this.#sendFragments(step)
    else if ('rounds' in step) this.#startRounds(step)
    else if ('frameHead' in step) this.#sendHead(step.frameHead)
    else if ('frameBytes' in step) this.#sendPart(bytesOf(step.frameBytes))
    else if ('close' in step) this.#closeByStep(step.close)
    else if ('kill' in step) this.#kill(step.kill)
    else this.#closeAfter(step.closeAfter)
  }

  // ---- timers

  #after(milliseconds: number, callback: () => void): void {
    const cancel = after(milliseconds, () => {
      this.#timers.delete(cancel)
      if (this.#connected) callback()
    })
    this.#timers.add(cancel)
  }

  /** In small pieces, what was sent before may take longer than the time: it starts after that. */
  #afterWriting(milliseconds: number, callback: () => void): void {
    if (!this.#isChopped) this.#after(milliseconds, callback)
    else this.#queue.whenIdle(() => this.#connected && this.#after(milliseconds, callback))
  }

  /** Whether the steps go on after the pause. */
  async #wait(milliseconds: number, label: string | null): Promise<boolean> {
    this.#log.add(['CT', milliseconds / 1000, label])
    await new Promise<void>(resolve => {
      this.#continue = resolve
      this.#afterWriting(milliseconds, resolve)
    })
    this.#continue = undefined
    if (!this.#connected) return false
    this.#log.add(['CTE', label])
    if (label === null) return true
    if (!this.#open) return false
    this.#observe({ kind: 'timeout', label })
    return true
  }

  #kill(milliseconds: number): void {
    this.#log.add(['KL', milliseconds / 1000])
    this.#afterWriting(milliseconds, () => {
      this.#log.add(['KLE'])
      if (this.#open) this.#close(1001)
      else this.#drop()
    })
  }

  #closeAfter(milliseconds: number): void {
    this.#log.add(['TI', milliseconds / 1000])
    this.#afterWriting(milliseconds, () => {
      this.#log.add(['TIE'])
      if (this.#open) this.#close(null)
    })
  }

  /** Ends a case in which no octet is received or written any more. */
  #watchProgress(): void {
    this.#after(this.#patience, () => {
      const { incomingWire, outgoingWire } = this.#traffic
      const progress = incomingWire + outgoingWire - this.#socket.writableLength
      if (progress === this.#progress) this.#stall()
      this.#progress = progress
      this.#watchProgress()
    })
  }

  #stall(): void {
    this.#stalled = true
    if (this.#open) {
      this.#failure ??= `no progress for ${this.#patience / 1000} s`
      this.#close(null)
    } else {
      this.#drop()
    }
  }

  // ---- sending

  #header(
    fields: { op: number; fin: boolean; rsv: number; masked?: boolean; maskingKey?: number },
    length: number,
  ): FrameHeader {
    const header = createHeader(fields.op)
    header.fin = fields.fin
    header.rsv = fields.rsv
    header.masked = fields.masked ?? this.#role === 'client'
    header.maskingKey = header.masked ? (fields.maskingKey ?? randomKey()) : 0
    header.payloadLength = length
    header.lengthSize = minimalLengthSize(length)
    return header
  }

  #encode(header: FrameHeader, payload: Uint8Array): Uint8Array {
    const size = headerSize(header)
    const octets = Buffer.allocUnsafe(size + payload.length)
    writeHeader(octets, 0, header)
    octets.set(payload, size)
    if (header.masked) mask(octets, size, octets.length, header.maskingKey)
    this.#countFrame(octets.length, payload.length)
    return octets
  }

  #countFrame(octets: number, payload: number): void {
    this.#traffic.outgoingFrames++
    this.#traffic.outgoingWebSocket += payload
    this.#traffic.outgoingWire += octets
  }

  #sendFrames({ times = 1, ...step }: FrameStep): void {
    this.#sendFrame(step)
    if (times === 1) return
    // The log has the first one.
    this.#log.turn(false)
    for (let i = 1; i < times; i++) this.#sendFrame(step)
    this.#log.turn(true)
  }

  #sendFrame({ frame, ...writing }: Omit<FrameStep, 'times'>): void {
    const payload = bytesOf(frame.payload)
    const header = this.#header(frame, payload.length)
    if (frame.claims !== undefined) header.payloadLength = Number(frame.claims)
    header.lengthSize = frame.lengthSize ?? minimalLengthSize(header.payloadLength)
    this.#log.frameSent(header, payload, writing)
    if (frame.op <= 2) this.#traffic.outgoingApp += payload.length
    if (frame.op <= 2 && frame.fin) this.#traffic.outgoingMessages++
    this.#queue.write(this.#encode(header, payload), writing)
  }

  #sendFragments({ fragments: { op, payload, size } }: FragmentsStep): void {
    const message = bytesOf(payload)
    this.#traffic.outgoingApp += message.length
    this.#sendMessage(op, message, 0, size)
  }

  /** A payload of at most `size` octets is one frame; otherwise the last frame has the rest. */
  #sendMessage(op: number, message: Uint8Array, rsv: number, size: number): void {
    const frames: Uint8Array[] = []
    const count = message.length <= size ? 1 : Math.floor(message.length / size) + 1
    for (let i = 0; i < count; i++) {
      const payload = message.subarray(i * size, (i + 1) * size)
      const fields = { op: i === 0 ? op : 0, fin: i === count - 1, rsv: i === 0 ? rsv : 0 }
      const header = this.#header(fields, payload.length)
      this.#log.frameSent(header, payload, {})
      frames.push(this.#encode(header, payload))
    }
    this.#traffic.outgoingMessages++
    this.#queue.write(frames.length === 1 ? frames[0]! : Buffer.concat(frames))
  }

  #sendHead({ length, ...fields }: { op: number; fin: boolean; rsv: number; length: number }): void {
    const header = this.#header(fields, length)
    this.#part = { key: header.maskingKey, at: 0 }
    const octets = Buffer.alloc(headerSize(header))
    writeHeader(octets, 0, header)
    this.#countFrame(octets.length, 0)
    this.#queue.write(octets)
  }

  #sendPart(payload: Uint8Array): void {
    const part = this.#part
    if (part === undefined) throw new TypeError('a frameBytes step needs a frameHead step before it')
    const octets = Buffer.from(payload)
    if (this.#role === 'client') mask(octets, 0, octets.length, part.key, part.at)
    part.at += octets.length
    this.#traffic.outgoingApp += octets.length
    this.#traffic.outgoingWebSocket += octets.length
    this.#traffic.outgoingWire += octets.length
    this.#queue.write(octets)
  }

  #sendControl(op: number, payload: Uint8Array): void {
    const header = this.#header({ op, fin: true, rsv: 0 }, payload.length)
    this.#log.frameSent(header, payload, {})
    this.#queue.write(this.#encode(header, payload))
  }

  // ---- closing

  #closeByStep({ code, reason }: Extract<Step, { close: unknown }>['close']): void {
    const octets = reason === undefined ? new Uint8Array(0) : bytesOf(reason)
    this.#close(code, octets)
  }

  /** Begins the closing handshake, once. */
  #close(code: number | null, reason: Uint8Array = new Uint8Array(0)): void {
    if (!this.#open) return
    this.#log.turn(true)
    this.#closedBy ??= 'tester'
    this.#sendClose(code, reason)
    this.#afterWriting(CLOSE_REPLY, () => {
      if (this.#closeReceived) return
      this.#closeTimeout = true
      this.#drop()
    })
  }

  #sendClose(code: number | null, reason: Uint8Array): void {
    this.#closeSent = true
    this.#localCode = code
    this.#localReason = code === null ? null : Buffer.from(reason).toString()
    const head = code === null ? [] : [code >>> 8, code & 0xff]
    this.#sendControl(Opcode.close, Uint8Array.from([...head, ...reason]))
  }

  #receiveClose(payload: Uint8Array): void {
    if (this.#closeReceived) return
    // A code that must not be sent is judged too.
    this.#remoteCode = payload.length < 2 ? null : (payload[0]! << 8) | payload[1]!
    const { reason } = readClosePayload(payload)
    this.#closeReceived = true
    this.#remoteReason = payload.length === 0 ? null : reason
    this.#closedBy ??= 'peer'
    this.#log.turn(true)
    const answered = this.#closeSent
    if (!answered) this.#sendClose(1000, new Uint8Array(0))
    if (this.#role === 'server') {
      this.#queue.whenIdle(() => this.#socket.end(() => this.#socket.destroy()))
    } else if (answered) {
      this.#after(SERVER_DROP, () => {
        this.#dropTimeout = true
        this.#drop()
      })
    }
  }

  /** Ends TCP without waiting for the peer. */
  #drop(): void {
    if (!this.#connected) return
    this.#dropped = true
    // The first deadline decides, even if others are due in the same turn.
    for (const cancel of this.#timers) cancel()
    this.#socket.destroy()
  }

  /** The peer violated the protocol. */
  #fail(message: string, code: number): void {
    this.#fault ??= message
    this.#stopped = true
    if (this.#open) this.#close(code)
    else this.#drop()
  }

  #end(): void {
    if (!this.#connected) return
    this.#connected = false
    for (const cancel of this.#timers) cancel()
    this.#continue?.()
    this.#log.turn(true)
    this.#resolve({
      events: this.#events,
      ...(this.#passed === undefined ? {} : { passed: this.#passed }),
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
      ...(this.#fault === undefined ? {} : { fault: this.#fault }),
      closedBy: this.#closedBy ?? 'peer',
      dropped: this.#dropped,
      closeTimeout: this.#closeTimeout,
      dropTimeout: this.#dropTimeout,
      closeSent: this.#closeSent,
      closeReceived: this.#closeReceived,
      localCode: this.#localCode,
      localReason: this.#localReason,
      remoteCode: this.#remoteCode,
      remoteReason: this.#remoteReason,
      stalled: this.#stalled,
      maskingKeys: this.#maskingKeys,
    })
  }

  // ---- receiving

  #receive(chunk: Uint8Array): void {
    this.#traffic.incomingWire += chunk.length
    this.#log.read(chunk)
    if (this.#unreadable || this.#closeReceived) return
    // After an invalid frame, the next one cannot be found.
    this.#unreadable = !this.#guard(() => this.#reader.receive(chunk))
  }

  /** False if the peer violated the protocol, for which the connection has then failed. */
  #guard(receive: () => void): boolean {
    try {
      receive()
      return true
    } catch (error) {
      if (!isPeerFault(error)) throw error
      this.#fail(error.message, error.closeCode)
      return false
    }
  }

  #receiveControl(op: number, payload: Uint8Array): void {
    this.#traffic.incomingFrames++
    if (this.#closeReceived) return
    if (op === Opcode.close) {
      this.#receiveClose(payload)
    } else if (this.#stopped) {
      // Only a Close counts after a fault.
    } else if (op === Opcode.pong) {
      this.#observe({ kind: 'pong', content: Buffer.from(payload) })
    } else {
      this.#pings++
      if (this.#pings > MOST_EXTRA) this.#flooded()
      else if (!this.#closeSent) this.#sendControl(Opcode.pong, Buffer.from(payload))
    }
  }

  #receiveMessage(message: ReceivedMessage): void {
    if (this.#stopped || this.#closeReceived) return
    this.#traffic.incomingMessages++
    this.#traffic.incomingWebSocket += message.raw.length
    if (this.#awaited === undefined) this.#receiveOther(message)
    else this.#receiveEcho(this.#awaited, message)
  }

  #receiveOther(message: ReceivedMessage): void {
    const content = contentOf(message, this.#codec)
    checkText(message.op, content)
    this.#traffic.incomingApp += content.length
    const kept = this.#case.check === 'echoLength' ? {} : { content: Buffer.from(content) }
    this.#observe({ kind: 'message', op: message.op, length: content.length, ...kept })
  }

  #flooded(): void {
    this.#failure ??= 'the peer sends without end'
    this.#fault ??= this.#failure
    this.#stopped = true
    this.#drop()
  }

  #observe(event: Observed): void {
    this.#events.push(event)
    const { check, expect, close } = this.#case
    if (this.#events.length > MOST_EXTRA) {
      this.#flooded()
    } else if (check === 'echoLength') {
      if (event.kind === 'message') this.#checkLength(event)
    } else if (close.auto !== null && this.#open && matches(this.#case, expect[0]!, this.#events)) {
      this.#close(close.auto)
    }
  }

  #checkLength(event: Extract<Observed, { kind: 'message' }>): void {
    if (this.#passed !== undefined) return
    const [step] = this.#case.send
    const sent = step !== undefined && 'frame' in step ? step.frame : (step as FragmentsStep).fragments
    const length = bytesOf(sent.payload).length
    this.#passed = event.op === sent.op && event.length === length
    if (!this.#passed)
      this.#failure = `expected an echo of type ${sent.op} with ${length} octets, got type ${event.op} with ${event.length}`
    this.#close(this.#case.close.auto)
  }

  // ---- round trips

  #startRounds({ rounds }: RoundsStep): void {
    this.#rounds = new Rounds(rounds, this.#codec)
    this.#nextRound()
  }

  #nextRound(): void {
    this.#awaited = this.#rounds!.next()
    if (this.#awaited === undefined) {
      this.#passed = true
      this.#close(this.#case.close.auto)
      return
    }
    const { op, content, raw, compressed, fragment } = this.#awaited
    this.#traffic.outgoingApp += content.length
    this.#sendMessage(op, raw, compressed ? 0b100 : 0, fragment ?? Number.POSITIVE_INFINITY)
  }

  #receiveEcho(sent: RoundMessage, message: ReceivedMessage): void {
    const failure = this.#compare(sent, message)
    if (!this.#open) return
    if (failure === undefined) {
      this.#nextRound()
      return
    }
    this.#awaited = undefined
    this.#passed = false
    this.#failure = failure
    this.#close(this.#case.close.auto)
  }

  /** Undefined if the message is the echo of the one that was sent. */
  #compare(sent: RoundMessage, message: ReceivedMessage): string | undefined {
    const rounds = this.#rounds!
    if (message.op !== sent.op) return `expected an echo of type ${sent.op}, got type ${message.op}`
    if (message.compressed && rounds.isVerified(sent, message.raw)) {
      this.#traffic.incomingApp += sent.content.length
      return undefined
    }
    if (!message.compressed) rounds.receivedPlain()
    const content = contentOf(message, this.#codec)
    checkText(message.op, content)
    this.#traffic.incomingApp += content.length
    if (content.length !== sent.content.length)
      return `expected an echo of ${sent.content.length} octets, got ${content.length}`
    if (this.#case.check === 'echoContent' && Buffer.compare(content, sent.content) !== 0)
      return 'the echo differs from the message'
    if (message.compressed) rounds.verify(sent, message.raw)
    return undefined
  }
}

/** Random masking keys, many at a time: a call for each frame takes longer than the frame. */
const keys = new Uint32Array(1024)
let nextKey = keys.length

function randomKey(): number {
  if (nextKey === keys.length) {
    crypto.getRandomValues(keys)
    nextKey = 0
  }
  return keys[nextKey++]!
}
