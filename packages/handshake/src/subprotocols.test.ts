import { expect, test } from 'vitest'
import { parseProtocols } from './subprotocols.ts'

test('keeps the order of subprotocols, which are case-sensitive', () => {
  expect(parseProtocols('superchat, chat,, Chat')).toEqual(['superchat', 'chat', 'Chat'])
})

test.each(['', ',', 'a b', 'a, a', 'a/b', '"a"'])('rejects %j', text => {
  expect(parseProtocols(text)).toBeUndefined()
})
