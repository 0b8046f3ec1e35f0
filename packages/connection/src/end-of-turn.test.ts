import { describe, expect, test } from 'vitest'
import { atEndOfTurn } from './end-of-turn.ts'

describe('atEndOfTurn', () => {
  test('waits until the code that is running has ended, and comes before the next turn', async () => {
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

  test('waits for all microtasks that are due', async () => {
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

  test('what a flush asks for comes in the same turn too', async () => {
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
