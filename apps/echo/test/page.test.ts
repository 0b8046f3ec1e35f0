// The page in a real Chromium, over real sockets: what a person does with it, and what must never happen meanwhile.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, inChromium, launchChromium, type Page } from '@ws/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createPaths } from '../src/bench/paths.ts'
import { startEcho as start } from '../src/echo.ts'
import { readCommand } from '../src/options.ts'

const startEcho = async () => {
  const command = readCommand(['--port', '0'])
  if (command.kind !== 'run') throw new Error('not a command to run')
  return start(command.options)
}

inChromium(describe)('the echo page in Chromium', () => {
  let browser: Browser
  let echo: Awaited<ReturnType<typeof startEcho>>
  let page: Page
  /** What must never happen: errors and warnings of the console, violations of the policy, requests to another host. */
  let faults: string[]

  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())

  beforeEach(async () => {
    echo = await startEcho()
    faults = []
    page = await openPage()
  })
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close()
    await echo.close()
    expect(faults).toEqual([])
  })

  async function openPage(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    const opened = await (await browser.newContext(options)).newPage()
    watch(opened)
    await opened.goto(`http://localhost:${echo.port}/`)
    await isOpen(opened)
    return opened
  }

  function watch(opened: Page): void {
    const host = `localhost:${echo.port}`
    const check = (url: string) => {
      if (!url.startsWith('data:') && new URL(url).host !== host) faults.push(`request to ${url}`)
    }
    opened.on('request', request => check(request.url()))
    opened.on('websocket', socket => check(socket.url()))
    opened.on('pageerror', error => faults.push(String(error)))
    opened.on('response', response => {
      if (response.status() >= 400) faults.push(`${response.status()} for ${response.url()}`)
    })
    opened.on('console', message => {
      if (['error', 'warning'].includes(message.type())) faults.push(message.text())
    })
  }

  async function isOpen(opened: Page): Promise<void> {
    await opened.locator('#state', { hasText: 'Open' }).waitFor()
  }

  /** Puts a text into the box at once: typing 16 MiB would test the keyboard. */
  async function write(text: string): Promise<void> {
    await page.getByLabel('Message', { exact: true }).fill(text)
  }

  /** What the page says below the n-th message of a direction, once it is there. */
  async function facts(direction: 'sent' | 'received', n = 0): Promise<string> {
    const words = await page.locator(`.${direction} .facts`).nth(n).textContent()
    return (words ?? '').replaceAll('\u00a0', ' ')
  }

  it('sends a text, and shows it with size, time and verdict when it is back', async () => {
    await write('Grüße 👋')
    await page.keyboard.press('Enter')
    expect(await facts('received')).toMatch(/^Came back · text · 12 bytes · (under )?[\d.]+ ms · identical$/)
    expect(await facts('sent')).toBe('Sent · text · 12 bytes')
    expect(await page.locator('.received .content').textContent()).toBe('Grüße 👋')
    expect(await page.getByLabel('Message', { exact: true }).inputValue()).toBe('')
  })

  it('starts a new line at Shift+Enter, and leaves the Enter of an input method alone', async () => {
    const box = page.getByLabel('Message', { exact: true })
    await write('one')
    await page.keyboard.press('Shift+Enter')
    await page.keyboard.type('two')
    await box.dispatchEvent('keydown', { key: 'Enter', isComposing: true })
    expect(await page.locator('.message').count()).toBe(0)
    await page.keyboard.press('Enter')
    expect(await page.locator('.received .content').textContent()).toBe('one\ntwo')
  })

  it('sends an empty text', async () => {
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    expect(await facts('received')).toMatch(/^Came back · text · 0 bytes · .* · identical$/)
  })

  it('shows markup as text, whichever way it came', async () => {
    const markup = '<img src=x onerror="alert(1)"><b>bold</b>'
    await write(markup)
    await page.keyboard.press('Enter')
    const file = { name: `${markup}.txt`, mimeType: 'text/plain', buffer: Buffer.from(markup) }
    await page.getByLabel('Files to send').setInputFiles(file)
    await facts('received', 1)
    expect(await page.locator('.content').first().textContent()).toBe(markup)
    expect(await page.locator('.content .name').first().textContent()).toBe(file.name)
    expect(await page.locator('.log img, .log b').count()).toBe(0)
  })

  it('replaces half a surrogate pair before it is sent, as the socket would', async () => {
    await page.evaluate("document.querySelector('#text').value = 'a\\ud83d'")
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    expect(await facts('received')).toMatch(/text · 4 bytes · .* · identical$/)
  })

  it('sends each file as one binary message', async () => {
    const big = { name: 'big.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(2 ** 20, 0xa5) }
    const none = { name: 'none.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(0) }
    await page.getByLabel('Files to send').setInputFiles([big, none])
    expect(await facts('received')).toMatch(
      /^Came back · binary · 1 MiB \(1,048,576 bytes\) · .* · identical$/,
    )
    expect(await facts('received', 1)).toMatch(/^Came back · binary · 0 bytes · .* · identical$/)
    expect(await page.locator('.received .name').allTextContents()).toEqual(['big.bin', 'none.bin'])
    expect(await page.locator('.received code').textContent()).toMatch(/^a5 a5 .* …$/)
  })

  it('sends files that are dropped on it', async () => {
    const transfer = await page.evaluateHandle(
      "(() => { const t = new DataTransfer(); t.items.add(new File(['abc'], 'dropped.txt')); return t })()",
    )
    await page.locator('#log').dispatchEvent('dragover', { dataTransfer: transfer })
    expect(await page.getByText('Drop files to send them').isVisible()).toBe(true)
    await page.locator('#log').dispatchEvent('drop', { dataTransfer: transfer })
    expect(await facts('received')).toMatch(/binary · 3 bytes · .* · identical$/)
    expect(await page.getByText('Drop files to send them').isVisible()).toBe(false)
  })

  it('takes 16 MiB, as bytes and as text', { timeout: 60_000 }, async () => {
    const path =
      '(() => { const t = new DataTransfer(); t.items.add(new File([new Uint8Array(2 ** 24).fill(7)], '
    const transfer = await page.evaluateHandle(`${path}'sixteen.bin')); return t })()`)
    await page.locator('#log').dispatchEvent('drop', { dataTransfer: transfer })
    expect(await facts('received')).toMatch(/binary · 16 MiB \(16,777,216 bytes\) · .* · identical$/)
    await page.evaluate("document.querySelector('#text').value = 'Lorem ipsum dol '.repeat(2 ** 20)")
    await page.evaluate("document.querySelector('#composer').requestSubmit()")
    expect(await facts('received', 1)).toMatch(/text · 16 MiB \(16,777,216 bytes\) · .* · identical$/)
    expect(await page.locator('.cut').last().textContent()).toBe('The first 1,000 of 16,777,216 characters')
  })

  it('says so when a message is too big for the server, and that it never came back', async () => {
    const transfer = await page.evaluateHandle(
      "(() => { const t = new DataTransfer(); t.items.add(new File([new Uint8Array(2 ** 24 + 1)], 'b')); return t })()",
    )
    await page.locator('#log').dispatchEvent('drop', { dataTransfer: transfer })
    await page.locator('#state', { hasText: 'Closed' }).waitFor()
    expect(await page.locator('#detail').textContent()).toMatch(/^1009, message too big/)
    expect(await facts('sent')).toBe('Sent · binary · 16 MiB (16,777,217 bytes) · never came back')
  })

  it('cuts long texts for display, between characters and after some lines', async () => {
    await write(`a${'😀'.repeat(1000)}`)
    await page.keyboard.press('Enter')
    expect(await facts('received')).toMatch(/text · 3.9 KiB \(4,001 bytes\) · .* · identical$/)
    expect(await page.locator('.received p[dir]').textContent()).toBe(`a${'😀'.repeat(499)}`)
    expect(await page.locator('.received .cut').textContent()).toBe('The first 999 of 2,001 characters')
    await write('line\n'.repeat(100))
    await page.keyboard.press('Enter')
    expect(await facts('received', 1)).toMatch(/500 bytes .* identical$/)
    expect(await page.locator('.received p[dir]').nth(1).textContent()).toBe(`${'line\n'.repeat(19)}line`)
  })

  it('keeps the log at 200 entries, the newest ones in view', async () => {
    await page.evaluate(`for (let i = 0; i < 150; i++) {
      document.querySelector('#text').value = 'message ' + i
      document.querySelector('#composer').requestSubmit()
    }`)
    await page.locator('.received', { hasText: 'message 149' }).waitFor()
    expect(await page.locator('#entries > li').count()).toBe(200)
    expect(await page.locator('.received .bad').count()).toBe(0)
    expect(await distanceFromEnd()).toBeLessThan(2)
  })

  it('does not scroll away from who reads further up', async () => {
    for (let i = 0; i < 6; i++) {
      await write(`${i}\n\n\n\n`)
      await page.keyboard.press('Enter')
      await facts('received', i)
    }
    await page.evaluate("document.querySelector('#log').scrollTop = 0")
    await page.getByRole('button', { name: 'Newest messages' }).click()
    expect(await distanceFromEnd()).toBeLessThan(2)
    expect(await page.getByRole('button', { name: 'Newest messages' }).isVisible()).toBe(false)
  })

  function distanceFromEnd(): Promise<number> {
    return page.evaluate(
      "(l => l.scrollHeight - l.scrollTop - l.clientHeight)(document.querySelector('#log'))",
    )
  }

  it('closes and reconnects, and keeps what was written meanwhile', async () => {
    await write('before')
    await page.keyboard.press('Enter')
    await facts('received')
    await page.getByRole('button', { name: 'Close' }).click()
    await page.locator('#state', { hasText: 'Closed' }).waitFor()
    expect(await page.locator('#detail').textContent()).toBe('1000, normal closure')
    await write('meanwhile')
    await page.keyboard.press('Enter') // cannot be sent: leads to the button that reconnects
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Reconnect')
    await page.keyboard.press('Enter')
    await isOpen(page)
    await page.keyboard.press('Enter')
    expect(await facts('received', 1)).toMatch(/text · 9 bytes · .* · identical$/)
    const events = await page.locator('.event').allTextContents()
    expect(events).toEqual(['Closed: 1000, normal closure', 'Connected'])
  })

  it('says when the connection is lost, and when nobody answers', async () => {
    await echo.close()
    await page.locator('#state', { hasText: 'Closed' }).waitFor()
    expect(await page.locator('#detail').textContent()).toMatch(/^1001, going away/)
    await page.getByRole('button', { name: 'Reconnect' }).click()
    const detail = page.locator('#detail', { hasText: 'no answer' })
    expect(await detail.textContent()).toBe(`1006, no answer from ws://localhost:${echo.port}`)
    // Chromium itself reports connections that were refused: the WebSocket's, and that of the check.
    expect(faults.every(fault => fault.includes('ERR_CONNECTION_REFUSED'))).toBe(true)
    faults = []
  })

  it('names the address, and the line for any console', async () => {
    expect(await page.locator('#detail').textContent()).toBe(`ws://localhost:${echo.port}`)
    const line = await page.locator('#snippet').textContent()
    expect(line).toBe(`new WebSocket('ws://localhost:${echo.port}')`)
    const state = await page.evaluate(`new Promise(done => { ${line}.onopen = event => done(event.type) })`)
    expect(state).toBe('open')
  })

  it('lists the paths to test clients with, and connects to one', async () => {
    await page.getByRole('button', { name: 'Paths' }).click()
    expect(await page.locator('#paths li').count()).toBe(createPaths().length)
    await page.getByRole('button', { name: '/close?code=4001&reason=bye&after=3' }).click()
    await isOpen(page)
    for (const text of ['a', 'b', 'c']) {
      await write(text)
      await page.keyboard.press('Enter')
    }
    await page.locator('#state', { hasText: 'Closed' }).waitFor()
    expect(await page.locator('#detail').textContent()).toBe('4001, “bye”')
    expect(new URL(page.url()).searchParams.get('path')).toBe('/close?code=4001&reason=bye&after=3')
  })

  it('connects to the path and subprotocols in its address, which can be shared', async () => {
    const shared = new URLSearchParams({ path: '/subprotocol?delay=1ms', protocols: 'chat,superchat' })
    await page.goto(`http://localhost:${echo.port}/?${shared}`)
    await isOpen(page)
    const address = `ws://localhost:${echo.port}/subprotocol?delay=1ms`
    expect(await page.locator('#detail').textContent()).toBe(`${address}, subprotocol chat`)
    expect(await page.locator('#snippet').textContent()).toBe(
      `new WebSocket('${address}', ['chat', 'superchat'])`,
    )
    expect(await page.locator('.received .content').first().textContent()).toBe(
      '{"offered":["chat","superchat"],"chosen":"chat"}',
    )
    expect(await facts('received')).toBe('Received · text · 48 bytes')
    await page.getByLabel('Path', { exact: true }).fill('/')
    await page.getByLabel('Subprotocols').fill('')
    await page.keyboard.press('Enter')
    await page.locator('#detail', { hasText: /:\d+$/ }).waitFor()
    expect(new URL(page.url()).search).toBe('')
  })

  it('says that a handshake was not accepted, which is not the same as no answer', async () => {
    await page.getByLabel('Path', { exact: true }).fill('/status/403')
    await page.keyboard.press('Enter')
    const detail = page.locator('#detail', { hasText: 'did not accept' })
    expect(await detail.textContent()).toBe(
      `1006, the server did not accept the handshake for ws://localhost:${echo.port}/status/403`,
    )
    expect(faults).toEqual([expect.stringContaining('Unexpected response code: 403')])
    faults = []
  })

  it('connects without subprotocols when they are not valid, and says so', async () => {
    await page.getByLabel('Subprotocols').fill('a(b)')
    await page.keyboard.press('Enter')
    await page.locator('.event', { hasText: 'Not subprotocols: a(b)' }).waitFor()
    await isOpen(page)
  })

  it('keeps the samples within reach after the first message', async () => {
    await page.getByRole('button', { name: 'Hello, world' }).click()
    await facts('received')
    await page.getByRole('button', { name: 'Samples' }).click()
    await page.getByRole('button', { name: 'Hello, world' }).click()
    expect(await facts('received', 1)).toMatch(/text · 12 bytes · .* · identical$/)
    expect(await page.getByRole('heading', { name: 'Send a sample' }).isVisible()).toBe(false)
  })

  it('works by keyboard alone, every stop named and ringed', async () => {
    const stops = new Set<unknown>()
    for (let i = 0; i < 20; i++) {
      stops.add(await page.evaluate('(e => e.id || e.textContent.trim())(document.activeElement)'))
      await page.keyboard.press('Tab')
    }
    const samples = ['Hello, world', 'Other scripts', '1 MiB of random bytes']
    for (const stop of [
      'switch',
      'path',
      'protocols',
      'Connect',
      'Paths',
      'Samples',
      'copy',
      'log',
      ...samples,
      'text',
      'attach',
      'send',
    ]) {
      expect(stops).toContain(stop)
    }
    await page.locator('#switch').focus()
    await page.keyboard.press('Tab')
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid')
  })

  it('is forbidden to turn strings into HTML', async () => {
    const outcome = await page.evaluate(
      "(() => { try { document.body.innerHTML = '<b>' } catch (e) { return e.name } })()",
    )
    expect(outcome).toBe('TypeError')
    expect(faults.length).toBeGreaterThan(0) // the console's word on it: the policy holds, and a violation would be seen
    faults = []
  })

  it.each(['light', 'dark'] as const)('fits a phone (%s)', async colorScheme => {
    const viewport = { width: 390, height: 844 }
    page = await openPage({ viewport, colorScheme, isMobile: true, hasTouch: true, reducedMotion: 'reduce' })
    await page.getByRole('button', { name: 'Other scripts' }).tap()
    await write('w'.repeat(300))
    await page.getByRole('button', { name: 'Send', exact: true }).tap()
    expect(await facts('received', 1)).toMatch(/300 bytes/)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    expect(await page.evaluate('document.documentElement.scrollHeight')).toBe(844)
    expect(await page.evaluate("document.querySelector('#log').scrollWidth")).toBeLessThanOrEqual(390)
    const ground = await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
    expect(ground).toBe({ light: 'rgb(246, 248, 249)', dark: 'rgb(16, 23, 28)' }[colorScheme])
  })

  it.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['forced colors', { forcedColors: 'active' }],
    ['a phone', { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
  ] as const)('axe finds no fault in it, with messages and with each list open (%s)', async (_, options) => {
    const source = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8')
    page = await openPage({ ...options, reducedMotion: 'reduce' })
    await page.getByRole('button', { name: 'Hello, world' }).click()
    await facts('received')
    await page.evaluate(source)
    const found = [await findFaults()]
    for (const name of ['Paths', 'Samples']) {
      await page.getByRole('button', { name }).click()
      found.push(await findFaults())
      await page.keyboard.press('Escape')
    }
    expect(found).toEqual([[], [], []])
  })

  /** What axe finds, in a few words each. */
  async function findFaults(): Promise<string[]> {
    const { violations } = (await page.evaluate('axe.run()')) as {
      violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[]
    }
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes[0]?.target.join(' ')} ${nodes[0]?.failureSummary}`,
    )
  }

  describe('with a server that is no echo', () => {
    /** Stands in for the server from the next load of the page on. */
    async function answer(change: (message: string | Buffer) => (string | Buffer)[]): Promise<void> {
      await page.routeWebSocket(/./, route => {
        route.onMessage(message => {
          for (const each of change(message)) route.send(each)
        })
      })
      await page.reload()
      await isOpen(page)
      await write('café')
      await page.keyboard.press('Enter')
    }

    it.each<[string, (string | Buffer)[], RegExp]>([
      ['another text', ['cafe'], /not what was sent: the first difference is at character 4$/],
      [
        'a longer text',
        ['café!'],
        /sent: 4 characters went out, 5 came back; the first difference is at character 5$/,
      ],
      [
        'the same as binary',
        [Buffer.from('café')],
        /· binary · 5 bytes · .* sent: text went out, binary came back$/,
      ],
    ])('says how %s differs', async (_name, answers, expected) => {
      await answer(() => answers)
      expect(await facts('received')).toMatch(expected)
    })

    it('says at which byte a file differs', async () => {
      await answer(message => [typeof message === 'string' ? message : Buffer.from(message).fill(9, 2, 3)])
      const file = { name: 'zeros', mimeType: 'application/octet-stream', buffer: Buffer.alloc(4) }
      await page.getByLabel('Files to send').setInputFiles(file)
      expect(await facts('received', 1)).toMatch(/not what was sent: the first difference is at byte 3$/)
    })

    it('says of a message that nothing was sent for', async () => {
      await answer(message => [message, 'more'])
      expect(await facts('received', 0)).toMatch(/identical$/)
      expect(await facts('received', 1)).toBe(
        'Came back · text · 4 bytes · not an echo: nothing was on its way',
      )
    })

    it('shows the code and the reason of a close', async () => {
      await page.routeWebSocket(/./, route => {
        route.onMessage(() => void route.close({ code: 1012, reason: 'back in a minute' }))
      })
      await page.reload()
      await isOpen(page)
      await write('hello')
      await page.keyboard.press('Enter')
      await page.locator('#state', { hasText: 'Closed' }).waitFor()
      expect(await page.locator('#detail').textContent()).toBe('1012, service restart, “back in a minute”')
      expect(await facts('sent')).toMatch(/never came back$/)
    })
  })
})
