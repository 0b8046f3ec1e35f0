// Close frames: which codes may travel and which may not, reasons of all lengths, right and wrong bodies, and what stands behind.

import { expect, test } from 'vitest'
import { expectFailure, forEachEnd, runAll } from './family.ts'
import { close, more, ping, pong, type Sent, text } from './peer.ts'

/** RFC 6455 §7.4 and the registry of IANA; all to 5,100 are tried without a socket in packages/protocol. */
const LEGAL = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014]
const FOR_ALL = [3000, 3001, 3333, 3998, 3999, 4000, 4001, 4444, 4998, 4999]
const ILLEGAL = [
  0, 1, 125, 500, 998, 999, 1004, 1005, 1006, 1015, 1016, 1017, 1100, 1999, 2000, 2500, 2998, 2999,
]
const BEYOND = [5000, 5001, 9999, 32_767, 32_768, 65_534, 65_535]

/** Reasons that fit, and how long they are. */
const REASONS = [
  '',
  'x',
  'why not',
  'x'.repeat(122),
  'x'.repeat(123),
  '€'.repeat(41),
  `${'😀'.repeat(30)}abc`,
  '\ufeff\u0000',
]

const NOT_UTF8 = ['ff', '80', 'c0af', 'eda080', 'f4908080', 'e282', '61626380', 'f09f98']

forEachEnd((connect, role) => {
  test('codes that may travel come back, and are reported with their reason', () =>
    runAll([...LEGAL, ...FOR_ALL], 8, async code => {
      using pair = await connect()
      await pair.peer.send(close(code, 'because'))
      expect(await pair.peer.readAll()).toEqual([`close ${code} because`])
      expect(await pair.own.closed).toEqual({ code, reason: 'because', wasClean: true, by: 'peer' })
    }))

  test('codes that may not are a fault', () =>
    runAll([...ILLEGAL, ...BEYOND], 8, async code => {
      using pair = await connect()
      await pair.peer.send(text('ok'), close(code, 'because'))
      await expectFailure(pair, 1002, ['text ok'])
    }))

  test('reasons of all lengths are reported whole', () =>
    runAll(REASONS, 8, async reason => {
      using pair = await connect()
      await pair.peer.send(close(4000, reason))
      expect(await pair.peer.readAll()).toEqual([`close 4000 ${reason}`.trimEnd()])
      expect(await pair.own.closed).toEqual({ code: 4000, reason, wasClean: true, by: 'peer' })
    }))

  test('reasons that are not UTF-8 are a fault, 1007', () =>
    runAll(NOT_UTF8, 8, async digits => {
      using pair = await connect()
      await pair.peer.send(text('ok'), close(1000, Buffer.from(digits, 'hex')))
      await expectFailure(pair, 1007, ['text ok'])
    }))

  test('no body is 1005; one byte, more than 125 and no FIN are faults', async () => {
    using empty = await connect()
    await empty.peer.send(close())
    expect(await empty.peer.readAll()).toEqual(['close'])
    expect(await empty.own.closed).toEqual({ code: 1005, reason: '', wasClean: true, by: 'peer' })

    const faults: Sent[] = [
      { opcode: 8, payload: Buffer.of(3) },
      close(1000, 'x'.repeat(124)),
      { ...close(1000), fin: false },
    ]
    await runAll(faults, 3, async fault => {
      using pair = await connect()
      await pair.peer.send(fault)
      await expectFailure(pair, 1002)
    })
  })

  test('what stands behind a Close is ignored, whatever it is', () =>
    runAll([text('late'), ping('late'), close(1001), { opcode: 3 }, text('x', { rsv: 7 })], 5, async late => {
      using pair = await connect()
      await pair.peer.send(text('before'), close(1000, 'first'), late)
      expect(await pair.peer.readAll()).toEqual(['text before', 'close 1000 first'])
      expect(await pair.own.closed).toEqual({ code: 1000, reason: 'first', wasClean: true, by: 'peer' })
    }))

  test('in the middle of a message it is answered, and the message never comes back', async () => {
    using pair = await connect()
    await pair.peer.send(text('never', { fin: false }), close(1001), more('never'))
    expect(await pair.peer.readAll()).toEqual(['close 1001'])
    expect(await pair.own.closed).toMatchObject({ code: 1001, wasClean: true })
  })

  test('ours has the code and the whole reason; the answer ends the connection', () =>
    runAll(
      [...LEGAL, ...FOR_ALL].map((code, i) => [code, REASONS[i % REASONS.length]!] as const),
      8,
      async given => {
        const [code, reason] = given
        using pair = await connect()
        pair.own.close(code, reason)
        const asked = await pair.peer.next()
        expect(asked!.payload.equals(Buffer.from(close(code, reason).payload as Uint8Array))).toBe(true)
        // What we say until we have answered is still heard, but comes back no more.
        await pair.peer.send(text('heard'), pong(), close(4999, 'answer'))
        if (role === 'client') pair.peer.end()
        expect(await pair.peer.readAll()).toEqual([])
        expect(await pair.own.closed).toEqual({ code: 4999, reason: 'answer', wasClean: true, by: 'local' })
      },
    ))
})
