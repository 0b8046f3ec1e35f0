// Text that is UTF-8 and text that is not: in one frame, cut everywhere, and byte by byte, where the connection must fail at the first
// byte that no continuation can mend: not a byte earlier, and without waiting for the message to be complete.

import { expect, test } from 'vitest'
import { expectFailure, expectHealth, forEachEnd, runAll } from './family.ts'
import { more, ping, type Sent, text } from './peer.ts'

const VALID = [
  ['nothing', ''],
  ['ASCII', 'Hello, world'],
  ['NUL and DEL', '\u0000\u007f'],
  ['all lengths', 'aä€😀'],
  ['Greek with accents', 'κόσμε'],
  ['the first and the last of two bytes', '\u0080\u07ff'],
  ['the first and the last of three bytes', '\u0800\uffff'],
  ['the first and the last of four bytes', '\u{10000}\u{10ffff}'],
  ['around the surrogates', '\ud7ff\ue000'],
  ['private use', '\ue000\uf8ff\u{f0000}\u{10fffd}'],
  ['a byte order mark, in front and inside', '\ufeffa\ufeff'],
  ['the replacement character', '\ufffd'],
  ['what is no character', ['\ufdd0\ufffe\uffff', ...planes()].join('')],
  ['combined marks and joined emoji', 'e\u0301 👩\u200d👩\u200d👧'],
] as const

/** The last two code points of each plane above the first. */
function planes(): string[] {
  return Array.from({ length: 16 }, (_, i) =>
    String.fromCodePoint((i + 1) * 0x10000 + 0xfffe, (i + 1) * 0x10000 + 0xffff),
  )
}

/** What is wrong, its bytes, and which of them (from 0) is the first that no continuation can mend. */
const INVALID: readonly (readonly [name: string, digits: string, offending: number])[] = [
  ['a continuation byte alone: the first', '80', 0],
  ['a continuation byte alone: the last', 'bf', 0],
  ['one more continuation byte than two bytes have', 'c3a480', 2],
  ['one more continuation byte than four bytes have', 'f09f988080', 4],
  ['the start of two bytes, then a letter', 'c361', 1],
  ['the start of three bytes, then a letter', 'e261', 1],
  ['two of three bytes, then a letter', 'e28261', 2],
  ['the start of four bytes, then a letter', 'f061', 1],
  ['two of four bytes, then a letter', 'f09f61', 2],
  ['three of four bytes, then a letter', 'f09f9861', 3],
  ['the start of three bytes, then another start', 'e2c3a4', 1],
  ['C0, which starts nothing: the slash in two bytes', 'c0af', 0],
  ['C1, which starts nothing', 'c1bf', 0],
  ['NUL in two bytes', 'c080', 0],
  ['the slash in three bytes', 'e080af', 1],
  ['NUL in three bytes', 'e08080', 1],
  ['the last of two bytes in three', 'e09fbf', 1],
  ['the slash in four bytes', 'f08080af', 1],
  ['the last of three bytes in four', 'f08fbfbf', 1],
  ['the first high surrogate', 'eda080', 1],
  ['the last high surrogate', 'edafbf', 1],
  ['the first low surrogate', 'edb080', 1],
  ['the last low surrogate', 'edbfbf', 1],
  ['a pair of surrogates', 'eda081edb080', 1],
  ['one above the last code point', 'f4908080', 1],
  ['F5, above all code points', 'f5808080', 0],
  ['F7, above all code points', 'f7bfbfbf', 0],
  ['five bytes', 'f888808080', 0],
  ['six bytes', 'fc8480808080', 0],
  ['FE', 'fe', 0],
  ['FF', 'ff', 0],
]

/** Texts that end too early. */
const TRUNCATED = ['c3', 'e2', 'e282', 'f0', 'f09f', 'f09f98']

/** Valid text before the wrong bytes, so that they are not always the first. */
const LEADS = ['', 'a', 'κόσμε', 'x'.repeat(70)]

const bytesOf = (digits: string): Buffer => Buffer.from(digits, 'hex')

