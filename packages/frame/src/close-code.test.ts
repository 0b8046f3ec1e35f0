import { expect, test } from 'vitest'
import { CloseCode, isSendableCloseCode } from './close-code.ts'

const codes = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

test('C4: isSendableCloseCode accepts 1000–1003, 1007–1014 and 3000–4999', () => {
  const legal = [...codes(1000, 1003), ...codes(1007, 1014), ...codes(3000, 4999)]
  expect(codes(0, 65_535).filter(isSendableCloseCode)).toEqual(legal)
})

test('all named codes except 1005 and 1006 can be sent', () => {
  expect(Object.values(CloseCode).filter(code => !isSendableCloseCode(code))).toEqual([1005, 1006])
})
