import { expect, test } from 'vitest'
import { CloseCode, isSendableCloseCode } from './close-code.ts'

const codes = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

test('C4: codes that may travel', () => {
  const legal = [...codes(1000, 1003), ...codes(1007, 1014), ...codes(3000, 4999)]
  expect(codes(0, 65_535).filter(isSendableCloseCode)).toEqual(legal)
})

test('the names stand for the codes of RFC 6455 §7.4.1; 1005 and 1006 only ever in a report', () => {
  expect(Object.values(CloseCode).filter(code => !isSendableCloseCode(code))).toEqual([1005, 1006])
})
