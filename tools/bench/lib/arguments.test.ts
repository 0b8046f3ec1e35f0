import { describe, expect, it } from 'vitest'
import { readArguments } from './arguments.ts'

describe('readArguments', () => {
  it('leaves the rounds to the script', () => {
    expect(readArguments([])).toEqual({ rounds: undefined, warmup: 1000, duration: 2000, quick: false })
  })

  it('takes a number of rounds', () => {
    expect(readArguments(['--rounds', '7'])).toMatchObject({ rounds: 7, quick: false })
    expect(readArguments(['--rounds=12'])).toMatchObject({ rounds: 12 })
  })

  it('makes one short round to try things', () => {
    expect(readArguments(['--quick'])).toMatchObject({ rounds: 1, duration: 300, quick: true })
  })

  it('is asked for help', () => {
    expect(readArguments(['--help', '--quick'])).toBe('help')
  })

  it.each(['0', '-1', '1.5', 'many', '1000', ''])('has no %s rounds', rounds => {
    expect(() => readArguments([`--rounds=${rounds}`])).toThrow(
      `--rounds must be a whole number from 1 to 999, not '${rounds}'`,
    )
  })

  it('does not guess', () => {
    expect(() => readArguments(['--fast'])).toThrow("Unknown option '--fast'")
    expect(() => readArguments(['echo-4k'])).toThrow(/Unexpected argument 'echo-4k'/)
    expect(() => readArguments(['--rounds'])).toThrow(/argument missing/)
    expect(() => readArguments(['--quick', '--rounds', '3'])).toThrow('--quick is one round')
  })
})
