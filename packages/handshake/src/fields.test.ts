import { expect, test } from 'vitest'
import { checkFields, type Field, formatFields, joinValues, readFields } from './fields.ts'

test('fields are found in any case, in order, without white space around values', () => {
  const fields = readFields(['A', ' 1 ', 'b', '2', 'a', '\t3'])
  expect(fields.get('a')).toEqual(['1', '3'])
  expect(joinValues(fields, 'a')).toBe('1, 3')
  expect(joinValues(fields, 'b')).toBe('2')
  expect(joinValues(fields, 'c')).toBeUndefined()
  expect(readFields(['a', '\u00a0']).get('a')).toEqual(['\u00a0'])
})

test('a name without a value is no field, and no name is special', () => {
  expect(readFields(['a']).size).toBe(0)
  const fields = readFields(['__proto__', '1', 'constructor', '2'])
  expect(fields.get('__proto__')).toEqual(['1'])
  expect(fields.get('toString')).toBeUndefined()
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
])('%j: %j may not be written', (name, value) => {
  expect(() => checkFields([[name, value]], key => key === 'owned')).toThrow(TypeError)
})

test('the rest may be, and is', () => {
  const fields: Field[] = [
    ['Set-Cookie', 'a=b; Path=/'],
    ['Set-Cookie', 'c="\td~"'],
    ['X', ''],
  ]
  checkFields(fields, () => false)
  expect(formatFields(fields)).toBe('Set-Cookie: a=b; Path=/\r\nSet-Cookie: c="\td~"\r\nX: \r\n')
})
