import { describe, expect, test } from 'vitest'
import { checkOptionNames, defaultsOf, type Option, resolveOptions } from './option.ts'

class Table {
  readonly size: Option<number> = { default: 3, validate: (_, size) => size }
  /** Given as text, kept as a number. */
  readonly count: Option<string, number | undefined> = {
    default: undefined,
    validate: (name, count) => {
      if (count === '') throw new TypeError(`${name} must not be empty`)
      return Number(count)
    },
  }
}

const table = new Table()

describe('resolveOptions', () => {
  test('takes what is left out or undefined from the defaults', () => {
    const defaults = { size: 5, count: 1 }
    expect(resolveOptions(table, {}, defaults)).toEqual(defaults)
    expect(resolveOptions(table, { size: undefined } as object, defaults)).toEqual(defaults)
    expect(resolveOptions(table, { size: 7 }, defaults)).toEqual({ size: 7, count: 1 })
    expect(defaults).toEqual({ size: 5, count: 1 })
  })

  test('validates what is given, by its name', () => {
    expect(resolveOptions(table, { count: '12' }, defaultsOf(table))).toEqual({ size: 3, count: 12 })
    expect(() => resolveOptions(table, { count: '' }, defaultsOf(table))).toThrow('count must not be empty')
  })
})

test('defaultsOf returns the default of each option', () => {
  expect(defaultsOf(table)).toEqual({ size: 3, count: undefined })
})

test('checkOptionNames accepts the names of the table and the others', () => {
  expect(() => checkOptionNames(table, { size: 1, open: 1 }, ['open'])).not.toThrow()
  expect(() => checkOptionNames(table, { open: 1 })).toThrow(
    'unknown option "open" (expected one of size, count)',
  )
})
