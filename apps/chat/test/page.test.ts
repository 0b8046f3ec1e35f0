// The page in a real Chromium, with a real chat behind it: what people do with it, and what must never happen meanwhile.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { gzipSync } from 'node:zlib'
import { type Browser, inChromium, launchChromium, type Page } from '@ws/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Chat } from '../src/chat/chat.ts'
import { MemoryEngine } from '../src/engine/memory.ts'
import { readPage, servePage } from './static-page.ts'

/** A store that outlives the chat in front of it. */
class LastingEngine extends MemoryEngine {
  override async [Symbol.asyncDispose](): Promise<void> {
    // It is there for the next one.
  }
}

/** A rate that no test waits for. */
const FAST = { perSecond: 10_000, burst: 10_000 }

/** The first line in view, and where it is, in pixels below the upper edge of the log. */
const PLACE = `(() => {
  const { top } = document.querySelector('#log').getBoundingClientRect()
  const first = [...document.querySelectorAll('[data-seq]')].find(node => node.getBoundingClientRect().bottom > top)
  return { seq: Number(first.dataset.seq), at: Math.round(first.getBoundingClientRect().top - top) }
})()`

/** Scrolls up by 600 pixels; two frames and a page of history later, where the line is now; -1 where it is gone. */
const SCROLL_UP = `seq => new Promise(resolve => {
  const log = document.querySelector('#log')
  log.scrollTop -= 600
  setTimeout(() => {
    const node = document.querySelector('[data-seq="' + seq + '"]')
    resolve(node ? Math.round(node.getBoundingClientRect().top - log.getBoundingClientRect().top) : -1)
  }, 60)
})`

it('the page is small', () => {
  const sizes = { '.js': 0, '.css': 0, '.html': 0 }
  for (const [path, body] of readPage()) {
    const kind = /\.(?:js|css|html)$/.exec(path)?.[0] as keyof typeof sizes
    sizes[kind] += gzipSync(body).length
  }
  expect(sizes['.js']).toBeLessThan(20 * 1024)
  expect(sizes['.css']).toBeLessThan(6 * 1024)
})