forEachEnd(connect => {
  test('valid text comes back: whole, cut into two fragments everywhere, and in fragments of one byte', () =>
    runAll(VALID, 8, async ([name, content]) => {
      const bytes = Buffer.from(content)
      using pair = await connect()
      const expectBack = async (...frames: Sent[]) => {
        await pair.peer.send(...frames)
        const answer = await pair.peer.next()
        expect([answer!.opcode, answer!.payload.equals(bytes)], name).toEqual([1, true])
      }
      await expectBack(text(bytes))
      for (let at = 0; at <= bytes.length; at++)
        await expectBack(text(bytes.subarray(0, at), { fin: false }), more(bytes.subarray(at)))
      await expectBack(
        text('', { fin: false }),
        ...Array.from(bytes, byte => more(Buffer.of(byte), { fin: false })),
        more(''),
      )
      await expectHealth(pair)
    }))

  test('invalid text fails, in one frame and in two fragments, wherever it is cut', () =>
    runAll(INVALID, 8, async ([, digits]) => {
      const bytes = Buffer.concat([Buffer.from('ä'), bytesOf(digits), Buffer.from('behind')])
      using whole = await connect()
      await whole.peer.send(text('ok'), text(bytes), text('never'))
      await expectFailure(whole, 1007, ['text ok'])
      for (let at = 0; at <= bytes.length; at += 2) {
        using pair = await connect()
        await pair.peer.send(text(bytes.subarray(0, at), { fin: false }), more(bytes.subarray(at)))
        await expectFailure(pair, 1007)
      }
    }))

  test('fails at the offending byte: fragments of one byte, each with a ping that is answered before it and not behind', () =>
    runAll(
      INVALID.flatMap(([, digits, offending]) => LEADS.map(lead => ({ digits, offending, lead }))),
      8,
      async ({ digits, offending, lead }) => {
        const bytes = Buffer.concat([Buffer.from(lead), bytesOf(digits)])
        const wrong = Buffer.byteLength(lead) + offending
        const expected = Array.from({ length: wrong }, (_, i) => `pong ${i}`)
        using pair = await connect()
        await pair.peer.send(text('', { fin: false }))
        const fragments = Array.from(bytes, (byte, i) => [
          more(Buffer.of(byte), { fin: false }),
          ping(`${i}`),
        ])
        await pair.peer.send(...fragments.flat())
        await expectFailure(pair, 1007, expected)
      },
    ))

  test('fails at the offending byte of a frame of which more is to come', () =>
    runAll(INVALID, 8, async ([, digits, offending]) => {
      const lead = Buffer.from('κόσμε')
      const bytes = Buffer.concat([lead, bytesOf(digits)])
      using pair = await connect()
      const frame = pair.peer.bytes(text(bytes, { length: 200 }))
      const wrong = frame.length - bytesOf(digits).length + offending
      // Another connection goes to and fro meanwhile: what was written before has been read.
      using other = await connect()
      await pair.peer.write(frame.subarray(0, wrong))
      for (let i = 0; i < 3; i++) {
        await other.peer.send(ping())
        await other.peer.read(1)
      }
      expect(pair.peer.waiting).toEqual([])
      await pair.peer.write(frame.subarray(wrong, wrong + 1))
      await expectFailure(pair, 1007)
    }))

  test('text that ends too early fails at FIN, not before', () =>
    runAll(TRUNCATED, 6, async digits => {
      using whole = await connect()
      await whole.peer.send(text(bytesOf(digits)))
      await expectFailure(whole, 1007)

      using pair = await connect()
      await pair.peer.send(
        text(bytesOf(digits), { fin: false }),
        ping('alive'),
        more('', { fin: false }),
        ping('still'),
      )
      expect(await pair.peer.read(2)).toEqual(['pong alive', 'pong still'])
      await pair.peer.send(more(''), ping('never'))
      await expectFailure(pair, 1007)
    }))

  test('in binary all of it is let through', async () => {
    using pair = await connect()
    for (const [, digits] of INVALID) {
      await pair.peer.send({ opcode: 2, payload: bytesOf(digits) })
      expect(await pair.peer.read(1)).toEqual([`binary ${digits}`])
    }
    await expectHealth(pair)
  })
})
