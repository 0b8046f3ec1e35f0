// Large messages in small parts: in writes of 64 bytes to 1 MiB, where the frame knows nothing of it, and in fragments of 64 bytes to
// 1 MiB. Several connections at once are fed by turns, so that none has its bytes in one go.

import { expect, test } from 'vitest'
import type { Pair } from './ends.ts'
import { expectHealth, forEachEnd, runAll } from './family.ts'
import { bytesOf, textOf } from './payloads.ts'
import { ping, type Sent } from './peer.ts'

const KIB = 2 ** 10
const MIB = 2 ** 20

interface Case {
  readonly size: number
  readonly part: number
  readonly opcode: number
}

const SIZES = [MIB, 4 * MIB]
const PARTS = [64, 256, KIB, 4 * KIB, 64 * KIB, 256 * KIB, MIB]

/** Text is where a cut can hurt: the smallest parts are not tried with bytes as well. */
const cases = SIZES.flatMap(size =>
  PARTS.flatMap(part => [1, 2].map(opcode => ({ size, part, opcode }))),
).filter(({ part, opcode }) => opcode === 1 || part >= 64 * KIB)

/** Each write is a turn of the event loop: at most 16,384 for a message of 1 MiB, 1,024 for one of 4 MiB. */
const written = cases.filter(({ size, part }) => size === MIB || part >= 4 * KIB)

const payloadOf = ({ size, opcode }: Case): Buffer => (opcode === 1 ? textOf(size) : bytesOf(size))

async function expectEcho({ peer }: Pair, { size, part, opcode }: Case, payload: Buffer): Promise<void> {
  const answer = await peer.next()
  expect(answer).toMatchObject({ opcode, fin: true, rsv: 0 })
  expect(answer!.payload.equals(payload), `${size} bytes in parts of ${part}`).toBe(true)
}

forEachEnd(connect => {
  test('in writes', () =>
    runAll(written, 4, async given => {
      const payload = payloadOf(given)
      using pair = await connect()
      const frame = pair.peer.bytes({ opcode: given.opcode, payload })
      // One byte less at first: the cuts then fall at odd places of the payload, and of the masking key.
      await pair.peer.write(frame.subarray(0, given.part - 1))
      for (let at = given.part - 1; at < frame.length; at += given.part)
        await pair.peer.write(frame.subarray(at, at + given.part))
      await expectEcho(pair, given, payload)
      await expectHealth(pair)
    }))

  test('in fragments, with pings between', () =>
    runAll(cases, 4, async given => {
      const payload = payloadOf(given)
      const count = given.size / given.part
      const fragments = Array.from(
        { length: count },
        (_, i): Sent => ({
          opcode: i === 0 ? given.opcode : 0,
          fin: i === count - 1,
          payload: payload.subarray(i * given.part, (i + 1) * given.part),
        }),
      )
      using pair = await connect()
      // Eight writes or fewer, a ping behind each: behind the last comes the message.
      const batch = Math.ceil(count / 8)
      for (let at = 0, i = 0; at < count; at += batch, i++) {
        const last = at + batch >= count
        await pair.peer.send(...fragments.slice(at, at + batch), ...(last ? [] : [ping(`${i}`)]))
        if (!last) expect(await pair.peer.read(1)).toEqual([`pong ${i}`])
      }
      await expectEcho(pair, given, payload)
      await expectHealth(pair)
    }))
})
