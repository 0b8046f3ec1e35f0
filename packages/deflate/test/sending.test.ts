// Sending: the threshold, the `compress` option, incompressible messages, pieces of all sizes.

import { constants, inflateRawSync } from 'node:zlib'
import type { Frame } from '@ws/frame'
import { concat, randomBytes, randomFrom } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import type { DeflateOptions } from '../src/options.ts'
import { agree, carry, createDeflate, End, RSV1, WAYS } from './ends.ts'

const TAIL = Uint8Array.of(0, 0, 0xff, 0xff)

/** The frames of one message, inflated as a peer would. */
function inflate(frames: readonly Frame[]): Buffer {
  const payload = concat(...frames.map(frame => frame.payload!), TAIL)
  return inflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH })
}

describe.each(WAYS)('$way', ({ sync }) => {
  const connect = (options: DeflateOptions = {}) => {
    const { server, client } = agree(
      createDeflate(options, sync),
      createDeflate({ contextTakeover: true, windowBits: 15 }),
    )
    return { end: new End('server', server), peer: new End('client', client) }
  }

  const written = async (end: End): Promise<Frame[]> => {
    while (end.protocol.isTransforming) await new Promise<void>(resolve => setImmediate(resolve))
    return end.written()
  }

  test('compresses messages from the threshold on, unless `compress` overrides it', async () => {
    const { end } = connect({ threshold: 100 })
    for (const [size, compress] of [
      [99, undefined],
      [100, undefined],
      [99, true],
      [100, false],
    ] as const) {
      end.protocol.send('a'.repeat(size), compress === undefined ? {} : { compress })
    }
    expect((await written(end)).map(({ rsv }) => rsv)).toEqual([0, RSV1, RSV1, 0])
  })

  test('compresses a streamed message of any size, and each piece can be read when it arrives', async () => {
    for (const contextTakeover of [false, true]) {
      const { end, peer } = connect({ contextTakeover })
      const stream = end.protocol.stream('text')!
      for (const piece of ['one, ', '', 'two', '']) stream.write(piece)
      const begun = await written(end)
      expect(begun.map(({ rsv }) => rsv)).toEqual([RSV1, 0, 0, 0])
      expect(inflate(begun.slice(0, 1)).toString()).toBe('one, ')
      stream.end()
      const [last] = await written(end)
      expect([last!.fin, [...last!.payload!]]).toEqual([true, [0]])
      expect(inflate([...begun, last!]).toString()).toBe('one, two')
      end.protocol.stream('text')!.end()
      await carry(end, peer, () => peer.messages.length + peer.reports.length > 0)
      expect(peer.messages).toEqual([''])
    }
  })

  test('sends an incompressible message uncompressed, and the next message is right', async () => {
    const random = randomFrom(6)
    for (const contextTakeover of [false, true]) {
      const { end, peer } = connect({ contextTakeover, threshold: 0 })
      const texts = ['', 'x', 'xyz', randomBytes(random, 200), randomBytes(random, 70_000)]
      const messages = [...texts, ...texts].flatMap(data => [data, 'what has been said before'.repeat(3)])
      for (const data of messages) end.protocol.send(data)
      const frames = await written(end)
      expect(frames.map(({ rsv }) => rsv === RSV1)).toEqual(
        messages.map(data => typeof data === 'string' && data.length > 10),
      )
      const again = connect({ contextTakeover, threshold: 0 })
      for (const data of messages) again.end.protocol.send(data)
      await carry(again.end, again.peer, () => again.peer.messages.length === messages.length)
      expect(again.peer.messages.map(data => Buffer.from(data as string))).toEqual(
        messages.map(data => Buffer.from(data as string)),
      )
      expect(peer.messages).toEqual([])
    }
  })

  test('sends pieces that get larger, at the size where work moves to the thread pool', async () => {
    const { end } = connect()
    for (const size of [65_535, 65_536, 65_537]) {
      const bytes = randomBytes(randomFrom(size), size)
      const stream = end.protocol.stream('binary')!
      stream.write(bytes)
      stream.end(bytes)
      const frames = await written(end)
      expect(frames[0]!.payload!.length).toBeGreaterThan(size)
      expect(inflate(frames).equals(Buffer.concat([bytes, bytes]))).toBe(true)
    }
  })
})
