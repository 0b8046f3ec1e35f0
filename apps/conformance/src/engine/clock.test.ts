import { expect, test, vi } from 'vitest'
import { after } from './clock.ts'

test('calls back in the order of the deadlines', async () => {
  const order: string[] = []
  await new Promise<void>(resolve => {
    after(80, () => {
      order.push('second')
      resolve()
    })
    after(10, () => void order.push('first'))
    after(40, () => void order.push('never'))()
  })
  expect(order).toEqual(['first', 'second'])
})

test('time in which the process cannot run does not count', async () => {
  const clock = vi.spyOn(performance, 'now')
  const start = performance.now()
  let calls = 0
  // The clock jumps by a minute at each look.
  clock.mockImplementation(() => start + 60_000 * calls++)
  const early = vi.fn()
  const cancel = after(100, early)
  await new Promise<void>(resolve => after(50, resolve))
  expect(early).not.toHaveBeenCalled()
  cancel()
  clock.mockRestore()
})
