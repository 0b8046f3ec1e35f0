// Every order of up to four frames, whole messages, fragments and control frames mixed: a model of RFC 6455 §5.4 in a few lines says
// what must come back, or that the connection must fail.

import { expect, test } from 'vitest'
import { expectFailure, expectHealth, forEachEnd, runAll } from './family.ts'
import { binary, more, ping, pong, type Sent, text } from './peer.ts'

const begun = { fin: false }

/** The frames that orders are made of; each payload is two bytes of ASCII, told by its place. */
const KINDS: Record<string, (payload: string) => Sent> = {
  text: payload => text(payload),
  'begun text': payload => text(payload, begun),
  binary: payload => binary(Buffer.from(payload)),
  'begun binary': payload => binary(Buffer.from(payload), begun),
  more: payload => more(payload, begun),
  last: payload => more(payload),
  ping,
  pong,
}

/** What a reader of the RFC expects to come back, and whether the connection fails. */
function foresee(frames: readonly Sent[]): { answers: string[]; fails: boolean } {
  const answers: string[] = []
  let message: { opcode: number; payload: string } | undefined
  for (const { opcode, payload = '', fin = true } of frames) {
    if (opcode === 9) answers.push(`pong ${payload as string}`)
    if (opcode > 7) continue
    if ((opcode === 0) !== (message !== undefined)) return { answers, fails: true }
    message ??= { opcode, payload: '' }
    message.payload += payload.toString()
    if (!fin) continue
    const hex = Buffer.from(message.payload).toString('hex')
    answers.push(message.opcode === 1 ? `text ${message.payload}` : `binary ${hex}`)
    message = undefined
  }
  return { answers, fails: false }
}

function ordersOf(names: readonly string[], length: number): string[][] {
  if (length === 0) return [[]]
  return ordersOf(names, length - 1).flatMap(order => names.map(name => [...order, name]))
}

const all = Object.keys(KINDS)
const few = ['text', 'begun text', 'more', 'last', 'ping']
const orders = [...[1, 2, 3].flatMap(length => ordersOf(all, length)), ...ordersOf(few, 4)]

test('the model fails what must fail, and only that', () => {
  expect(foresee([text('a', begun), ping('p'), more('b')])).toEqual({
    answers: ['pong p', 'text ab'],
    fails: false,
  })
  expect(foresee([ping('p'), more('b')])).toEqual({ answers: ['pong p'], fails: true })
  expect(foresee([text('a', begun), text('b')])).toEqual({ answers: [], fails: true })
})

forEachEnd(connect => {
  test(`${orders.length} orders of frames`, () =>
    runAll(orders, 16, async order => {
      const frames = order.map((name, i) => KINDS[name]!(`${i}${i}`))
      const { answers, fails } = foresee(frames)
      using pair = await connect()
      await pair.peer.send(...frames)
      if (fails) await expectFailure(pair, 1002, answers)
      else await expectHealth(pair, answers)
    }))

  test('empty fragments wherever they can stand', async () => {
    using pair = await connect()
    for (let places = 0; places < 16; places++) {
      const payloads = [0, 1, 2, 3].map(i => (places & (1 << i) ? '' : `${i}`))
      const [first = '', second = '', third = '', last = ''] = payloads
      await pair.peer.send(
        text(first, begun),
        more(second, begun),
        ping('between'),
        more(third, begun),
        more(last),
      )
      expect(await pair.peer.read(2)).toEqual(['pong between', `text ${payloads.join('')}`.trimEnd()])
    }
    await expectHealth(pair)
  })

  test('messages of one byte to a fragment, and each frame in single bytes', async () => {
    using pair = await connect()
    const bytes = [...Buffer.from('a€😀'.repeat(5))]
    const fragments = bytes.map((byte, i) => ({
      opcode: i === 0 ? 1 : 0,
      fin: i === bytes.length - 1,
      payload: Buffer.of(byte),
    }))
    await pair.peer.send(...fragments)
    expect(await pair.peer.read(1)).toEqual([`text ${'a€😀'.repeat(5)}`])
    for (const byte of pair.peer.bytes(...fragments, ping('behind'))) await pair.peer.write(Buffer.of(byte))
    expect(await pair.peer.read(2)).toEqual([`text ${'a€😀'.repeat(5)}`, 'pong behind'])
    await expectHealth(pair)
  })
})
