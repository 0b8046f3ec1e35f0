import { describe, expect, it } from 'vitest'
import { CPU, RATE } from './figures.ts'
import { judge, ratioOf } from './goals.ts'

const cost = { work: 'work', figure: CPU, against: 'ws', goal: 0.8, aim: 0.5 }
const rate = { work: 'work', figure: RATE, against: 'ws', goal: 2, aim: 5 }
const cpu = (...values: number[]): { cpu: number }[] => values.map(value => ({ cpu: value }))
const rates = (...values: number[]): { rate: number }[] => values.map(value => ({ rate: value }))

describe('ratioOf', () => {
  it('is ours divided by theirs, of the medians', () => {
    expect(ratioOf(CPU, cpu(1, 2, 90), cpu(4, 8, 5))).toBe(0.4)
  })
})

describe('judge', () => {
  it.each([
    [4, 'aim reached'],
    [5, 'aim reached'],
    [6, 'met'],
    [8, 'met'],
    [8.1, 'missed'],
  ])('a cost of %d where theirs is 10: %s', (ours, verdict) => {
    expect(judge(cost, cpu(ours), cpu(10)).verdict).toBe(verdict)
  })

  it.each([
    [51, 'aim reached'],
    [50, 'aim reached'],
    [20, 'met'],
    [19, 'missed'],
  ])('a rate of %d where theirs is 10: %s', (ours, verdict) => {
    expect(judge(rate, rates(ours), rates(10)).verdict).toBe(verdict)
  })

  it('can only meet a goal without an aim', () => {
    const { aim: _aim, ...goal } = cost
    expect(judge(goal, cpu(1), cpu(10)).verdict).toBe('met')
  })

  it('gives the ratio of each round, next to that of the medians', () => {
    expect(judge(cost, cpu(1, 2, 3), cpu(4, 4, 4))).toMatchObject({ ratio: 0.5, range: [0.25, 0.75] })
  })

  it('says when nothing was measured', () => {
    expect(judge(cost, cpu(1), undefined)).toEqual({ ...cost, verdict: 'not measured' })
    expect(judge(cost, [], []).verdict).toBe('not measured')
  })

  it('says when the load generator was the limit, of what it can limit', () => {
    const idle = { rate: 1, cpu: 1, server: 60, load: 99 }
    const full = { rate: 1, cpu: 1, server: 99, load: 99 }
    expect(judge(rate, [full], [idle]).limited).toBe(true)
    expect(judge(rate, [idle], [full]).limited).toBe(true)
    expect(judge(rate, [full], [full]).limited).toBeUndefined()
    expect(judge(cost, [idle], [idle]).limited).toBeUndefined()
  })
})
