// A connection with small limits, driven by a script of calls: what it is told, what it writes, and what memory it asks for on the way.
//
//   input:  settings (4 bytes) | length of the script (1) | the script, a call a byte | the wire

import {
  type CloseInfo,
  checkLimits,
  type IncomingStream,
  Protocol,
  type ProtocolSink,
  portableHost,
} from '@ws/protocol'
import { concat, utf8 } from '@ws/testing'
import {
  type Reader,
  type ReadFrame,
  readClose,
  readFrames,
  readMessages,
  type Told,
  toHex,
} from '../reading.ts'
import { drawStream, STREAM_WORDS } from '../streams.ts'
import { must, mustEqual, type Target } from '../target.ts'

const SIZES = [1, 7, 20, 125, 126, 300, 1000, 70_000]
const FRAGMENTS = [1, 2, 3, 5, 8, 1000]
const TIMEOUT = 1000
/** What the sink does to the connection when it is told something. */
const ANSWERS = [
  'nothing',
  'hold',
  'echo',
  'throw',
  'close',
  'terminate',
  'stream',
  'stream and hold',
] as const
const DOCUMENTED_CODES = [1002, 1007, 1008, 1009, 1011]

/** The target. */
export const messageStream: Target = {
  name: 'message stream',
  about:
    'A script of calls to a `Protocol` of either role (segments, hold, resume, scan, discard, ' +
    'ticks, sends, pings, close, terminate, end), with limits from 1 byte and 1 fragment up, ' +
    'whole or streamed messages, and a sink that holds, echoes, throws or closes. Events equal ' +
    'those of a naive reading, in order, with one close report at the end. All output consists of ' +
    'valid frames. Each ping is reported and answered once, or only the newest by a scan. Nothing ' +
    'throws, and memory and work are proportional to the input.',
  files: [
    'lifecycle.ts',
    'protocol.ts',
    'utf8.ts',
    'receiving/assembler.ts',
    'receiving/chunk-queue.ts',
    'receiving/control-frames.ts',
    'receiving/discarder.ts',
    'receiving/frame-order.ts',
    'receiving/look-ahead.ts',
    'receiving/message-account.ts',
    'receiving/message-body.ts',
    'receiving/receiver.ts',
    'receiving/transformer.ts',
    'sending/message-queue.ts',
    'sending/outgoing-stream.ts',
    'sending/output-buffer.ts',
    'sending/sender.ts',
  ].map(name => `protocol/src/${name}`),
  words: STREAM_WORDS,

  generate(chance) {
    const settings = chance.bytes(4)
    const script = chance.bytes(chance.int(chance.oneIn(4) ? 60 : 12))
    const wire = drawStream(settings[0]! % 2 === 0 ? 'server' : 'client', chance)
    return concat(settings, Uint8Array.of(script.length), script, wire)
  },

  run(input) {
    const run = new Run(input)
    const told = readMessages(run.role, run.wire, run.limits)
    run.play()
    run.judge(told)
    return run.outcome
  },
}

/** One connection and its record. */
class Run implements ProtocolSink {
  readonly role: Reader
  readonly limits: { readonly maxMessageSize: number; readonly maxFragments: number }
  readonly wire: Uint8Array
  readonly #script: Uint8Array
  /** Bytes in a segment, once the script has ended. */
  readonly #step: number
  readonly #answer: (typeof ANSWERS)[number]
  readonly #protocol: Protocol
  readonly #events: string[] = []
  readonly #reports: CloseInfo[] = []
  readonly #written: Uint8Array[] = []
  #received = 0
  #now = 0
  /** Bytes asked for, and bytes of text looked at. */
  #work = 0
  #sent = 0
  #openStreams = 0
  #pongsMayBeLeftOut = false
  /** Pings that the sink was offered. */
  #pings = 0
  #final: CloseInfo | undefined
  #frames: readonly ReadFrame[] | undefined
  #isScanning = false
  /** The peer's Close was found by a scan: an earlier fault does not change the report. */
  #isFoundByScan = false
  /** Events before messages were discarded. */
  #kept: number | undefined
  #outgoing: ReturnType<Protocol['stream']>
  outcome = ''

