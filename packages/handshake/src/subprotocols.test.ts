import { expect, test } from 'vitest'
import { parseSubprotocols } from './subprotocols.ts'

test('keeps the order of subprotocols, which are case-sensitive', () => {
  expect(parseSubprotocols('superchat, chat,, Chat')).toEqual(['superchat', 'chat', 'Chat'])
})

test.each(['', ',', 'a b', 'a, a', 'a/b', '"a"'])('rejects %j', text => {
  expect(parseSubprotocols(text)).toBeUndefined()
})
