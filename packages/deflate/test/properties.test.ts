// All messages arrive, with all negotiated parameters and in any segmentation.

import type { PreparedMessage } from '@ws/protocol'
import { prepare } from '@ws/protocol'
import { concat, randomBytes, randomFrom, segmentations } from '@ws/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { agree, carry, createDeflate, End, WAYS } from './ends.ts'

const bits = fc.integer({ min: 8, max: 15 })
const options = fc.record({
  contextTakeover: fc.boolean(),
  windowBits: bits,
  threshold: fc.constantFrom(0, 100, 1024),
  level: fc.integer({ min: 1, max: 9 }),
  memLevel: fc.integer({ min: 1, max: 9 }),
})

/** Bytes of this size: random, or repeating parts of this or another message. */
const content = fc
  .record({
    size: fc.oneof(
      { arbitrary: fc.integer({ max: 3000, min: 0 }), weight: 8 },
      { arbitrary: fc.integer({ max: 200_000, min: 60_000 }), weight: 1 },
    ),
    seed: fc.integer({ min: 0, max: 3 }),
    period: fc.constantFrom(1, 10, 300, 5000, 100_000),
  })
  .map(({ size, seed, period }) => {
    const pattern = randomBytes(randomFrom(seed), Math.min(period, size || 1))
    return Uint8Array.from({ length: size }, (_, i) => pattern[i % pattern.length]!)
  })

const message = fc.record({
  data: fc.oneof(
    content,
    content.map(bytes => Buffer.from(bytes).toString('latin1')),
  ),
  compress: fc.constantFrom(undefined, true, false),
  prepared: fc.boolean(),
  /** Pieces in which it is streamed; 0 sends it whole. */
  pieces: fc.constantFrom(0, 0, 1, 2, 5),
  ping: fc.boolean(),
})

type Message = typeof message extends fc.Arbitrary<infer T> ? T : never

function send(end: End, { data, compress, prepared, pieces, ping }: Message, shared: PreparedMessage): void {
  const options = compress === undefined ? {} : { compress }
  if (ping) end.protocol.ping()
  if (pieces === 0) end.protocol.send(prepared ? shared : data, options)
  else {
    const stream = end.protocol.stream(typeof data === 'string' ? 'text' : 'binary', options)!
    const size = Math.ceil(data.length / pieces)
    for (let i = 0; i < pieces; i++) stream.write(data.slice(i * size, (i + 1) * size) as string)
    stream.end()
  }
}

describe.each(WAYS)('$way', ({ sync }) => {
  test('messages to two connections arrive, prepared or not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ one: options, other: options, client: options }),
        fc.array(message, { maxLength: 8 }),
        fc.array(message, { maxLength: 4 }),
        async ({ one, other, client }, down, up) => {
          const pairs = [one, other].map(server => {
            const agreed = agree(createDeflate(server, sync), createDeflate(client, sync))
            return [new End('server', agreed.server), new End('client', agreed.client)] as const
          })
          for (const sent of down) {
            const shared = prepare(sent.data)
            for (const [server] of pairs) send(server, sent, shared)
          }
          for (const sent of up) for (const [, end] of pairs) send(end, sent, prepare(sent.data))
          for (const [server, end] of pairs) {
            await carry(
              server,
              end,
              () =>
                server.reports.length + end.reports.length > 0 ||
                (server.messages.length >= up.length && end.messages.length >= down.length),
            )
            expect([...server.reports, ...end.reports]).toEqual([])
            expectSame(end.messages, down)
            expectSame(server.messages, up)
          }
        },
      ),
      { numRuns: sync ? 150 : 60 },
    )
  }, 120_000)

  test('any segmentation gives the same messages', async () => {
    const agreed = () =>
      agree(createDeflate({ contextTakeover: true }, sync), createDeflate({ contextTakeover: true }))
    const writer = new End('client', agreed().client)
    const random = randomFrom(8)
    const sent = [1, 40, 300, 3000].map(size => Buffer.from(randomBytes(random, size)).toString('base64'))
    for (const data of [...sent, ...sent]) writer.protocol.send(data, { compress: data.length % 8 > 0 })
    while (writer.protocol.bufferedLength > writer.protocol.outputLength)
      await new Promise<void>(resolve => setImmediate(resolve))
    const bytes = concat(...writer.protocol.takeOutput())
    for (const { segments } of segmentations(bytes)) {
      const reader = new End('server', agreed().server)
      for (const chunk of segments) reader.protocol.receive(chunk.slice())
      await reader.until(() => reader.messages.length === 8 || reader.reports.length > 0)
      expect(reader.messages).toEqual([...sent, ...sent])
    }
  })

  test('any bytes give messages or one close report, and never throw', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.uint8Array({ maxLength: 60 }), fc.boolean()), { maxLength: 5 }),
        async frames => {
          const end = new End('server', agree(createDeflate({}, sync), createDeflate()).server)
          for (const [payload, fin] of frames) end.receive({ opcode: 2, rsv: 4, payload, fin })
          end.protocol.receiveEnd()
          await end.until(() => end.reports.length > 0)
          expect(end.reports).toHaveLength(1)
          expect([1002, 1006, 1007]).toContain(end.reports[0]!.code)
        },
      ),
      { numRuns: 500 },
    )
  })
})

function expectSame(got: readonly (string | Uint8Array)[], sent: readonly Message[]): void {
  expect(got).toHaveLength(sent.length)
  for (const [i, { data }] of sent.entries()) {
    const one = got[i]!
    expect(typeof one).toBe(typeof data)
    expect(Buffer.compare(Buffer.from(one as string), Buffer.from(data as string))).toBe(0)
  }
}
