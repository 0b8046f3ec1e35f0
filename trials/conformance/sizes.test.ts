// Messages of every size at which a header changes its form, up to 16 MiB, text and binary: what comes back is what was sent, in one
// frame with the shortest header, masked by a client and by nobody else.

import { expect, test } from 'vitest'
import { LARGEST } from './ends.ts'
import { expectFailure, expectHealth, forEachEnd } from './family.ts'
import { bytesOf, textOf } from './payloads.ts'
import { binary, ping, text } from './peer.ts'

const SIZES = [0, 1, 2, 124, 125, 126, 127, 128, 65_534, 65_535, 65_536, 65_537, 2 ** 20, LARGEST]

forEachEnd((connect, role) => {
  test.each(SIZES)('%i bytes, text and binary', async size => {
    using pair = await connect()
    for (const [frame, opcode] of [
      [text(textOf(size)), 1],
      [binary(bytesOf(size)), 2],
    ] as const) {
      await pair.peer.send(frame, ping('behind'))
      const answers = [await pair.peer.next(), await pair.peer.next()]
      // The pong may be in front: of a large message the echo takes its time.
      const answer = answers.find(one => one!.opcode !== 10)
      expect(answer).toMatchObject({ opcode, fin: true, rsv: 0, masked: role === 'client' })
      expect(answer!.lengthSize).toBe(size < 126 ? 0 : size < 65_536 ? 2 : 8)
      expect(answer!.payload.equals(Buffer.from(frame.payload!))).toBe(true)
    }
    await expectHealth(pair)
  })

  test('a hundred messages of growing size in one go come back in order', async () => {
    using pair = await connect()
    const sizes = Array.from({ length: 100 }, (_, i) => i * 7)
    await pair.peer.send(...sizes.map(size => binary(bytesOf(size))))
    expect(await pair.peer.read(100)).toEqual(
      sizes.map(size => `binary ${bytesOf(size).toString('hex')}`.trimEnd()),
    )
    await expectHealth(pair)
  })

  test('one byte more than is accepted is 1009, at the header', async () => {
    using pair = await connect()
    await pair.peer.send(text('ok'), binary(bytesOf(10), { length: LARGEST + 1 }))
    await expectFailure(pair, 1009, ['text ok'])
  })
})
