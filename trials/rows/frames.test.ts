// The rows about bytes behind the handshake, over real sockets: each in one write, cut at random and byte by byte, all cuts at the
// same time (HOSTILE.md T10, F, G, U, C, D).

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { leavesNothing } from './aftermath.ts'
import { byteRows } from './bytes.ts'
import { CARRIERS } from './carriers.ts'
import { cutsOf, seed } from './cuts.ts'
import { type Served, startOurs } from './served.ts'
import { sendFrames } from './visit.ts'

console.info(`rows about frames are cut by SEED=${seed}`)

leavesNothing()

describe.each(CARRIERS)('over %s', carrier => {
  let served: Served
  beforeAll(async () => {
    served = await startOurs(carrier)
  })
  afterAll(() => served[Symbol.asyncDispose]())

  describe('a peer reads the Close of its row, then FIN; the handlers are told the messages and one report', () => {
    test.concurrent.each(byteRows)('$name', async ({ limits, offer, bytes, expected }) => {
      const { told, pongs, code, by, reason } = expected
      const check = async (name: string, segments: readonly Uint8Array[]): Promise<void> => {
        const target = served.targetFor(limits)
        const conversation = await sendFrames(carrier, served.port, target, offer, segments)
        const { messages, reports } = served.toldOf(target)
        expect(messages, name).toEqual(told)
        expect(conversation, name).toEqual({
          pongs,
          others: 0,
          close: { code, reason: by === 'peer' ? reason : expect.stringContaining(reason) },
          end: 'FIN',
        })
        expect(reports, name).toHaveLength(1)
        expect(reports[0], name).toMatchObject({ code, by, wasClean: by === 'peer' })
        expect(reports[0]!.reason, name).toBe(by === 'peer' ? reason : conversation.close!.reason)
      }
      await Promise.all(cutsOf(bytes).map(({ name, segments }) => check(name, segments)))
    })
  })
})
