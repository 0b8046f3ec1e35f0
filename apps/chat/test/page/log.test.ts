// The log of a room on the page, in a real Chromium: what is shown of each message, and for how long.

import { inChromium } from '@ws/testing'
import { describe, expect, it } from 'vitest'
import { setScene } from './scene.ts'
import { act, bodies, line, say, write } from './visitors.ts'

inChromium(describe)('in the log of the page,', () => {
  const scene = setScene()

  it('links are shown in a browser without URL.parse', async () => {
    const ann = await scene.enter('Ann', { script: 'delete URL.parse' })
    await write(ann, 'see https://a.example/b')
    await line(ann, 'see').locator('a').waitFor()
    await say(ann, 'next')
    expect(await bodies(ann)).toEqual(['see https://a.example/b', 'next'])
  })

  it('a message that cannot be rendered does not hide the others', async () => {
    scene.expectFault(/no blockquote/)
    const script = `{
      const { createElement } = Document.prototype
      Document.prototype.createElement = function (name) {
        if (name === 'blockquote') throw new Error('no blockquote')
        return createElement.call(this, name)
      }
    }`
    const [ann, ben] = [await scene.enter('Ann', { script }), await scene.enter('Ben')]
    await say(ben, 'before')
    await write(ben, '> quote')
    await say(ben, 'after')
    await line(ann, 'after').waitFor()
    expect(await bodies(ann)).toEqual(['before', '> quote', 'after'])
    await say(ann, 'still here')
  })
})
