// The examples of RFC 7692 §7.2.3.

import { hex } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { agree, createDeflate, End, more, text, WAYS } from './ends.ts'

describe.each(WAYS)('$way', ({ sync }) => {
  const createEnd = (contextTakeover = false) => {
    const deflate = createDeflate({ contextTakeover }, sync)
    return new End('server', agree(deflate, createDeflate({ contextTakeover })).server)
  }

  test.each([
    ['§7.2.3.1 one block', 'f2 48 cd c9 c9 07 00'],
    ['§7.2.3.3 a block without compression', '00 05 00 fa ff 48 65 6c 6c 6f 00'],
    ['§7.2.3.4 a block with BFINAL set', 'f3 48 cd c9 c9 07 00 00'],
    ['§7.2.3.5 two blocks', 'f2 48 05 00 00 00 ff ff ca c9 c9 07 00'],
  ])('inflates the example of %s', async (_name, bytes) => {
    const end = createEnd()
    end.receive(text(hex(bytes)))
    await end.until(() => end.messages.length + end.reports.length > 0)
    expect(end.messages).toEqual(['Hello'])
  })

  test('inflates the example of §7.2.3.1 in two frames', async () => {
    const end = createEnd()
    end.receive(text(hex('f2 48 cd'), { fin: false }), more(hex('c9 c9 07 00')))
    await end.until(() => end.messages.length + end.reports.length > 0)
    expect(end.messages).toEqual(['Hello'])
  })

  test('inflates the example of §7.2.3.2, a message that refers to the one before it', async () => {
    const end = createEnd(true)
    end.receive(text(hex('f2 48 cd c9 c9 07 00')), text(hex('f2 00 11 00 00')))
    await end.until(() => end.messages.length + end.reports.length > 1)
    expect(end.messages).toEqual(['Hello', 'Hello'])
  })
})
