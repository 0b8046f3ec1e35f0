// Properties for random bytes, segmentations and orders of calls. A failure prints its seed and the
// smallest case.

import type { Frame } from '@ws/frame'
import { concat, hex, onV8, randomFrom, utf8 } from '@ws/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  checkLimits,
  type OutgoingStream,
  type PreparedMessage,
  Protocol,
  portableHost,
  prepare,
  type Role,
} from '../src/index.ts'
import { close, End, type EndOptions, more, ROLES, settled, text, wire } from './end.ts'
import { countAllocated } from './memory.ts'
import { RSV1, XorExtension, type XorOptions } from './xor.ts'

/** Enough runs to find regressions, in about a second each. */
const budget = { numRuns: 800, interruptAfterTimeLimit: 2500 }

const role = fc.constantFrom<Role>('server', 'client')
const cuts = fc.array(fc.nat({ max: 2 ** 30 }), { maxLength: 20 })
const payload = fc.oneof(
  fc.uint8Array({ maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 12 }).map(utf8),
  fc.constantFrom(125, 126, 300).map(length => new Uint8Array(length).fill(0x61)),
)

/** Frames that are mostly legal, in a mostly legal order. */
const frame: fc.Arbitrary<Frame> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ opcode: fc.constantFrom(0, 0, 1, 2), fin: fc.boolean(), payload }) },
  {
    weight: 3,
    arbitrary: fc.record({ opcode: fc.constantFrom(9, 10), payload: fc.uint8Array({ maxLength: 125 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      opcode: fc.constantFrom(1, 2),
      rsv: fc.constant(RSV1),
      fin: fc.boolean(),
      payload,
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom(close(), close(1000, 'bye'), close(999)) },
  {
    weight: 1,
    arbitrary: fc.record({
      opcode: fc.nat({ max: 15 }),
      rsv: fc.nat({ max: 7 }),
      fin: fc.boolean(),
      payload,
    }),
  },
)
const stream = fc
  .record({ role, frames: fc.array(frame, { maxLength: 15 }), noise: fc.uint8Array({ maxLength: 40 }) })
  .map(({ role: reader, frames, noise }) => ({ role: reader, bytes: concat(wire(reader, ...frames), noise) }))

/** The events for these segments and the end of the transport. */
function eventsOf(reader: Role, segments: readonly Uint8Array[], options: EndOptions = {}): string[] {
  const end = new End(reader, { limits: checkLimits({ maxMessageSize: 1000, maxFragments: 6 }), ...options })
  for (const segment of segments) end.protocol.receive(segment)
  while (end.protocol.isPaused) end.protocol.resume()
  end.protocol.receiveEnd()
  return [...end.events, ...end.written()]
}

describe('any bytes', () => {
  const noise = fc.oneof(
    stream,
    fc.record({ role, bytes: fc.uint8Array({ maxLength: 300 }) }),
    fc.record({ role, bytes: fc.uint8Array({ maxLength: 60 }) }).map(given => ({
      ...given,
      // Noise that starts like a frame.
      bytes: concat(hex('81'), given.bytes),
    })),
  )

  test('give events and one close report at the end, and never an exception', () => {
    fc.assert(
      fc.property(noise, cuts, fc.boolean(), (given, places, streamed) => {
        const end = new End(given.role, { streamed })
        for (const segment of cut(given.bytes, places)) end.protocol.receive(segment)
        const isOver = end.protocol.state === 'closed'
        expect(end.reports).toHaveLength(isOver ? 1 : 0)
        end.protocol.receiveEnd()
        end.protocol.receiveEnd()
        expect(end.reports).toHaveLength(1)
        expect(end.events.filter(event => event.startsWith('closed'))).toHaveLength(1)
        expect(end.events.at(-1)).toMatch(/^closed/)
        expect(end.protocol.state).toBe('closed')
        expect(end.protocol.unreadLength).toBe(0)
        const written = end.written()
        expect(written.slice(0, -1).some(line => line.startsWith('close'))).toBe(false)
      }),
      { ...budget, numRuns: 1500 },
    )
  })

  test('give the same events in any segmentation, paused, streamed or transformed', () => {
    fc.assert(
      fc.property(stream, cuts, fc.infiniteStream(fc.boolean()), (given, places, holds) => {
        const extension = () => new XorExtension()
        const options: (() => EndOptions)[] = [
          () => ({}),
          () => ({ streamed: true }),
          () => ({ on: (_, protocol) => holds.next().value && protocol.pause() }),
        ]
        for (const extended of [false, true]) {
          const create = (option: () => EndOptions) => ({
            ...option(),
            extension: extended ? extension() : undefined,
          })
          const whole = eventsOf(given.role, [given.bytes.slice()], create(options[0]!))
          for (const option of options) {
            expect(eventsOf(given.role, cut(given.bytes, places), create(option))).toEqual(whole)
          }
        }
      }),
      budget,
    )
  })
})

describe('input that is held at random and looked ahead in', () => {
  const limits = checkLimits({ maxMessageSize: 1000, maxFragments: 6 })
  const holds = fc.infiniteStream(fc.boolean())
  /** The pings and pongs among the events. */
  const controlsOf = (events: readonly string[]) =>
    events.filter(event => /^p[io]ng/.test(event)).map(event => (event.startsWith('ping') ? 'ping' : event))
  /** The first ones of a list, as many as there are in the other. */
  const first = (list: readonly string[], { length }: readonly string[]) => list.slice(0, length)

  /** An end that pauses at random, and scans after each call. */
  function createHeld(reader: Role, pauses: Iterator<boolean>, options: EndOptions): End {
    return new End(reader, {
      limits,
      scan: true,
      on: (_, protocol) => pauses.next().value && protocol.pause(),
      ...options,
    })
  }

  function resumeAll(end: End): void {
    while (end.protocol.isPaused) end.protocol.resume()
  }

  test('gives the same events, and each ping is offered once and answered at most once', () => {
    fc.assert(
      fc.property(stream, cuts, holds, fc.boolean(), (given, places, pauses, streamed) => {
        const straight = new End(given.role, { limits })
        straight.protocol.receive(given.bytes)
        const end = createHeld(given.role, pauses, { streamed })
        for (const segment of cut(given.bytes, places)) {
          end.protocol.receive(segment)
          if (pauses.next().value) end.protocol.resume()
        }
        resumeAll(end)
        // Once the peer's Close is found, the report is final, even if a held message is illegal.
        const isFinal = end.closings.some(({ by }) => by === 'peer')
        const compared = (events: readonly string[]) =>
          isFinal ? events.filter(event => !event.startsWith('closed')) : events
        expect(compared(end.events)).toEqual(compared(straight.events))
        expect(end.protocol.state).toBe(straight.protocol.state)
        const controls = controlsOf(end.events)
        expect(first(end.received, controls)).toEqual(controls)
        if (end.protocol.state === 'open') expect(end.received).toEqual(controls)
        const pongs = (written: string[]) => written.filter(line => line.startsWith('pong'))
        const [answers, all] = [pongs(end.written()), pongs(straight.written())]
        if (end.received.length === controls.length) {
          expect(answers.at(-1)).toBe(all.at(-1))
          let at = 0
          for (const pong of all) if (pong === answers[at]) at++
          expect(at).toBe(answers.length)
        }
        const isSame = !isFinal || straight.closings.some(({ by }) => by === 'peer')
        if (isSame) expect(end.closings).toEqual(straight.closings)
      }),
      budget,
    )
  })

  test('gives the same messages if the transport ends meanwhile, and one report', () => {
    fc.assert(
      fc.property(stream, cuts, holds, fc.nat(), (given, places, pauses, last) => {
        const segments = cut(given.bytes, places)
        const count = last % (segments.length + 1)
        const straight = new End(given.role, { limits })
        for (const segment of segments.slice(0, count)) straight.protocol.receive(segment)
        straight.protocol.receiveEnd()
        const end = createHeld(given.role, pauses, {})
        for (const segment of segments.slice(0, count)) end.protocol.receive(segment)
        end.protocol.receiveEnd()
        expect(end.protocol.state).not.toBe('open')
        expect(end.protocol.send('late')).toBe(
          end.protocol.state === 'closing' && end.closings[0]!.by === 'peer',
        )
        resumeAll(end)
        expect(end.events.slice(0, -1)).toEqual(straight.events.slice(0, -1))
        expect(end.closings).toEqual(end.reports)
        expect(end.reports).toHaveLength(1)
        expect(end.protocol.transportAction).toBe('end')
      }),
      budget,
    )
  })

  test('gives no message after a discard, and all control frames', () => {
    fc.assert(
      fc.property(stream, cuts, holds, fc.nat(), fc.boolean(), (given, places, pauses, at, streamed) => {
        const segments = cut(given.bytes, places)
        const straight = new End(given.role, { limits })
        straight.protocol.receive(given.bytes)
        const end = createHeld(given.role, pauses, { streamed })
        const count = at % (segments.length + 1)
        for (const segment of segments.slice(0, count)) end.protocol.receive(segment)
        end.protocol.discard()
        const before = end.events.length
        for (const segment of segments.slice(count)) end.protocol.receive(segment)
        expect(end.protocol).toMatchObject({ isPaused: false, unreadLength: 0 })
        expect(end.events.slice(before).some(event => /^(text|binary)/.test(event))).toBe(false)
        const controls = controlsOf(straight.events)
        expect(first(controlsOf(end.events), controls)).toEqual(controls)
        expect(first(end.received, controls)).toEqual(controls)
      }),
      budget,
    )
  })
})

// ── two ends back to back ───────────────────────────────────────────────────────────────────────

/** An action of an end. */
type Act =
  | { readonly act: 'text' | 'binary'; readonly size: number; readonly compress: boolean }
  | { readonly act: 'stream'; readonly text: boolean; readonly sizes: readonly number[] }
  | { readonly act: 'ping' | 'pause' | 'resume' | 'scan' | 'wait' }

const size = fc.oneof(
  { weight: 5, arbitrary: fc.nat({ max: 300 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 65_535, 65_536, 16_384, 200_000) },
)
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ act: fc.constantFrom('text', 'binary'), size, compress: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('stream'),
      text: fc.boolean(),
      sizes: fc.array(size, { maxLength: 4 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ act: fc.constantFrom('ping', 'pause', 'resume', 'scan', 'wait') }) },
)
const acts = fc.array(fc.record({ by: role, what: act }), { maxLength: 25 })

/** A text of this many UTF-16 units, with characters of every length. */
function textOf(length: number, seed: number): string {
  const unit = ['aä€😀', '😀b', 'plain ascii ', '€'][seed % 4]!
  return unit
    .repeat(Math.ceil(length / unit.length))
    .slice(0, length)
    .toWellFormed()
}

/** A short name for a large message. */
function nameOf(data: string | Uint8Array): string {
  const bytes = Buffer.from(data)
  let sum = 0
  for (const byte of bytes) sum = (Math.imul(sum, 31) + byte) >>> 0
  return `${typeof data} ${bytes.length} ${sum}`
}

/** One end, with the names of sent and received messages. */
class Talker {
  readonly protocol: Protocol
  readonly sent: string[] = []
  readonly told: string[] = []
  readonly closes: string[] = []
  pings = 0
  pongs = 0
  /** Pings and pongs, as soon as they were received. */
  received = 0

  constructor(end: Role, xor: XorOptions | undefined, streamed: boolean) {
    const pieces: (string | Uint8Array)[] = []
    this.protocol = new Protocol(
      end,
      {
        message: data => this.told.push(nameOf(data)),
        pingReceived: () => {
          this.received++
          return true
        },
        pongReceived: () => this.received++,
        ping: () => this.pings++,
        pong: () => this.pongs++,
        close: ({ code, wasClean }) => this.closes.push(`${code} ${wasClean}`),
        stream: type =>
          streamed
            ? {
                write: piece => pieces.push(piece),
                end: () => {
                  const whole = type === 'text' ? pieces.join('') : concat(...(pieces as Uint8Array[]))
                  pieces.length = 0
                  this.told.push(nameOf(whole))
                },
                abort: () => expect.fail('a stream was aborted'),
              }
            : undefined,
      },
      {
        // The largest stream has four pieces of 200,000 units, each with up to three bytes.
        limits: checkLimits({ maxMessageSize: 4 * 200_000 * 3 }),
        extension: xor === undefined ? undefined : new XorExtension(xor),
      },
    )
  }

  do(what: Act, seed: number): number {
    const { protocol } = this
    switch (what.act) {
      case 'text':
      case 'binary': {
        const data = what.act === 'text' ? textOf(what.size, seed) : new Uint8Array(what.size).fill(seed)
        this.sent.push(nameOf(data))
        expect(protocol.send(data, { compress: what.compress })).toBe(true)
        return 0
      }
      case 'stream': {
        const outgoing = protocol.stream(what.text ? 'text' : 'binary')!
        const data = what.sizes.map((length, i) =>
          what.text ? textOf(length, seed + i) : new Uint8Array(length).fill(i),
        )
        for (const piece of data) outgoing.write(piece)
        outgoing.end()
        this.sent.push(nameOf(what.text ? data.join('').toWellFormed() : concat(...(data as Uint8Array[]))))
        return 0
      }
      case 'ping':
        protocol.ping(Uint8Array.of(seed))
        return 1
      case 'pause':
        protocol.pause()
        return 0
      case 'resume':
        protocol.resume()
        return 0
      case 'scan':
        protocol.scan()
        return 0
      case 'wait':
        return 0
    }
  }
}

describe.each([
  ['no extension', undefined],
  ['an extension that works at once', { mode: 'at once' }],
  ['an extension that works later', { mode: 'later' }],
] as [string, XorOptions | undefined][])('two ends with %s', (_, xor) => {
  test.each([false, true])(
    'deliver all messages in order and close cleanly (streamed: %s)',
    async streamed => {
      await fc.assert(
        fc.asyncProperty(acts, fc.nat(), role, async (steps, seed, closer) => {
          const random = randomFrom(seed)
          const ends = {
            server: new Talker('server', xor, streamed),
            client: new Talker('client', xor, streamed),
          }
          let pings = 0
          for (const [i, { by, what }] of steps.entries()) {
            pings += ends[by].do(what, i)
            if (random() < 0.7) carry(ends.server.protocol, ends.client.protocol, random)
            if (what.act === 'wait') await settled()
          }
          ends[closer].protocol.close(1000)
          for (let turn = 0; turn < 400 && (turn < 4 || ends[closer].closes.length === 0); turn++) {
            await settled()
            for (const end of ROLES) {
              ends[end].protocol.scan()
              ends[end].protocol.resume()
            }
            carry(ends.server.protocol, ends.client.protocol, random)
          }
          expect(ends.client.told).toEqual(ends.server.sent)
          expect(ends.server.told).toEqual(ends.client.sent)
          expect([...ends.client.closes, ...ends.server.closes]).toEqual(['1000 true', '1000 true'])
          // A ping that crosses a Close may stay unanswered.
          expect(ends.client.pings + ends.server.pings).toBe(pings)
          expect(ends.client.pongs + ends.server.pongs).toBeLessThanOrEqual(pings)
          for (const end of ROLES) {
            expect(ends[end].received).toBe(ends[end].pings + ends[end].pongs)
            expect(ends[end].protocol).toMatchObject({ bufferedLength: 0, unreadLength: 0, state: 'closed' })
          }
        }),
        { numRuns: 150, interruptAfterTimeLimit: 1500 },
      )
    },
  )
})

// ── prepared messages ───────────────────────────────────────────────────────────────────────────

describe.each([
  ['no extension', undefined],
  ['an extension that works at once', { mode: 'at once' }],
  ['an extension that works later', { mode: 'later' }],
] as [string, XorOptions | undefined][])('a prepared message, with %s', (_, xor) => {
  /** An event on one of the connections. */
  const event = fc.oneof(
    { weight: 6, arbitrary: fc.record({ what: fc.constant('message'), which: fc.nat({ max: 3 }) }) },
    { weight: 2, arbitrary: fc.record({ what: fc.constant('own'), which: size }) },
    { weight: 2, arbitrary: fc.record({ what: fc.constant('take'), which: fc.constant(0) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        what: fc.constantFrom(
          'begin',
          'piece',
          'end',
          'ping',
          'peer pings',
          'fill transport',
          'drain transport',
          'wait',
        ),
        which: fc.nat({ max: 200 }),
      }),
    },
  )
  const on = fc.nat({ max: 2 })

  test('is sent as the same bytes as an unprepared one, among other messages', async () => {
    await fc.assert(
      fc.asyncProperty(
        role,
        fc.array(size, { minLength: 4, maxLength: 4 }),
        fc.array(fc.record({ on, event }), { maxLength: 40 }),
        async (from, sizes, events) => {
          const data = sizes.map((each, i) =>
            i % 2 === 0 ? textOf(each, i) : new Uint8Array(each).fill(i + 1),
          )
          const prepared = data.map(each => prepare(each))
          const pairs = Array.from({ length: 3 }, () => [
            new Speaker(from, xor, data),
            new Speaker(from, xor, prepared),
          ])
          const compare = ([plain, other]: Speaker[]) => {
            expect(other!.protocol.bufferedLength).toBe(plain!.protocol.bufferedLength)
            expect(Buffer.compare(other!.take(), plain!.take())).toBe(0)
          }
          for (const { on: which, event: happened } of events) {
            const pair = pairs[which]!
            for (const speaker of pair) speaker.do(happened.what, happened.which)
            if (happened.what === 'take') compare(pair)
            if (happened.what === 'wait') await settled()
          }
          for (const pair of pairs) {
            for (const speaker of pair) speaker.do('end', 0)
            for (let turn = 0; turn < 4; turn++) await settled()
            compare(pair)
          }
        },
      ),
      { numRuns: 300, interruptAfterTimeLimit: 1500 },
    )
  })
})

/** One end of a pair with the same events, where one of them sends prepared messages. */
class Speaker {
  readonly protocol: Protocol
  readonly #role: Role
  readonly #messages: readonly (string | Uint8Array | PreparedMessage)[]
  #stream: OutgoingStream | undefined

  constructor(
    role: Role,
    xor: XorOptions | undefined,
    messages: readonly (string | Uint8Array | PreparedMessage)[],
  ) {
    let key = 0
    this.protocol = new Protocol(
      role,
      { message: () => undefined, close: () => undefined },
      {
        extension: xor === undefined ? undefined : new XorExtension(xor),
        host: { ...portableHost, createMaskingKey: () => (key += 0x01020304) },
      },
    )
    this.#role = role
    this.#messages = messages
  }

  do(what: string, which: number): void {
    const { protocol } = this
    if (what === 'message') expect(protocol.send(this.#messages[which]!)).toBe(true)
    else if (what === 'own') protocol.send('o'.repeat(which))
    else if (what === 'begin') this.#stream ??= protocol.stream('text')
    else if (what === 'piece') this.#stream?.write('p'.repeat(which))
    else if (what === 'ping') protocol.ping()
    else if (what === 'peer pings')
      protocol.receive(wire(this.#role, { opcode: 9, payload: utf8(`${which}`) }))
    else if (what === 'fill transport') protocol.transportFull = true
    else if (what === 'drain transport') protocol.transportFull = false
    else if (what === 'end') {
      this.#stream?.end()
      this.#stream = undefined
    }
  }

  take(): Uint8Array {
    return concat(...this.protocol.takeOutput())
  }
}

// ── memory ──────────────────────────────────────────────────────────────────────────────────────

onV8(describe)('memory', () => {
  test('G6: 131,072 fragments of one byte need at most 4 × their bytes', () => {
    const end = new End('client')
    const fragment = wire('client', more('x', { fin: false }))
    end.receive(text('x', { fin: false }))
    const chunk = new Uint8Array(fragment.length * 131_071).map((_, i) => fragment[i % fragment.length]!)
    const allocated = countAllocated(() => {
      // Unlike `End`, which passes a copy.
      Protocol.prototype.receive.call(end.protocol, chunk)
    })
    expect(end.protocol.state).toBe('open')
    expect(allocated).toBeLessThanOrEqual(4 * 131_072)
  })

  test.each([
    ['a message of 2^29 − 24 bytes', 2 ** 29 - 24, false],
    ['a stream of 2^40 bytes', 2 ** 40, true],
  ])('%s that is claimed allocates only for the bytes received', (_, payloadLength, streamed) => {
    const limits = checkLimits({ maxMessageSize: 2 ** 29 - 24 })
    const end = new End('client', { limits, streamed, maxSize: 2 ** 41 })
    const claim = wire('client', { opcode: 2, payload: hex('00'), payloadLength, lengthSize: 8 })
    const allocated = countAllocated(() => {
      end.protocol.receive(claim)
      for (let i = 0; i < 100; i++) end.protocol.receive(new Uint8Array(10))
    })
    expect(end.protocol.state).toBe('open')
    expect(allocated).toBeLessThan(100_000)
  })
})

/** Carries output between both ends, cut at random, until neither has more. */
function carry(one: Protocol, other: Protocol, random: () => number): void {
  for (;;) {
    const [forOther, forOne] = [concat(...one.takeOutput()), concat(...other.takeOutput())]
    if (forOther.length + forOne.length === 0) return
    for (const piece of cutAtRandom(forOther, random)) other.receive(piece)
    for (const piece of cutAtRandom(forOne, random)) one.receive(piece)
  }
}

function cutAtRandom(bytes: Uint8Array, random: () => number): Uint8Array[] {
  const places = Array.from({ length: Math.floor(random() * 6) }, () => Math.floor(random() * 2 ** 30))
  return cut(bytes, places)
}

/** Copies of the pieces of the stream, cut at these offsets modulo its length. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = places.map(place => place % (bytes.length + 1)).sort((a, b) => a - b)
  return [0, ...sorted].map((start, i) => bytes.slice(start, sorted[i]))
}
