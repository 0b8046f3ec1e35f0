// Rooms on the page, in a real Chromium: finding, creating, and leaving them.

import { inChromium } from '@ws/testing'
import { describe, expect, it } from 'vitest'
import { setScene } from './scene.ts'
import { box, isIn, line, say, write } from './visitors.ts'

inChromium(describe)('the rooms of the page', () => {
  const scene = setScene()

  it('keep their members in the lobby', async () => {
    const [ann, ben] = [await scene.enter('Ann'), await scene.enter('Ben')]
    await write(ann, '/leave')
    await ann.getByRole('alert').getByText("You can't leave the lobby.").waitFor()
    await say(ann, 'still here')
    await line(ben, 'still here').waitFor()
  })

  it('look left after leaving, and can be joined again', async () => {
    const [ann, ben] = [await scene.enter('Ann'), await scene.enter('Ben')]
    for (const page of [ann, ben]) {
      await write(page, '/join tea')
      await isIn(page, 'tea')
    }
    await say(ben, 'before')
    await write(ann, '/leave')
    await ann.getByText('You left #tea.').waitFor()
    expect(await box(ann).isVisible()).toBe(false)
    await ben.locator('#members-title', { hasText: '1' }).waitFor()
    await say(ben, 'meanwhile')
    await ann.getByRole('button', { name: 'Join', exact: true }).click()
    await line(ann, 'meanwhile').waitFor()
    await say(ann, 'back')
    await line(ben, 'back').waitFor()
  })

  it('leave the list after they were left and another one is shown', async () => {
    const ann = await scene.enter('Ann')
    await write(ann, '/join tea')
    await isIn(ann, 'tea')
    await write(ann, '/leave')
    await ann.locator('[data-room="lobby"]').click()
    await isIn(ann, 'lobby')
    expect(await ann.locator('.room .name').allInnerTexts()).toEqual(['#lobby'])
  })

  it('are sorted by their numbers', async () => {
    const ann = await scene.enter('Ann')
    for (const room of ['room-10', 'room-2']) {
      await write(ann, `/join ${room}`)
      await isIn(ann, room)
    }
    expect(await ann.locator('.room .name').allInnerTexts()).toEqual(['#lobby', '#room-2', '#room-10'])
  })

  it('are browsed with their topics and people, and created with one line', async () => {
    const [ann, ben] = [await scene.enter('Ann'), await scene.enter('Ben')]
    await write(ben, '/join tea')
    await isIn(ben, 'tea')
    await write(ben, '/topic Green and black')
    await ben.locator('#topic', { hasText: 'Green' }).waitFor()
    await ann.getByRole('button', { name: 'Browse or create a room' }).click()
    const choices = ann.locator('#known-rooms')
    await choices.getByRole('button', { name: /#tea\s*Green and black\s*1 person/ }).waitFor()
    await ann.getByLabel('Room name').fill('Tea Party')
    await choices.getByRole('button', { name: 'Create #tea-party' }).waitFor()
    expect(await choices.getByRole('button').count()).toBe(1)
    await ann.getByLabel('Room name').fill('black')
    await choices.getByRole('button', { name: '#tea' }).click()
    await isIn(ann, 'tea')
    expect(await ann.evaluate('document.activeElement.id')).toBe('text')
    await ann.getByRole('button', { name: 'Browse or create a room' }).click()
    await ann.getByLabel('Room name').fill('Tea Party')
    await ann.keyboard.press('Enter')
    await isIn(ann, 'tea-party')
    expect(await ann.evaluate('document.activeElement.id')).toBe('text')
  })

  it('show in the dialog why a name is refused', async () => {
    const ann = await scene.enter('Ann')
    await ann.getByRole('button', { name: 'Browse or create a room' }).click()
    await ann.getByLabel('Room name').fill('a/b')
    await ann.keyboard.press('Enter')
    await ann.locator('#room-error', { hasText: /letters/ }).waitFor()
  })

  it('have different signs for members and for reactions', async () => {
    const ann = await scene.enter('Ann')
    await say(ann, 'hello')
    await line(ann, 'hello').hover()
    const signs = await ann.evaluate(
      `[document.querySelector('.people'), document.querySelector('[aria-label="React"]')].map(each => each.textContent.includes('☺'))`,
    )
    expect(signs).toEqual([false, true])
  })
})