inChromium(describe)('the chat page in Chromium', () => {
  let browser: Browser
  let engine: LastingEngine
  let chat: Chat
  let port: number
  /** What must never happen: errors of the page, violations of the policy, requests to another host. */
  let faults: string[]

  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())

  beforeEach(async () => {
    faults = []
    engine = new LastingEngine()
    port = 0
    await startChat()
  })
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close()
    await chat.close({ within: 100 })
    expect(faults).toEqual([])
  })

  async function startChat(options: Partial<Parameters<typeof Chat.start>[0]> = {}): Promise<void> {
    chat = await Chat.start({ engine, auth: 'guest', writeRate: FAST, request: servePage, ...options })
    port = (await chat.listen(port)).port
  }

  async function openPage(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage()
    page.setDefaultTimeout(8000)
    watch(page)
    await page.goto(`http://localhost:${port}/`)
    return page
  }

  async function enter(nick: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    const page = await openPage(options)
    await page.getByLabel('Your name').fill(nick)
    await page.keyboard.press('Enter')
    await isIn(page, 'lobby')
    return page
  }

  async function isIn(page: Page, room: string): Promise<void> {
    await page.locator('#room-name', { hasText: `#${room}` }).waitFor()
    await page.getByPlaceholder(`Write to #${room}`).waitFor()
  }

  function watch(page: Page): void {
    const host = `localhost:${port}`
    const check = (url: string) => {
      if (!url.startsWith('data:') && new URL(url).host !== host) faults.push(`request to ${url}`)
    }
    page.on('request', request => check(request.url()))
    page.on('websocket', socket => check(socket.url()))
    page.on('pageerror', error => faults.push(String(error.stack)))
    page.on('dialog', dialog => faults.push(`dialog ${dialog.message()}`))
    page.on('console', message => {
      // Chromium itself reports a connection that was refused.
      const isExpected = /ERR_CONNECTION_REFUSED|ERR_INTERNET_DISCONNECTED/.test(message.text())
      if (['error', 'warning'].includes(message.type()) && !isExpected) faults.push(message.text())
    })
  }

  const box = (page: Page) => page.getByRole('textbox', { name: 'Message' })
  const line = (page: Page, text: string | RegExp) => page.locator('.message', { hasText: text })

  async function write(page: Page, text: string): Promise<void> {
    await box(page).fill(text)
    await box(page).press('Enter')
  }

  /** Says it, and waits until it is stored. */
  async function say(page: Page, text: string): Promise<void> {
    await write(page, text)
    await page.locator('.message[data-seq]', { hasText: text }).last().waitFor()
  }

  async function act(page: Page, text: string, action: string): Promise<void> {
    await line(page, text).first().hover()
    await page.getByRole('button', { name: action, exact: true }).click()
  }

  /** The texts of all messages, in order. */
  const bodies = (page: Page) => page.locator('.message .body').allInnerTexts()

  async function fillLobby(count: number): Promise<void> {
    const user = { id: 'filler', nick: 'Filler' }
    for (let i = 1; i <= count; i++)
      await engine.publish('lobby', { kind: 'msg', data: { body: `number ${i}` }, cid: `f${i}`, user })
  }

  it('asks for a name, and says why one will not do', async () => {
    const ann = await enter('Ann')
    const other = await openPage()
    await other.getByLabel('Your name').fill('ANN')
    await other.keyboard.press('Enter')
    await other.locator('#nick-error', { hasText: /\w/ }).waitFor()
    await other.getByLabel('Your name').fill('Ben')
    await other.keyboard.press('Enter')
    await isIn(other, 'lobby')
    await ann.locator('#member-list', { hasText: 'Ben' }).waitFor()
    expect(await ann.locator('#me').textContent()).toContain('Ann')
  })

  it('lets two people talk', async () => {
    const [ann, ben] = [await enter('Ann'), await enter('Ben')]
    await write(ann, 'hello **Ben**')
    await line(ben, 'hello Ben').waitFor()
    expect(await ben.locator('.message strong').textContent()).toBe('Ben')
    await box(ben).pressSequentially('hi')
    await ann.getByText('Ben is writing …').waitFor()
    await box(ben).press('Enter')
    await line(ann, 'hi').waitFor()
    expect(await bodies(ann)).toEqual(['hello Ben', 'hi'])
    expect(await ann.getByText('Ben is writing …').count()).toBe(0)
  })

  it('edits, answers, reacts and deletes', async () => {
    const [ann, ben] = [await enter('Ann'), await enter('Ben')]
    await say(ann, 'frist')
    await box(ann).press('ArrowUp')
    await box(ann).fill('first')
    await box(ann).press('Enter')
    await line(ben, /first\s*edited/).waitFor()
    await act(ben, 'first', 'Reply')
    await say(ben, 'an answer')
    await ann.locator('.reply', { hasText: 'first' }).waitFor()
    await act(ben, 'first', 'React')
    await ben.getByRole('button', { name: 'React with 👍' }).click()
    const chip = ann.locator('.chip')
    await chip.waitFor()
    expect(await chip.getAttribute('aria-pressed')).toBe('false')
    await chip.click()
    await ben.locator('.chip', { hasText: '2' }).waitFor()
    await act(ann, 'first', 'Delete')
    await ann.getByRole('button', { name: 'Delete', exact: true }).last().click()
    await ben.locator('.deleted').waitFor()
    expect(await ben.locator('.chip').count()).toBe(0)
    expect(await bodies(ben)).toEqual(['an answer'])
  })

  it('keeps what is written without a connection, and sends it once and in order', async () => {
    const [ann, ben] = [await enter('Ann'), await enter('Ben')]
    await say(ann, 'before')
    await chat.close({ within: 100 })
    await ann.locator('#status', { hasText: /Not connected\. The chat restarts\.|Trying again/ }).waitFor()
    for (const text of ['one', 'two', 'three']) await write(ann, text)
    expect(await ann.locator('.pending.queued').count()).toBe(3)
    await ann.locator('#status', { hasText: '3 messages wait.' }).waitFor()
    await startChat()
    await line(ben, 'three').waitFor()
    await ann.locator('.pending').first().waitFor({ state: 'detached' })
    expect(await bodies(ben)).toEqual(['before', 'one', 'two', 'three'])
    expect(await bodies(ann)).toEqual(['before', 'one', 'two', 'three'])
    expect(await ann.locator('#status').textContent()).toBe('')
    const { entries } = await engine.history('lobby', { limit: 100 })
    expect(entries).toHaveLength(4)
  })

  it('sends after a reload what was waiting', async () => {
    const ann = await enter('Ann')
    // What a browser does whose network is gone: it takes the bytes, and nobody gets them.
    await ann.evaluate('void (WebSocket.prototype.send = () => undefined)')
    await write(ann, 'survives')
    await ann.locator('.pending.queued').waitFor()
    await ann.reload()
    await ann.locator('.message[data-seq]', { hasText: 'survives' }).waitFor()
    expect(await bodies(ann)).toEqual(['survives'])
    expect(await ann.evaluate("Object.keys(localStorage).filter(key => key.includes('outbox'))")).toEqual([])
  })

  it('goes on without loss when the chat comes back, and says so when it cannot', async () => {
    const [ann, ben] = [await enter('Ann'), await enter('Ben')]
    await say(ann, 'before')
    await chat.close({ within: 100 })
    await ben.locator('#status:not(:empty)').waitFor()
    await fillLobby(150)
    await startChat()
    await line(ben, 'number 150').waitFor()
    expect((await bodies(ben)).slice(-151)).toEqual([
      'before',
      ...Array.from({ length: 150 }, (_, i) => `number ${i + 1}`),
    ])
    await chat.close({ within: 100 })
    engine = new LastingEngine()
    await startChat()
    await ben.locator('#nick-error, #notice', { hasText: /\w/ }).first().waitFor()
  })

  it('keeps the place of who reads while older messages come, and newer ones', async () => {
    await fillLobby(1000)
    const ann = await enter('Ann')
    await line(ann, 'number 1000').waitFor()
    const place = () => ann.evaluate(PLACE) as Promise<{ seq: number; at: number }>
    const jumps: number[] = []
    for (let i = 0; i < 400 && (await place()).seq > 1; i++) {
      const { seq, at } = await place()
      const moved = (await ann.evaluate(`(${SCROLL_UP})(${seq})`)) as number
      if (moved !== -1 && Math.abs(moved - at - 600) > 2) jumps.push(moved - at)
    }
    // At the very top there is less than 600 to go.
    expect(jumps.length).toBeLessThanOrEqual(1)
    expect(await ann.locator('[data-seq]').count()).toBeLessThanOrEqual(500)
    const before = await place()
    await fillLobby(1) // was there already
    const user = { id: 'filler', nick: 'Filler' }
    await engine.publish('lobby', { kind: 'msg', data: { body: 'late' }, cid: 'late', user })
    await ann.getByRole('button', { name: '1 new' }).waitFor()
    expect(await place()).toEqual(before)
    await ann.getByRole('button', { name: '1 new' }).click()
    await line(ann, 'late').waitFor()
    expect(await ann.getByRole('button', { name: 'Newest messages' }).isVisible()).toBe(false)
  })

  it('scrolls down again from the oldest to the newest', async () => {
    await fillLobby(900)
    const ann = await enter('Ann')
    await line(ann, 'number 900').waitFor()
    const scroll = (by: number) => ann.evaluate(`document.querySelector('#log').scrollBy(0, ${by})`)
    while ((await line(ann, /number 1$/).count()) === 0) await scroll(-100_000)
    while ((await line(ann, /number 900$/).count()) === 0) await scroll(100_000)
    expect(await ann.locator('[data-seq]').count()).toBeLessThanOrEqual(500)
  })

  it('shows what is new, in the room and in others', async () => {
    const [ann, ben] = [await enter('Ann'), await enter('Ben')]
    await say(ann, 'hello')
    await write(ann, '/join tea')
    await isIn(ann, 'tea')
    await say(ben, 'hello @Ann')
    await say(ben, 'another')
    const room = ann.locator('[data-room="lobby"]')
    await room.locator('.badge.mentioned', { hasText: '2' }).waitFor()
    await ann.locator('#announcer', { hasText: 'Ben in lobby: hello @Ann' }).waitFor({ state: 'attached' })
    await room.click()
    await isIn(ann, 'lobby')
    const next = ann.locator('.rule.new + .message')
    expect(await next.textContent()).toContain('hello @Ann')
    expect(await ann.locator('.mention.mine').textContent()).toBe('@Ann')
    expect(await room.locator('.badge').count()).toBe(0)
  })

  it('searches, and goes to what was found', async () => {
    await fillLobby(600)
    const ann = await enter('Ann')
    await line(ann, 'number 600').waitFor()
    await ann.getByLabel('Search messages').fill('number 77')
    await ann.keyboard.press('Enter')
    await ann.locator('.hit', { hasText: /number 77$/ }).click()
    await line(ann, /number 77$/).waitFor()
    expect(await ann.evaluate('document.activeElement.innerText')).toMatch(/number 77$/)
    await ann.getByRole('button', { name: 'Newest messages' }).click()
    await line(ann, 'number 600').waitFor()
  })

  it('registers, signs out and in again', async () => {
    const ann = await enter('Ann')
    await write(ann, '/register')
    await ann.getByLabel('Password').fill('correct horse')
    await ann.getByRole('button', { name: 'Register', exact: true }).click()
    await ann.locator('#account').waitFor({ state: 'hidden' })
    await write(ann, '/logout')
    await ann.getByRole('button', { name: 'I have an account' }).click()
    await ann.getByLabel('Name', { exact: true }).fill('Ann')
    await ann.getByLabel('Password').fill('wrong horse')
    await ann.keyboard.press('Enter')
    await ann.locator('#account-error', { hasText: /wrong/ }).waitFor()
    await ann.getByLabel('Password').fill('correct horse')
    await ann.keyboard.press('Enter')
    await isIn(ann, 'lobby')
    await say(ann, 'me again')
    expect(await ann.locator('#me').textContent()).not.toContain('Guest')
  })

  it('says what is wrong with a command, and with a message that is refused', async () => {
    const [ann, ben] = [await enter('Ann'), await enter('Ben')]
    await write(ann, '/kick')
    await ann.getByRole('alert').getByText('It is used like this: /kick NAME [why]').waitFor()
    expect(await box(ann).inputValue()).toBe('/kick')
    await write(ann, '/join tea')
    await isIn(ann, 'tea')
    await write(ben, '/join tea')
    await isIn(ben, 'tea')
    await write(ann, '/lock')
    await ben.getByPlaceholder('This room is locked').waitFor()
    await write(ben, 'may I?')
    const failed = ben.locator('.pending.failed')
    await failed.getByText(/Not sent: .*locked/i).waitFor()
    await write(ann, '/lock off')
    await ben.getByPlaceholder('Write to #tea').waitFor()
    await failed.getByRole('button', { name: 'Try again' }).click()
    await line(ann, 'may I?').waitFor()
    expect(await bodies(ben)).toEqual(['may I?'])
    await write(ann, '/kick Ben be kind')
    await isIn(ben, 'lobby')
    await ben.getByRole('alert').getByText('kicked from tea: be kind').waitFor()
  })

  it('stays away from a chat that has put it out, until it is asked to', async () => {
    await chat.close({ within: 100 })
    await startChat({ admins: ['Ann'] })
    const [ann, ben] = [await enter('Ann'), await enter('Ben')]
    await write(ann, '/register')
    await ann.getByLabel('Password').fill('correct horse')
    await ann.getByRole('button', { name: 'Register', exact: true }).click()
    await ann.locator('#account').waitFor({ state: 'hidden' })
    await write(ann, '/kick Ben enough')
    await ben.locator('#status', { hasText: /kicked from lobby: enough/ }).waitFor()
    await ben.getByRole('button', { name: 'Connect now' }).click()
    await say(ben, 'sorry')
    await line(ann, 'sorry').waitFor()
  })

  it('can be used by keyboard alone', async () => {
    const ann = await openPage()
    const { keyboard } = ann
    await keyboard.type('Ann')
    await keyboard.press('Enter')
    await isIn(ann, 'lobby')
    await ann.locator('#welcome').waitFor({ state: 'hidden' })
    await box(ann).focus()
    await keyboard.type('first')
    await keyboard.press('Shift+Enter')
    await keyboard.type('line')
    await box(ann).dispatchEvent('keydown', { key: 'Enter', isComposing: true })
    expect(await ann.locator('.message').count()).toBe(0)
    await keyboard.press('Enter')
    await ann.locator('.message[data-seq]').waitFor()
    await ann.locator('#log').focus()
    await keyboard.press('ArrowUp')
    await keyboard.press('Tab')
    expect(await ann.evaluate('document.activeElement.ariaLabel')).toBe('Reply')
    await keyboard.press('Tab')
    await keyboard.press('Enter')
    await keyboard.press('Enter')
    await ann.locator('.chip').waitFor()
    await keyboard.press('Escape')
    expect(await ann.evaluate('document.activeElement.id')).toBe('text')
    await keyboard.press('ArrowUp')
    expect(await box(ann).inputValue()).toBe('first\nline')
    await keyboard.press('Escape')
    expect(await box(ann).inputValue()).toBe('')
  })

  it('executes nothing that is written, and lets nothing hide in it', async () => {
    const [ann, ben] = [await enter('Ann'), await enter('Ben<b>')]
    const hostile = [
      '<img src=x onerror="alert(1)"><script>alert(1)</script>',
      '[x](javascript:alert(1)) javascript:alert(1)',
      'safe \u202egnp.exe',
      '**[a](https://a.example/")onclick="alert(1))**',
      '```\n<svg onload=alert(1)>\n```',
    ]
    for (const text of hostile) {
      await write(ben, text)
      await ben.locator('.pending').first().waitFor({ state: 'detached' })
    }
    await write(ben, '/topic <i>topic</i>')
    await ann.locator('#topic', { hasText: '<i>topic</i>' }).waitFor()
    expect((await bodies(ann))[0]).toBe(hostile[0])
    expect(await ann.locator('.body :is(img, script, svg, b, i)').count()).toBe(0)
    expect(await ann.locator('.body a[href^="javascript"]').count()).toBe(0)
    expect((await bodies(ann))[2]).toBe('safe \ufffdgnp.exe')
    for (const link of await ann.locator('.body a').all()) {
      expect(await link.getAttribute('rel')).toBe('noopener noreferrer nofollow')
      expect(await link.getAttribute('href')).toMatch(/^https:/)
    }
  })

  describe('seen by axe', () => {
    const source = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8')

    /** What is serious, in a few words each. */
    async function findFaults(page: Page): Promise<string[]> {
      await page.evaluate(source)
      const violations = (await page.evaluate('axe.run()')) as {
        violations: { id: string; impact: string; nodes: { target: string[]; failureSummary: string }[] }[]
      }
      return violations.violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes[0]?.target.join(' ')} ${nodes[0]?.failureSummary}`)
    }

    it.each([
      ['light', { colorScheme: 'light' }],
      ['dark', { colorScheme: 'dark' }],
      ['on a phone', { viewport: { width: 390, height: 800 }, hasTouch: true }],
    ] as const)('has nothing serious: %s', async (name, options) => {
      const page = await openPage({ ...options, reducedMotion: 'reduce', bypassCSP: true })
      expect(await findFaults(page)).toEqual([])
      await page.getByLabel('Your name').fill('Ann')
      await page.keyboard.press('Enter')
      await isIn(page, 'lobby')
      const ben = await enter('Ben')
      await write(page, 'hello `code`\n> quote\nhttps://a.example')
      await line(ben, 'hello').waitFor()
      await write(ben, '@Ann\n```\nfence\n```')
      await line(page, 'fence').waitFor()
      await act(ben, 'hello', 'React')
      await ben.getByRole('button', { name: 'React with 🎉' }).click()
      await page.locator('.chip').waitFor()
      await act(page, 'hello', 'Reply')
      await write(page, '/nonsense')
      expect(await findFaults(page)).toEqual([])
      await box(page).fill('')
      await page.getByLabel('Search messages').fill('hello')
      await page.keyboard.press('Enter')
      await page.locator('.hit').first().waitFor()
      if (name === 'on a phone') await page.getByRole('button', { name: 'Rooms' }).click()
      expect(await findFaults(page)).toEqual([])
    })
  })
})
