// Readers that are slow: they cost little, miss nothing, and when they read nothing at all they
// have to go.

import { randomBytes } from 'node:crypto'
import { permessageDeflate } from '@ws/deflate'
import { expect, test } from 'vitest'
import type { Log } from '../../src/logging/log.ts'
import { CloseCode } from '../../src/wire/constants.ts'
import { nextCid, startChat } from './start.ts'

test.each([
  ['as they are', false],
  ['compressed', true],
])(
  'a reader that stalls during 5,000 messages delays no one, and gets all of them in order: %s',
  async (_, perMessageDeflate) => {
    await using started = await startChat({ extensions: [permessageDeflate()] }, { perMessageDeflate })
    const { engine, chat } = started
    const fast = await started.member('Fast')
    const stalled = await started.member('Stalled')
    const user = fast.hello.user!
    stalled.socket.pause()
    // Compressed it is three quarters as long: the buffers of the kernel do not hold 5,000.
    const body = randomBytes(1500).toString('base64')
    let most = 0
    for (let i = 1; i <= 5000; i++) {
      await engine.publish('lobby', { kind: 'msg', data: { body }, cid: nextCid(), user })
      if (i % 50 === 0) {
        await fast.until(() => fast.log('lobby').length >= i, `message ${i}`)
        most = Math.max(most, chat.stats().buffered)
      }
    }
    // The kernel's buffers, a page, and the bytes above the mark are in memory: not the 10 MB that
    // were sent.
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThan(512 * 1024)
    await expect.poll(() => chat.stats().lagging).toBe(1)
    stalled.socket.resume()
    await stalled.until(() => stalled.log('lobby').length === 5000)
    expect(stalled.log('lobby')).toEqual(Array.from({ length: 5000 }, (_, i) => i + 1))
    expect(fast.log('lobby')).toEqual(stalled.log('lobby'))
    await expect.poll(() => chat.stats().lagging).toBe(0)
    await engine.publish('lobby', { kind: 'msg', data: { body: 'live' }, cid: nextCid(), user })
    expect(await stalled.push('entry', ({ seq }) => seq === 5001)).toMatchObject({ data: { body: 'live' } })
  },
)

test('4001: a reader that stalls for too long', async () => {
  const told = Promise.withResolvers<void>()
  const log: Log = (_, event, fields) => {
    if (event === 'closing' && fields?.code === 4001) told.resolve()
  }
  await using started = await startChat({ times: { slow: 300 }, log })
  const writer = await started.member('Writer')
  const stalled = await started.member('Stalled')
  stalled.socket.pause()
  const user = writer.hello.user!
  const data = { body: 'x'.repeat(4000) }
  for (let i = 1; i <= 3000; i++) {
    await started.engine.publish('lobby', { kind: 'msg', data, cid: nextCid(), user })
    if (i % 20 === 0) await writer.until(() => writer.log('lobby').length >= i)
  }
  await told.promise
  stalled.socket.resume()
  expect(await stalled.closed).toMatchObject({ code: CloseCode.tooSlow })
  expect(await stalled.push('bye')).toMatchObject({ code: 4001, reconnect: true })
})
