import { expect, test } from 'vitest'
import { isControl, Opcode } from './opcode.ts'

test('RFC 6455 §5.5: control frames have the most significant bit of the opcode set', () => {
  expect(Object.entries(Opcode).filter(([, opcode]) => isControl(opcode))).toEqual([
    ['close', 8],
    ['ping', 9],
    ['pong', 10],
  ])
  expect([7, 8, 15].map(isControl)).toEqual([false, true, true])
})
