import { expect, test } from 'vitest'
import { checkFields, type Field, formatFields, joinValues, valuesOf } from './fields.ts'

test('finds fields in any case, in order, and trims their values', () => {
  const fields = ['A', ' 1 ', 'b', '2', 'a', '\t3']
  expect(valuesOf(fields, 'a')).toEqual(['1', '3'])
  expect(joinValues(fields, 'a')).toBe('1, 3')
  expect(joinValues(fields, 'b')).toBe('2')
  expect(joinValues(fields, 'c')).toBeUndefined()
  expect(valuesOf(['a', '\u00a0'], 'a')).toEqual(['\u00a0'])
})

test('ignores a name without a value, and treats no name specially', () => {
  expect(valuesOf(['a'], 'a')).toEqual([])
  expect(joinValues(['a'], 'a')).toBeUndefined()
  const fields = ['__proto__', '1', 'constructor', '2']
  expect(valuesOf(fields, '__proto__')).toEqual(['1'])
  expect(valuesOf(fields, 'toString')).toEqual([])
})

test.each<Field>([
  ['', 'x'],
  ['a b', 'x'],
  ['a:', 'x'],
  ['a\r\nb', 'x'],
  ['a', 'x\r\ny: z'],
  ['a', 'x\ny'],
  ['a', 'x\ry'],
  ['a', 'x\0'],
  ['a', '\x7f'],
  ['a', 'é'],
  ['OWNED', 'x'],
])('throws for the header %j: %j', (name, value) => {
  expect(() => checkFields([[name, value]], key => key === 'owned')).toThrow(TypeError)
})

test('accepts and formats other fields', () => {
  const fields: Field[] = [
    ['Set-Cookie', 'a=b; Path=/'],
    ['Set-Cookie', 'c="\td~"'],
    ['X', ''],
  ]
  checkFields(fields, () => false)
  expect(formatFields(fields)).toBe('Set-Cookie: a=b; Path=/\r\nSet-Cookie: c="\td~"\r\nX: \r\n')
})
