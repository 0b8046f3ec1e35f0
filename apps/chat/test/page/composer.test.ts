// The composer of the page, in a real Chromium: drafts, edits, commands, errors, and waits.

import { inChromium } from '@ws/testing'
import { describe, expect, it } from 'vitest'
import { setScene } from './scene.ts'
import { act, box, isIn, line, say, write } from './visitors.ts'

inChromium(describe)('the composer of the page', () => {
  const scene = setScene()

  it('restores the draft after an edit, and after a canceled one', async () => {
    const ann = await scene.enter('Ann')
    await say(ann, 'first')
    await box(ann).fill('a draft')
    await act(ann, 'first', 'Edit')
    expect(await box(ann).inputValue()).toBe('first')
    await box(ann).press('Escape')
    expect(await box(ann).inputValue()).toBe('a draft')
    await act(ann, 'first', 'Edit')
    await write(ann, 'second')
    await line(ann, 'edited').waitFor()
    expect(await box(ann).inputValue()).toBe('a draft')
  })

  it('keeps the draft of each room over a reload, and drops it after sending', async () => {
    const ann = await scene.enter('Ann')
    await box(ann).fill('for the lobby')
    await ann.getByRole('button', { name: 'Browse or create a room' }).click()
    await ann.getByLabel('Room name').fill('tea')
    await ann.keyboard.press('Enter')
    await isIn(ann, 'tea')
    await box(ann).fill('for tea')
    await ann.reload()
    await isIn(ann, 'tea')
    expect(await box(ann).inputValue()).toBe('for tea')
    await box(ann).press('Enter')
    await line(ann, 'for tea').waitFor()
    await ann.locator('[data-room="lobby"]').click()
    await isIn(ann, 'lobby')
    expect(await box(ann).inputValue()).toBe('for the lobby')
    await ann.locator('[data-room="tea"]').click()
    await isIn(ann, 'tea')
    expect(await box(ann).inputValue()).toBe('')
  })

  it('offers to delete a message that was edited to nothing', async () => {
    const [ann, ben] = [await scene.enter('Ann'), await scene.enter('Ben')]
    await say(ann, 'gone soon')
    const dialog = ann.getByRole('dialog', { name: 'Delete this message?' })
    await act(ann, 'gone soon', 'Edit')
    await write(ann, ' ')
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await ann.getByText('Editing your message').waitFor()
    await write(ann, '')
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await ben.locator('.deleted').waitFor()
    expect(await ann.getByText('Editing your message').isVisible()).toBe(false)
  })

  it('shows an error beside the text until the next command', async () => {
    const ann = await scene.enter('Ann')
    await write(ann, '/kick x')
    const alert = ann.getByRole('alert').getByText('Nobody here is called "x".')
    await alert.waitFor()
    const [above, text] = [(await alert.boundingBox())!, (await box(ann).boundingBox())!]
    expect(text.y - above.y).toBeLessThan(120)
    expect(await box(ann).inputValue()).toBe('/kick x')
    await write(ann, '/topic All about tea')
    await ann.locator('#topic', { hasText: 'All about tea' }).waitFor()
    expect(await alert.count()).toBe(0)
  })

  it('clears a notice after a while', async () => {
    const ann = await scene.enter('Ann', { time: new Date() })
    await write(ann, '/foo')
    const alert = ann.getByRole('alert').getByText('Unknown command: /foo.')
    await alert.waitFor()
    await ann.clock.fastForward(31_000)
    await alert.waitFor({ state: 'detached' })
  })

  it('shows the remaining time of a mute beside the refused message', async () => {
    const [ann, ben] = [await scene.enter('Ann'), await scene.enter('Ben')]
    for (const page of [ann, ben]) {
      await write(page, '/join tea')
      await isIn(page, 'tea')
    }
    await ann.locator('#member-list', { hasText: 'Ben' }).waitFor()
    await write(ann, '/mute Ben 10m')
    await ben.locator('.event', { hasText: 'muted Ben for 10 minutes' }).waitFor()
    await write(ben, 'may I?')
    await ben.locator('.pending.failed .error', { hasText: /muted here.* (9|10) minutes/i }).waitFor()
    await write(ann, '/mute Ben off')
    await ben.locator('.event', { hasText: 'unmuted Ben' }).waitFor()
    await ben.getByRole('button', { name: 'Try again' }).click()
    await line(ann, 'may I?').waitFor()
  })

  it('shows the topic for a bare /topic, and removes it for /topic off', async () => {
    const ann = await scene.enter('Ann')
    await write(ann, '/join tea')
    await isIn(ann, 'tea')
    await write(ann, '/topic All about tea')
    await ann.locator('#topic', { hasText: 'All about tea' }).waitFor()
    await write(ann, '/topic')
    await ann.getByRole('alert').getByText('The topic is: All about tea').waitFor()
    expect(await ann.locator('#topic').textContent()).toBe('All about tea')
    await write(ann, '/topic off')
    await ann.locator('.event', { hasText: 'removed the topic' }).waitFor()
  })

  it('shows how long slow mode delays a message, and sends it at once when slow mode ends', async () => {
    const [ann, ben] = [await scene.enter('Ann'), await scene.enter('Ben')]
    for (const page of [ann, ben]) {
      await write(page, '/join tea')
      await isIn(page, 'tea')
    }
    await write(ann, '/slow 10m')
    await ben.getByPlaceholder('slow mode: 10 minutes').waitFor()
    await say(ben, 'one')
    await write(ben, 'two')
    await ben.locator('#hold', { hasText: /^Slow mode: your next message is sent in (10|9) min/ }).waitFor()
    await ben.locator('[data-room="lobby"]').click()
    await isIn(ben, 'lobby')
    await say(ben, 'elsewhere')
    await write(ann, '/slow off')
    await line(ann, 'two').waitFor()
    expect(await ben.locator('#hold').isVisible()).toBe(false)
  })

  it('refuses dropped and pasted files with a notice, and stays on the page', async () => {
    const ann = await scene.enter('Ann')
    const alert = ann.getByRole('alert').getByText("Files can't be sent in this chat.")
    const give = (type: 'drop' | 'paste', target: string) =>
      ann.evaluate(`(() => {
        const data = new DataTransfer()
        data.items.add(new File(['x'], 'cat.png', { type: 'image/png' }))
        const event = '${type}' === 'drop'
          ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
          : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
        document.querySelector('${target}').dispatchEvent(event)
        return event.defaultPrevented
      })()`)
    expect(await give('drop', '#log')).toBe(true)
    await alert.waitFor()
    await ann.getByRole('button', { name: 'Dismiss' }).click()
    expect(await give('paste', '#text')).toBe(true)
    await alert.waitFor()
  })
})
