// Accounts on the page, in a real Chromium: guests, signing in and out, removal.

import { inChromium } from '@ws/testing'
import { describe, expect, it } from 'vitest'
import { setScene } from './scene.ts'
import { bodies, isIn, line, register, say, write } from './visitors.ts'

inChromium(describe)('a person on the page', () => {
  const scene = setScene()

  it('registers, signs out and in again', async () => {
    const ann = await scene.enter('Ann')
    await write(ann, '/register')
    await register(ann, 'correct horse')
    await write(ann, '/logout')
    await ann.getByRole('button', { name: 'I have an account' }).click()
    await ann.getByLabel('Name', { exact: true }).fill('Ann')
    await ann.getByLabel('Password').fill('wrong horse')
    await ann.keyboard.press('Enter')
    await ann.locator('#account-error', { hasText: /wrong/i }).waitFor()
    await ann.getByLabel('Password').fill('correct horse')
    await ann.keyboard.press('Enter')
    await isIn(ann, 'lobby')
    await say(ann, 'me again')
    expect(await ann.locator('#me').textContent()).not.toContain('Guest')
  })

  it('registers in one tab and continues in the other', async () => {
    const dora = await scene.enter('Dora')
    const other = await dora.context().newPage()
    other.setDefaultTimeout(8000)
    await other.goto(dora.url())
    await isIn(other, 'lobby')
    await write(dora, '/register')
    await register(dora, 'correct horse')
    await say(dora, 'from one')
    await line(other, 'from one').waitFor()
    await say(other, 'from the other')
    await line(dora, 'from the other').waitFor()
    await other.reload()
    await line(other, 'from one').waitFor()
    expect(await other.locator('#me').textContent()).not.toContain('Guest')
    expect(await other.getByRole('dialog').count()).toBe(0)
  })

  it('stays disconnected after a removal until they reconnect', async () => {
    await scene.stopChat()
    await scene.startChat({ admins: ['Ann'] })
    const [ann, ben] = [await scene.enter('Ann'), await scene.enter('Ben')]
    await write(ann, '/register')
    await register(ann, 'correct horse')
    await ann.locator('#member-list', { hasText: 'Ben' }).waitFor()
    await write(ann, '/kick Ben enough')
    await ben.locator('#status', { hasText: /removed from lobby: enough/ }).waitFor()
    await ben.getByRole('button', { name: 'Connect now' }).click()
    await say(ben, 'sorry')
    await line(ann, 'sorry').waitFor()
  })

  it('removes a room as an admin after a question, and its members return to the lobby', async () => {
    await scene.stopChat()
    await scene.startChat({ admins: ['Ann'] })
    const [ann, ben] = [await scene.enter('Ann'), await scene.enter('Ben')]
    await write(ann, '/register')
    await register(ann, 'correct horse')
    for (const page of [ben, ann]) {
      await write(page, '/join tea')
      await isIn(page, 'tea')
    }
    await say(ben, 'gone soon')
    await write(ben, '/remove-room')
    await ben.getByRole('alert').getByText('Only an admin can do that.').waitFor()
    await write(ann, '/remove-room')
    const dialog = ann.getByRole('dialog', { name: 'Remove #tea?' })
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await line(ann, 'gone soon').waitFor()
    await write(ann, '/remove-room')
    await dialog.getByRole('button', { name: 'Remove' }).click()
    for (const page of [ann, ben]) {
      await isIn(page, 'lobby')
      await page.getByRole('alert').getByText('#tea was removed.').waitFor()
      expect(await page.locator('#room-list', { hasText: 'tea' }).count()).toBe(0)
    }
    await write(ben, '/join tea')
    await isIn(ben, 'tea')
    expect(await bodies(ben)).toEqual([])
  })

  it('needs an account if the chat requires one, and stays signed in', async () => {
    await scene.replaceChat({ auth: 'register' })
    const ann = await scene.visit()
    const signIn = ann.getByRole('heading', { name: 'Sign in' })
    await signIn.waitFor()
    expect(await ann.getByRole('button', { name: 'Cancel' }).count()).toBe(0)
    await ann.getByRole('button', { name: 'Register instead' }).click()
    await ann.getByLabel('Name', { exact: true }).fill('Ann')
    await register(ann, 'correct horse')
    await isIn(ann, 'lobby')
    await say(ann, 'hello')
    await ann.reload()
    await line(ann, 'hello').waitFor()
    expect(await ann.getByRole('dialog').count()).toBe(0)
    await write(ann, '/logout')
    await signIn.waitFor()
    expect(await bodies(ann)).toEqual([])
    await ann.getByLabel('Name', { exact: true }).fill('Ann')
    await ann.getByLabel('Password').fill('wrong horse')
    await ann.keyboard.press('Enter')
    await ann.locator('#account-error', { hasText: 'Wrong name or password.' }).waitFor()
    await ann.getByLabel('Password').fill('correct horse')
    await ann.keyboard.press('Enter')
    await line(ann, 'hello').waitFor()
    await say(ann, 'me again')
  })

  it('is asked for a name once when the chat no longer knows the token', async () => {
    const ann = await scene.enter('Ann')
    await scene.replaceChat()
    await ann.locator('#nick-error', { hasText: 'You are no longer signed in.' }).waitFor()
    await ann.getByLabel('Your name').fill('Ann')
    await ann.keyboard.press('Enter')
    await isIn(ann, 'lobby')
    await say(ann, 'new here')
  })

  it('cannot close the question for a name by pressing Escape', async () => {
    const ann = await scene.visit()
    const welcome = ann.getByRole('dialog', { name: 'Welcome' })
    await welcome.waitFor()
    for (let i = 0; i < 4; i++) await ann.keyboard.press('Escape')
    await welcome.waitFor()
    await ann.getByLabel('Your name').fill('Ann')
    await ann.keyboard.press('Enter')
    await isIn(ann, 'lobby')
  })

  it('changes their name, which is shown in the log', async () => {
    const [ann, ben] = [await scene.enter('Ann'), await scene.enter('Ben')]
    await ann.locator('#member-list', { hasText: 'Ben' }).waitFor()
    await write(ben, '/nick Benjamin')
    await ann.locator('.event', { hasText: 'Benjamin changed their name from Ben' }).waitFor()
    await ann.locator('#member-list', { hasText: 'Benjamin' }).waitFor()
    await ben.locator('#me', { hasText: 'Benjamin' }).waitFor()
  })

  it('sees once that a name is taken', async () => {
    await scene.enter('Ann')
    const other = await scene.visit()
    await other.getByLabel('Your name').fill('Ann')
    await other.keyboard.press('Enter')
    await other.locator('#nick-error', { hasText: /taken/ }).waitFor()
    expect((((await other.evaluate('document.body.innerText')) as string).match(/taken/g) ?? []).length).toBe(
      1,
    )
  })

  it('is asked before signing out as a guest, and keeps everything on Cancel', async () => {
    const ann = await scene.enter('Ann')
    const dialog = ann.getByRole('dialog', { name: 'Sign out and give up "Ann"?' })
    await write(ann, '/logout')
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await say(ann, 'still here')
    await ann.locator('#me').click()
    await ann.getByRole('button', { name: 'Sign out' }).click()
    await dialog.getByRole('button', { name: 'Sign out' }).click()
    await ann.getByLabel('Your name').waitFor()
    expect(await ann.evaluate("localStorage.getItem('chat.token')")).toBe(null)
    expect(await ann.locator('#member-list li').count()).toBe(0)
    expect(await ann.locator('#count').textContent()).toBe('')
  })

  it("is warned that signing in gives up a guest's name", async () => {
    const ann = await scene.enter('Ann')
    await write(ann, '/login')
    await ann.getByText('You are the guest "Ann": signing in gives up this name.').waitFor()
  })

  it('sees that a full chat refuses the connection, instead of a lost connection', async () => {
    await scene.stopChat()
    await scene.startChat({ maxSockets: 1 })
    scene.expectFault(/503/)
    await scene.enter('Ann')
    const other = await scene.visit()
    await other.locator('#status', { hasText: "Couldn't connect to the chat" }).waitFor()
    expect(await other.locator('#status').textContent()).not.toMatch(/lost/)
  })

  it('can use the chat with site data blocked, and sees a notice', async () => {
    const script = `for (const name of ['localStorage', 'sessionStorage'])
      Object.defineProperty(window, name, { get() { throw new DOMException('denied', 'SecurityError') } })`
    const ann = await scene.visit({ script })
    await ann.getByText('This browser blocks site data').first().waitFor()
    await ann.getByLabel('Your name').fill('Ann')
    await ann.keyboard.press('Enter')
    await isIn(ann, 'lobby')
    await say(ann, 'hello')
    await write(ann, '/register')
    await register(ann, 'correct horse')
    await say(ann, 'still me')
  })
})
