import { expect, test } from 'vitest'
import { parseSubprotocols } from './subprotocols.ts'

test('subprotocols keep their order; they differ in case', () => {
  expect(parseSubprotocols('superchat, chat,, Chat')).toEqual(['superchat', 'chat', 'Chat'])
})

test.each(['', ',', 'a b', 'a, a', 'a/b', '"a"'])('%j is refused', text => {
  expect(parseSubprotocols(text)).toBeUndefined()
})