  constructor(input: Uint8Array) {
    const [first = 0, second = 0, third = 0, fourth = 0, length = 0] = input
    this.role = first % 2 === 0 ? 'server' : 'client'
    this.#answer = ANSWERS[third % ANSWERS.length]!
    if (fourth % 2 === 0 && !this.#answer.startsWith('stream')) this.#answer = 'nothing'
    this.#step = [1, 37, 4096, 100_000][(fourth >> 1) % 4]!
    this.limits = {
      maxMessageSize: SIZES[(first >> 1) % SIZES.length]!,
      maxFragments: FRAGMENTS[second % FRAGMENTS.length]!,
    }
    this.#script = input.subarray(5, 5 + length)
    this.wire = input.slice(5 + length)
    this.#protocol = new Protocol(this.role, this, {
      limits: checkLimits({ ...this.limits, messageTimeout: TIMEOUT, closeTimeout: TIMEOUT }),
      host: {
        ...portableHost,
        allocate: size => {
          this.#work += size
          return portableHost.allocate(size)
        },
        isUtf8: (bytes, start, end) => {
          this.#work += end - start
          return portableHost.isUtf8(bytes, start, end)
        },
        decodeText: (bytes, start, end) => {
          this.#work += end - start
          return portableHost.decodeText(bytes, start, end)
        },
      },
    })
  }

  // ── what it is told ───────────────────────────────────────────────────────────────────────────────────────────────────

  message(data: string | Uint8Array): void {
    const isText = typeof data === 'string'
    this.#tell(`${isText ? 'text' : 'binary'}: ${toHex(isText ? utf8(data) : data)}`)
    if (this.#answer === 'echo' && this.#protocol.send(data)) this.#sent += 2 * data.length + 20
  }

  stream(type: 'text' | 'binary'): IncomingStream | undefined {
    if (!this.#answer.startsWith('stream')) return undefined
    const pieces: Uint8Array[] = []
    this.#openStreams++
    return {
      write: piece => {
        must(piece.length > 0, 'an empty piece')
        pieces.push(typeof piece === 'string' ? utf8(piece) : piece)
        if (this.#answer === 'stream and hold') this.#protocol.pause()
      },
      end: () => {
        this.#openStreams--
        this.#tell(`${type}: ${toHex(concat(...pieces))}`)
      },
      abort: () => {
        must(this.#reports.length === 0, 'a stream that is aborted after the report')
        this.#openStreams--
      },
    }
  }

  pingReceived(): boolean {
    this.#pings++
    return true
  }

  closing(report: CloseInfo): void {
    must(this.#final === undefined, 'a second final report')
    this.#final = report
    this.#isFoundByScan = this.#isScanning && report.wasClean
  }

  ping(payload: Uint8Array): void {
    this.#tell(`ping: ${toHex(payload)}`)
  }

  pong(payload: Uint8Array): void {
    this.#tell(`pong: ${toHex(payload)}`)
  }

  close(report: CloseInfo): void {
    must(this.#openStreams === 0, 'a stream that neither ended nor was aborted before the report')
    this.#reports.push(report)
    must(this.#reports.length === 1, 'a second close report')
    must(report === this.#final, 'a report that is not the final one')
  }

  #tell(event: string): void {
    must(this.#reports.length === 0, `told after the close report: ${event}`)
    this.#events.push(event)
    if (this.#answer === 'hold') this.#protocol.pause()
    else if (this.#answer === 'throw') throw new Error('the sink fails')
    else if (this.#answer === 'close') this.#protocol.close(4000, 'enough')
    else if (this.#answer === 'terminate') this.#protocol.terminate()
  }

  // ── what is done to it ────────────────────────────────────────────────────────────────────────────────────────────────

  play(): void {
    for (const call of this.#script) {
      this.#call(call >> 4, call & 15)
      this.#look()
    }
    while (this.#received < this.wire.length) this.#receive(this.#step)
    this.#protocol.transportFull = false
    for (let left = 2 * this.wire.length + 2; this.#protocol.isPaused && left > 0; left--)
      this.#protocol.resume()
    must(!this.#protocol.isPaused, 'a hold that does not end')
    this.#look()
  }

  /** The transport ends, twice: the second time is nothing. */
  #end(): void {
    this.#protocol.receiveEnd()
    this.#protocol.receiveEnd()
    while (this.#protocol.isPaused) this.#protocol.resume()
    this.#look()
  }

  #call(kind: number, argument: number): void {
    if (kind < 5) this.#receive(1 + argument)
    else if (kind === 5) this.#receive(1 << argument)
    else if (kind < 9) this.#callTime(kind, argument)
    else if (kind < 13) this.#callSend(kind, argument)
    else this.#callEnd(kind, argument)
  }

  #callTime(kind: number, argument: number): void {
    if (kind === 6) this.#protocol.pause()
    if (kind === 7) this.#scanOrResume(argument)
    if (kind < 8) return
    this.#now += 40 * argument
    this.#protocol.tick(this.#now)
  }

  #scanOrResume(argument: number): void {
    if (argument % 2 === 0) {
      this.#protocol.resume()
      return
    }
    this.#isScanning = true
    this.#protocol.scan()
    this.#isScanning = false
    this.#pongsMayBeLeftOut = true
  }

  #callSend(kind: number, argument: number): void {
    if (kind === 9) this.#send('ä'.repeat(argument * argument))
    else if (kind === 10) this.#send(new Uint8Array(argument === 15 ? 20_000 : argument * 9))
    else if (kind === 12) this.#stream(argument)
    else if (this.#protocol.ping(new Uint8Array(argument))) this.#sent += argument + 20
  }

  #callEnd(kind: number, argument: number): void {
    const protocol = this.#protocol
    if (kind === 13) {
      protocol.transportFull = argument % 2 === 1
      this.#pongsMayBeLeftOut ||= protocol.transportFull
    } else if (kind === 14) {
      if (argument < 4) protocol.close([undefined, 1000, 3000, 4999][argument])
    } else if (argument === 0) protocol.terminate()
    else if (argument === 1) protocol.fail(new Error('ours'))
    else if (argument === 2) {
      this.#kept ??= this.#events.length
      protocol.discard()
    }
  }

  #receive(most: number): void {
    const end = Math.min(this.wire.length, this.#received + most)
    // Lent: behind the call there stands something else where the bytes were.
    const lent = this.wire.slice(this.#received, end)
    this.#received = end
    this.#protocol.receive(lent)
    lent.fill(0xa5)
  }

  #send(data: string | Uint8Array): void {
    if (this.#outgoing === undefined && this.#protocol.send(data)) this.#sent += 2 * data.length + 20
  }

  #stream(argument: number): void {
    this.#outgoing ??= this.#protocol.stream('binary')
    if (this.#outgoing === undefined) return
    if (this.#outgoing.write(new Uint8Array(argument))) this.#sent += argument + 20
    if (argument % 3 > 0) return
    this.#outgoing.end()
    this.#sent += 20
    this.#outgoing = undefined
  }

  /** Takes the output, and looks at what must hold at any time. */
  #look(): void {
    this.#written.push(...this.#protocol.takeOutput().map(bytes => bytes.slice()))
    must(this.#protocol.outputLength === 0, 'output behind the output')
    must(this.#protocol.unreadLength <= this.#received, 'more is held than came')
    const isClosed = this.#protocol.state === 'closed'
    must(isClosed === (this.#reports.length === 1), 'a state that is not the report')
    must(
      !isClosed || (this.#protocol.unreadLength === 0 && !this.#protocol.isPaused),
      'bytes held after the end',
    )
  }

  // ── what must have come of it ─────────────────────────────────────────────────────────────────────────────────────────

  judge(told: Told): void {
    const isOver = this.#protocol.state === 'closed'
    const isFree = this.#kept !== undefined || this.#isFoundByScan
    if (!isOver && !isFree) {
      mustEqual(this.#events, told.events, 'told, of a connection that stays')
      must(
        told.end === undefined,
        `a connection that stays, rather than one that ends with ${told.end?.code}`,
      )
    }
    this.#end()
    must(this.#reports.length === 1, 'no close report')
    const report = this.#reports[0]!
    this.#judgeEvents(told.events)
    if (isFree) this.#judgeFree(report)
    else if (report.by === 'peer' || (report.wasClean && isOver)) this.#judgeClean(report, told)
    else if (report.code !== 1006) this.#judgeFault(report, told)
    this.#judgeOutput(report)
    this.#judgeWork()
    const code = report.code < 3000 ? report.code : '3000–4999'
    this.outcome = `${report.by} ${code}${report.wasClean ? ' clean' : ''}${this.#events.length > 0 ? ', told some' : ''}`
  }

  /** What was told is the beginning of what a naive reading says; control frames only, once messages are discarded. */
  #judgeEvents(told: readonly string[]): void {
    const kept = this.#kept ?? this.#events.length
    mustEqual(this.#events.slice(0, kept), told.slice(0, kept), 'told')
    const [later, expected] = [this.#events.slice(kept), told.slice(kept).filter(isOfControl)]
    must(later.every(isOfControl), 'a message that was told after a discard')
    // Faults of discarded messages are not found, so more control frames may follow.
    const both = Math.min(later.length, expected.length)
    mustEqual(later.slice(0, both), expected.slice(0, both), 'told after a discard')
    const pings = this.#events.filter(event => event.startsWith('ping: ')).length
    must(this.#pings >= pings, 'a ping that was told and not offered')
    must(this.#pings === 0 || this.#pings <= this.#sentFrames(9).length, 'a ping that was offered twice')
  }

  /** A clean end, though a naive reading may find a fault before it: it is that of a Close in the stream. */
  #judgeFree(report: CloseInfo): void {
    if (!report.wasClean) return
    must(
      this.#sentFrames(8).some(payload => readClose(payload).code === report.code),
      `a clean end with ${report.code} without such a Close`,
    )
  }

  #judgeClean(report: CloseInfo, told: Told): void {
    const { code, reason, wasClean } = report
    mustEqual({ code, reason, wasClean }, told.end, 'the end')
    mustEqual(this.#events, told.events, 'told before a clean end')
  }

  #judgeFault(report: CloseInfo, told: Told): void {
    must(DOCUMENTED_CODES.includes(report.code), `undocumented code ${report.code}`)
    must(!report.wasClean, 'a fault that is clean')
    // Ours: the sink threw, `fail` was called, a message took too long.
    if (report.code === 1011 || /not complete after/.test(report.reason)) return
    must(
      report.code === told.end?.code && !told.end.wasClean,
      `${report.code}, rather than ${told.end?.code}: ${report.reason}`,
    )
    mustEqual(this.#events, told.events, 'told before a fault')
  }

  #judgeOutput(report: CloseInfo): void {
    const peer = this.role === 'server' ? 'client' : 'server'
    const written = concat(...this.#written)
    const { frames, fault } = readFrames(peer, written)
    must(
      fault === undefined && (frames.at(-1)?.end ?? 0) === written.length,
      'what was written is not legal frames',
    )
    must(
      frames.every(({ complete }) => complete),
      'half a frame was written',
    )
    const torn = this.#protocol.transportAction === 'destroy'
    const close = frames.findIndex(({ opcode }) => opcode === 8)
    must(close < 0 || close === frames.length - 1, 'something was written after the Close')
    const speaks = report.code !== 1006 && !torn
    must(!speaks || close >= 0, 'no Close was written')
    if (close >= 0)
      must(readClose(frames[close]!.payload).wasClean, 'a Close was written that may not travel')
    const { end } = readMessages(peer, written, { maxMessageSize: 2 ** 20, maxFragments: 2 ** 20 })
    must(end === undefined || end.wasClean, 'what was written is not legal messages')
    this.#judgePongs(frames.filter(({ opcode }) => opcode === 10).map(({ payload }) => toHex(payload)))
  }

  /** "… with identical "Application data" as found in the message body of the Ping frame", in order. */
  #judgePongs(pongs: readonly string[]): void {
    const pings = pongs.length === 0 ? [] : this.#sentFrames(9).map(toHex)
    let at = 0
    for (const pong of pongs)
      at = pings.indexOf(pong, at) + 1 || must(false, 'a pong that answers no ping') || 0
    // The sink may have closed, or the pings come after our own Close.
    const mayBeFewer =
      this.#pongsMayBeLeftOut || this.#answer === 'close' || this.#script.some(call => call >> 4 >= 14)
    const count = this.#events.filter(event => event.startsWith('ping: ')).length
    must(mayBeFewer || pongs.length === count, `${pongs.length} pongs for ${count} pings`)
  }

  /** The payloads of all control frames with this opcode on the wire. */
  #sentFrames(opcode: number): Uint8Array[] {
    this.#frames ??= readFrames(this.role, this.wire).frames
    return this.#frames.filter(frame => frame.opcode === opcode).map(({ payload }) => payload)
  }

  #judgeWork(): void {
    const written = this.#written.reduce((length, { length: more }) => length + more, 0)
    const most = 8 * this.#received + this.limits.maxMessageSize + 16 * (this.#sent + written) + 4096
    must(this.#work <= most, `${this.#work} bytes asked for and looked at, for ${this.#received} that came`)
  }
}

function isOfControl(event: string): boolean {
  return event.startsWith('ping: ') || event.startsWith('pong: ')
}
