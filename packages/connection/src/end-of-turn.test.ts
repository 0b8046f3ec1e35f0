import { describe, expect, test } from 'vitest'
import { atEndOfTurn } from './end-of-turn.ts'

describe('atEndOfTurn', () => {
  test('flushes after the running code has ended and before the next turn of the event loop', async () => {
    const log: string[] = []
    const nextTurn = new Promise<void>(resolve => {
      setImmediate(() => {
        log.push('next turn')
        resolve()
      })
    })
    atEndOfTurn({ flush: () => log.push('one') })
    atEndOfTurn({ flush: () => log.push('two') })
    log.push('running')
    await nextTurn
    expect(log).toEqual(['running', 'one', 'two', 'next turn'])
  })

  test('flushes after all pending microtasks', async () => {
    const log: string[] = []
    await Promise.resolve()
    atEndOfTurn({ flush: () => log.push('flushed') })
    for (let i = 0; i < 3; i++) {
      await Promise.resolve()
      log.push('microtask')
    }
    await new Promise(setImmediate)
    expect(log).toEqual(['microtask', 'microtask', 'microtask', 'flushed'])
  })

  test('flushes in the same turn when a flush requests another one', async () => {
    const log: string[] = []
    const second = { flush: () => log.push('second') }
    const first = {
      flush() {
        log.push('first')
        atEndOfTurn(second)
      },
    }
    const nextTurn = new Promise<void>(resolve => {
      setImmediate(() => {
        log.push('next turn')
        resolve()
      })
    })
    atEndOfTurn(first)
    await nextTurn
    expect(log).toEqual(['first', 'second', 'next turn'])
  })
})
