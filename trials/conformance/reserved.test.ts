// Reserved bits and reserved opcodes, none of which anybody has given a meaning: on every kind of frame, whole and in the middle of
// a message. The connection fails with 1002, after what came before.

import { test } from 'vitest'
import { expectFailure, forEachEnd, runAll } from './family.ts'
import { binary, close, more, ping, pong, type Sent, text } from './peer.ts'

const BITS = [1, 2, 3, 4, 5, 6, 7]
const OPCODES = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]
const KINDS = [text('x'), binary(Buffer.of(1)), ping('x'), pong('x'), close(1000), text(''), ping('')]

forEachEnd(connect => {
  const expectFaults = (faults: readonly Sent[]) =>
    runAll(faults, 8, async fault => {
      using whole = await connect()
      await whole.peer.send(text('ok'), ping('ok'), fault, text('never'), ping('never'))
      await expectFailure(whole, 1002, ['text ok', 'pong ok'])

      using inside = await connect()
      await inside.peer.send(text('ok'), text('begun', { fin: false }), fault, more('never'))
      await expectFailure(inside, 1002, ['text ok'])
    })

  test('reserved bits on every kind of frame', () =>
    expectFaults(BITS.flatMap(rsv => KINDS.map(frame => ({ ...frame, rsv })))))

  test('reserved bits on a fragment: the first, one between, the last', async () => {
    const [first, between, last] = [text('a', { fin: false }), more('b', { fin: false }), more('c')]
    const cases = BITS.flatMap(rsv => [
      [{ ...first, rsv }],
      [first, { ...between, rsv }, last],
      [first, between, { ...last, rsv }],
    ])
    await runAll(cases, 8, async frames => {
      using pair = await connect()
      await pair.peer.send(...frames)
      await expectFailure(pair, 1002)
    })
  })

  test('reserved opcodes, empty or not, with FIN or without', () =>
    expectFaults(
      OPCODES.flatMap(opcode => [
        { opcode },
        { opcode, payload: 'x'.repeat(125) },
        { opcode, fin: false },
        { opcode, rsv: 5, payload: 'x' },
      ]),
    ))

  test('at the header, before the payload has come', () =>
    runAll([{ opcode: 3 }, { opcode: 11 }, { opcode: 1, rsv: 4 }, { opcode: 2, rsv: 1 }], 4, async frame => {
      using pair = await connect()
      await pair.peer.send(text('ok'), { ...frame, length: 100 })
      await expectFailure(pair, 1002, ['text ok'])
    }))
})
