// The page in a real Chromium, over real sockets: each lesson, each control, and what must never
// happen meanwhile.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { WebSocketServer } from '@ws/server'
import { type Browser, inChromium, launchChromium, type Page } from '@ws/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket as Client } from 'ws'
import { createPaths } from '../src/bench/paths.ts'
import { startEcho as start } from '../src/echo.ts'
import { readCommand } from '../src/options.ts'

const startEcho = async (...args: string[]) => {
  const command = readCommand(['--port', '0', ...args])
  if (command.kind !== 'run') throw new Error('not a command to run')
  return start(command.options)
}

inChromium(describe)('the echo page in Chromium', () => {
  let browser: Browser
  let echo: Awaited<ReturnType<typeof startEcho>>
  let page: Page
  /** Errors and warnings of the console, violations of the policy, requests to another host. */
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

  async function openPage(options: Parameters<Browser['newContext']>[0] = {}, query = ''): Promise<Page> {
    const opened = await (await browser.newContext({ reducedMotion: 'reduce', ...options })).newPage()
    watch(opened)
    await opened.goto(`http://localhost:${echo.port}/${query}`)
    await isOpen(opened)
    return opened
  }

  function watch(opened: Page): void {
    const host = `localhost:${echo.port}`
    opened.on('request', request => {
      const url = request.url()
      if (!/^(?:data|blob):/.test(url) && new URL(url).host !== host) faults.push(`request to ${url}`)
    })
    opened.on('pageerror', error => faults.push(String(error)))
    opened.on('console', message => {
      if (['error', 'warning'].includes(message.type())) faults.push(message.text())
    })
  }

  async function isOpen(opened: Page): Promise<void> {
    await opened.locator('#state', { hasText: 'Open' }).waitFor()
  }

  /** Puts a text into the box at once. */
  async function write(text: string): Promise<void> {
    await page.getByLabel('Message', { exact: true }).fill(text)
  }

  async function send(text: string): Promise<void> {
    await write(text)
    await page.keyboard.press('Enter')
  }

  async function connect(address: string): Promise<void> {
    await page.getByLabel('Address', { exact: true }).fill(address)
    await page.keyboard.press('Enter')
  }

  /** The row of the log with these words, without its time. */
  async function row(words: string | RegExp, n = 0): Promise<string[]> {
    const found = page.locator('.row', { hasText: words }).nth(n)
    await found.waitFor()
    return (await found.locator('span').allTextContents()).slice(1)
  }

  /** Opens the details of a row. */
  async function open(words: string | RegExp, n = 0): Promise<void> {
    await page.locator('.row', { hasText: words }).nth(n).click()
  }

  function text(selector: string): Promise<string | null> {
    return page.locator(selector).first().textContent()
  }

  /** The names of the fields that stand out. */
  function highlighted(): Promise<string[]> {
    return page.locator('.field[aria-pressed="true"] .name').allTextContents()
  }

  describe('the log', () => {
    it('has a row for each frame in both directions, control frames included', async () => {
      expect(await row('handshake')).toEqual([
        'client',
        'handshake',
        '101',
        expect.stringMatching(/^\d+$/),
        expect.stringMatching(/^GET \/\?compress=off&inspect=/),
      ])
      await send('Grüße 👋')
      expect(await row('Grüße', 0)).toEqual(['client', 'text', 'FIN MASK', '12', 'Grüße 👋'])
      expect(await row('Grüße', 1)).toEqual(['server', 'text', 'FIN', '12', 'Grüße 👋'])
      await page.getByRole('button', { name: 'Ping', exact: true }).click()
      expect(await row(/ping.*ping/s)).toEqual(['server', 'ping', 'FIN', '4', 'ping'])
      expect(await row('pong')).toEqual(['client', 'pong', 'FIN MASK', '4', 'ping'])
      await page.getByRole('button', { name: 'Disconnect' }).click()
      expect(await row('close', 0)).toEqual(['client', 'close', 'FIN MASK', '2', '1000, normal closure'])
      expect(await row('close', 1)).toEqual(['server', 'close', 'FIN', '2', '1000, normal closure'])
      await page.getByText('The server ends the TCP connection (FIN)').waitFor()
    })

    it('says how long an echo took, and that it is identical', async () => {
      await send('hello')
      expect(await text('#echo:has(strong)')).toMatch(/^Echo (under )?[\d.]+ m?s, identical$/)
    })

    it('shows 500 messages, the newest in view', async () => {
      const milliseconds = await page.evaluate(`new Promise(done => {
        const start = performance.now()
        for (let i = 0; i < 500; i++) {
          document.querySelector('#text').value = 'message ' + i
          document.querySelector('#composer').requestSubmit()
        }
        const check = () => {
          const last = document.querySelector('#entries li:last-child')?.textContent ?? ''
          if (last.includes('message 499') && last.includes('server')) done(performance.now() - start)
          else requestAnimationFrame(check)
        }
        check()
      })`)
      // Under a second on an idle machine; this one may be busy.
      expect(milliseconds).toBeLessThan(10_000)
      expect(await page.locator('#entries li').count()).toBe(1000)
      const distance = "(l => l.scrollHeight - l.scrollTop - l.clientHeight)(document.querySelector('#log'))"
      await expect.poll(() => page.evaluate(distance)).toBeLessThan(2)
    })

    it('does not scroll away from a reader further up', async () => {
      for (let i = 0; i < 40; i++) await send(`line ${i}`)
      await row('line 39', 1)
      await page.evaluate("document.querySelector('#log').scrollTop = 0")
      await page.getByRole('button', { name: 'Newest' }).click()
      await page.getByRole('button', { name: 'Newest' }).waitFor({ state: 'hidden' })
    })

    it('filters by kind and by text, and is cleared', async () => {
      await send('apples')
      await send('pears')
      await row('pears', 1)
      await page.getByLabel('Filter').fill('APPLE')
      await page.locator('.row', { hasText: 'pears' }).first().waitFor({ state: 'detached' })
      expect(await page.locator('.row').count()).toBe(2)
      await page.getByLabel('Show').selectOption('server')
      await page.locator('.row', { hasText: 'client' }).first().waitFor({ state: 'detached' })
      expect(await page.locator('.row').count()).toBe(1)
      await page.getByLabel('Show').selectOption('control')
      await page.getByText('No frame passes the filter.').waitFor()
      await page.getByLabel('Show').selectOption('all')
      await page.getByLabel('Filter').fill('')
      await page.getByRole('button', { name: 'Clear' }).click()
      await page.getByText('No frames yet.').waitFor()
    })

    it('is exported as JSON, with the bytes on the wire', async () => {
      await send('hello')
      await row('hello', 1)
      const download = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Export' }).click()
      const entries = JSON.parse(readFileSync(await (await download).path(), 'utf8'))
      expect(entries[0]).toMatchObject({ kind: 'handshake', connection: 1 })
      expect(entries.at(-1)).toMatchObject({
        kind: 'frame',
        from: 'server',
        opcodeName: 'text',
        hex: '81 05 68 65 6c 6c 6f',
      })
    })

    it('shows the frames of another client that names its id', async () => {
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
      await page.getByRole('button', { name: 'Watch a client' }).click()
      await page.getByRole('button', { name: 'Address copied' }).waitFor()
      const client = new Client(String(await page.evaluate('navigator.clipboard.readText()')))
      await once(client, 'open')
      client.send('from a program')
      expect(await row('from a program', 0)).toContain('client')
      client.terminate()
      await page.getByText('The client ends the TCP connection (FIN)').waitFor()
    })
  })

  describe('the details of a frame', () => {
    it('show its bytes by field, with a sentence and a section for each', async () => {
      await send('Hello')
      await open('Hello', 1)
      expect(await text('.frame-view h2')).toBe('Text frame from the server')
      expect(await page.locator('.bytes .cell').allTextContents()).toEqual([
        '1',
        '0',
        '0',
        '0',
        '0001',
        '0',
        '0000101',
        '48',
        '65',
        '6c',
        '6c',
        '6f',
      ])
      const fields = await page.locator('.fields li').allTextContents()
      expect(fields.map(field => /^(?:FIN|RSV|opcode|MASK|length|payload)/.exec(field)?.[0])).toEqual([
        'FIN',
        'RSV',
        'opcode',
        'MASK',
        'length',
        'payload',
      ])
      for (const field of fields) expect(field).toMatch(/\. RFC \d+ §[\d.]+$/)
    })

    it('show the XOR of masking byte by byte', async () => {
      await send('Hello')
      await open('Hello', 0)
      const rows = await page.locator('.masking tr').all()
      const cells = await Promise.all(rows.map(each => each.locator('td').allTextContents()))
      const [masked, key, plain, characters] = cells as [string[], string[], string[], string[]]
      expect(characters.join('')).toBe('Hello')
      expect(plain).toEqual(['48', '65', '6c', '6c', '6f'])
      const xor = masked.map((byte, i) => Number.parseInt(byte, 16) ^ Number.parseInt(key[i]!, 16))
      expect(Buffer.from(xor).toString()).toBe('Hello')
      expect(key[4]).toBe(key[0])
    })

    it('highlight the bytes of a field that is chosen, by its button or its bytes', async () => {
      await send('Hello')
      await open('Hello', 0)
      await page.locator('.field', { hasText: 'masking key' }).click()
      expect(await page.locator('.bytes .cell.on').count()).toBe(4)
      await page.locator('.bytes .cell[data-field="opcode"]').click()
      expect(await highlighted()).toEqual(['opcode'])
      await page.locator('.field', { hasText: 'opcode' }).click()
      expect(await highlighted()).toEqual([])
    })

    it('show the start of a long payload, and all of it on request', async () => {
      await send('a'.repeat(3000))
      await open(/aaa/, 1)
      await page.getByRole('button', { name: 'Show all 3,000 characters' }).click()
      expect((await text('.text'))?.length).toBe(3000)
      await page.getByRole('button', { name: 'Show all 3,000 bytes' }).click()
      expect((await text('.hex'))?.split('\n')).toHaveLength(188)
    })

    it('say how much of a payload was recorded', async () => {
      const file = { name: 'big', mimeType: 'application/octet-stream', buffer: Buffer.alloc(2 ** 20, 7) }
      await page.getByLabel('Files to send').setInputFiles(file)
      expect(await row('binary', 1)).toEqual(['server', 'binary', 'FIN', '1,048,576', expect.any(String)])
      await open('binary', 1)
      await page
        .getByText('The server records the first 65,536 bytes of a payload; 983,040 more were sent.')
        .waitFor()
      expect(await text('#echo:has(strong)')).toMatch(/identical$/)
    })

    it('are copied and saved', async () => {
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
      await send('Hello')
      await open('Hello', 1)
      await page.getByRole('button', { name: 'Copy text' }).click()
      await page.getByRole('button', { name: 'Copied' }).waitFor()
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe('Hello')
      await page.getByRole('button', { name: 'Copy hex' }).click()
      await page.getByRole('button', { name: 'Copied' }).nth(1).waitFor()
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe('48 65 6c 6c 6f')
      const download = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Save' }).click()
      expect(readFileSync(await (await download).path(), 'utf8')).toBe('Hello')
    })

    it('show markup as text, in a row and in the payload', async () => {
      const markup = '<img src=x onerror="alert(1)"><b>bold</b>'
      await send(markup)
      await open('<img', 1)
      expect(await text('.frame-view .text')).toBe(markup)
      expect(await page.locator('main img, main b').count()).toBe(0)
    })

    it.each([
      ['utf8', 'text that is not UTF-8', '§8.1'],
      ['reserved', 'reserved bit RSV2 set without an extension', '§5.2'],
      ['masked', 'masked frame from a server', '§5.1'],
      ['interleaved', 'new message inside a fragmented one', '§5.4'],
      ['close-code', 'close code 1005 must not be sent', '§7.4'],
    ])('name the rule that a frame breaks: %s', async (name, message, where) => {
      await connect(`/invalid?case=${name}&compress=off`)
      await open(message)
      expect(await text('.fault')).toBe(`Not allowed: ${message} (RFC 6455 ${where}).`)
      // Chromium says why it failed the connection.
      await page.locator('#state', { hasText: 'Closed' }).waitFor()
      faults = []
    })
  })

  describe('lessons', () => {
    async function perform(id: string): Promise<void> {
      await page.locator(`[data-lesson="${id}"]`).click()
    }

    it('handshake: shows both heads, and the accept value step by step', async () => {
      await perform('handshake')
      await page.locator('.handshake-view').waitFor()
      const lines = await page.locator('.head-lines code').allTextContents()
      expect(lines).toContain('Upgrade: websocket')
      expect(lines).toContain('HTTP/1.1 101 Switching Protocols')
      const [key, joined, digest, accept] = (await page.locator('.steps code').allTextContents()) as [
        string,
        string,
        string,
        string,
      ]
      expect(lines).toContain(`Sec-WebSocket-Key: ${key}`)
      expect(joined).toBe(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      expect(Buffer.from(digest.replaceAll(' ', ''), 'hex').toString('base64')).toBe(accept)
      expect(lines).toContain(`Sec-WebSocket-Accept: ${accept}`)
      expect(await text('.handshake-view .good')).toContain('✓')
    })

    it.each([
      ['first-frame', 'Text frame from the client', ['FIN', 'opcode', 'length']],
      ['masking', 'Text frame from the client', ['MASK', 'masking key', 'payload']],
      ['lengths', 'Text frame from the client', ['length']],
      ['fragments', 'Text frame from the server', ['FIN', 'opcode']],
      ['ping', 'Ping frame from the server', ['opcode', 'payload']],
      ['closing', 'Close frame from the client', ['opcode', 'payload']],
      ['compression', 'Text frame from the client', ['RSV1', 'length', 'payload']],
    ])('%s: performs it, and highlights its bytes', async (id, title, fields) => {
      await perform(id)
      await page.locator('.frame-view h2', { hasText: title }).waitFor()
      expect(await highlighted()).toEqual(fields)
      expect(await page.locator('.lesson-head').count()).toBe(1)
    })

    it('lengths: shows a frame for each of the three forms', async () => {
      await perform('lengths')
      for (const [label, size] of [
        ['7 bits', 7],
        ['16 bits', 9],
        ['64 bits', 15],
      ] as const) {
        await page.getByRole('button', { name: label, exact: true }).click()
        // Seven bits are one cell; the bytes of an extended length are the others.
        expect(await page.locator('.bytes .cell[data-field="length"]').count()).toBe(
          { 7: 1, 9: 3, 15: 9 }[size],
        )
      }
    })

    it('fragments: leads through the first, a middle and the last', async () => {
      await perform('fragments')
      for (const [label, title] of [
        ['Middle', 'Continuation'],
        ['Last', 'Continuation'],
        ['First', 'Text'],
      ]) {
        await page.getByRole('button', { name: label!, exact: true }).click()
        expect(await text('.frame-view h2')).toBe(`${title} frame from the server`)
      }
    })

    it('compression: shows the message before and after', async () => {
      await perform('compression')
      await page.getByRole('heading', { name: 'Message, decompressed' }).waitFor()
      await page.getByText('310 bytes before compression').waitFor()
      expect(await text('.frame-view section:last-child .text')).toContain('Repeated text')
      expect(await page.getByLabel('Address', { exact: true }).inputValue()).toBe('/?compress=on')
    })

    it('lead from one to the next', async () => {
      await perform('handshake')
      await page.getByRole('button', { name: 'Next: First frame' }).click()
      await page.locator('.lesson-title', { hasText: 'Lesson 2: First frame' }).waitFor()
      await page.locator('.frame-view').waitFor()
    })

    it('reconnect after the connection was closed', async () => {
      await page.getByRole('button', { name: 'Disconnect' }).click()
      await page.locator('#state', { hasText: 'Closed' }).waitFor()
      await perform('masking')
      await page.locator('.frame-view').waitFor()
    })
  })

  describe('the composer', () => {
    it('starts a new line at Shift+Enter, and leaves the Enter of an input method alone', async () => {
      const box = page.getByLabel('Message', { exact: true })
      await write('one')
      await page.keyboard.press('Shift+Enter')
      await page.keyboard.type('two')
      await box.dispatchEvent('keydown', { key: 'Enter', isComposing: true })
      expect(await box.inputValue()).toBe('one\ntwo')
      await page.keyboard.press('Enter')
      await open('one', 1)
      expect(await text('.frame-view .text')).toBe('one\ntwo')
    })

    it.each([
      ['text', 'text', 'héllo', 'text', '6'],
      ['text', 'binary', 'héllo', 'binary', '6'],
      ['json', 'text', '{"a": 1}', 'text', '8'],
      ['hex', 'binary', '00 ff 7f', 'binary', '3'],
      ['base64', 'binary', 'AP9/', 'binary', '3'],
      ['hex', 'text', '68 69', 'text', '2'],
    ])('sends %s as a %s message: %s', async (format, kind, words, opcode, length) => {
      await page.getByLabel('Written as').selectOption(format)
      await page.getByLabel('Sent as').selectOption(kind)
      await send(words)
      expect((await row(new RegExp(`server${opcode}`))).slice(0, 4)).toEqual([
        'server',
        opcode,
        'FIN',
        length,
      ])
    })

    it('lets the server send a message in fragments', async () => {
      await page.getByLabel('Sent as').selectOption('fragments')
      await send('abcdefgh')
      expect(await row('abcd')).toEqual(['server', 'text', '', '4', 'abcd'])
      expect(await row('efgh')).toEqual(['server', 'continuation', '', '4', 'efgh'])
      expect(await row('continuation', 1)).toEqual(['server', 'continuation', 'FIN', '0', ''])
    })

    it.each([
      ['json', '{a}', 'Not JSON: '],
      ['hex', '0g', 'Expected hex digits in pairs, not “0g”.'],
      ['base64', '=', 'Expected base64, such as SGVsbG8=.'],
    ])('says what is wrong with %s such as %s, and sends nothing', async (format, words, problem) => {
      await page.getByLabel('Written as').selectOption(format)
      await send(words)
      expect(await text('#problem:not(:empty)')).toContain(problem)
      expect(await page.locator('.row').count()).toBe(1)
      expect(await page.getByLabel('Message', { exact: true }).inputValue()).toBe(words)
    })

    it('recalls what was sent with the arrow keys', async () => {
      await send('first')
      await send('second')
      const box = page.getByLabel('Message', { exact: true })
      await page.keyboard.press('ArrowUp')
      expect(await box.inputValue()).toBe('second')
      await page.keyboard.press('ArrowUp')
      expect(await box.inputValue()).toBe('first')
      await box.press('End')
      await page.keyboard.press('ArrowDown')
      expect(await box.inputValue()).toBe('second')
    })

    it('sends files that are chosen or dropped, each as one binary message', async () => {
      const file = (name: string, buffer: Buffer) => ({ name, mimeType: 'application/octet-stream', buffer })
      await page
        .getByLabel('Files to send')
        .setInputFiles([file('a', Buffer.of(1, 2)), file('b', Buffer.alloc(0))])
      expect(await row('serverbinary', 0)).toEqual(['server', 'binary', 'FIN', '2', '01 02'])
      expect(await row('serverbinary', 1)).toEqual(['server', 'binary', 'FIN', '0', ''])
      const transfer = await page.evaluateHandle(
        "(() => { const t = new DataTransfer(); t.items.add(new File(['abc'], 'dropped.txt')); return t })()",
      )
      await page.locator('#log').dispatchEvent('dragover', { dataTransfer: transfer })
      await page.getByText('Drop files to send them').waitFor()
      await page.locator('#log').dispatchEvent('drop', { dataTransfer: transfer })
      expect(await row('serverbinary', 2)).toEqual(['server', 'binary', 'FIN', '3', '61 62 63'])
      expect(await page.getByText('Drop files to send them').isVisible()).toBe(false)
    })

    it('sends samples', async () => {
      for (const name of ['Hello, world', 'Unicode', 'JSON', 'An empty message']) {
        await page.getByRole('button', { name: 'Samples' }).click()
        const samples = page.locator('#samples')
        await samples.getByRole('button', { name }).click()
      }
      await row('servertext', 3)
      expect(await row('Hello, world', 1)).toContain('server')
      expect(await row('नमस्ते', 1)).toContain('server')
    })

    it('offers to reconnect without a connection, and keeps what was written', async () => {
      await page.getByRole('button', { name: 'Disconnect' }).click()
      await page.locator('#state', { hasText: 'Closed' }).waitFor()
      await send('meanwhile')
      await page.getByText('There is no open connection. Reconnect first.').waitFor()
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Reconnect')
      await page.keyboard.press('Enter')
      await isOpen(page)
      expect(await page.getByLabel('Message', { exact: true }).inputValue()).toBe('meanwhile')
    })
  })

  describe('the connection', () => {
    async function close(code: string, reason: string, closer: string): Promise<void> {
      await page.getByRole('button', { name: 'Close…' }).click()
      await page.getByLabel('Code').fill(code)
      await page.getByLabel('Reason').fill(reason)
      await page.getByLabel('Closed by').selectOption(closer)
      await page.locator('#closing').getByRole('button', { name: 'Close' }).click()
    }

    it('is closed with a code and a reason, by the page or by the server', async () => {
      await close('4001', 'bye', 'client')
      await page.locator('#state', { hasText: 'Closed' }).waitFor()
      expect(await row('close', 0)).toEqual(['client', 'close', 'FIN MASK', '5', '4001, “bye”'])
      await page.getByRole('button', { name: 'Reconnect' }).click()
      await isOpen(page)
      await close('1012', 'restart', 'server')
      await page.locator('#detail', { hasText: '1012, service restart, “restart”' }).waitFor()
      expect(await row('1012', 0)).toContain('server')
    })

    it('is not closed with a code that must not be sent', async () => {
      await close('1005', '', 'client')
      await page.getByText('A page may close with 1000 or with 3000–4999.').waitFor()
      await page.getByLabel('Reason').fill('x'.repeat(124))
      await page.locator('#closing').getByRole('button', { name: 'Close' }).click()
      await page.getByText('The reason must have at most 123 bytes; it has 124.').waitFor()
      expect(await text('#state')).toBe('Open')
    })

    it('goes to the path and subprotocols in the page’s address, which can be shared', async () => {
      const shared = new URLSearchParams({ to: '/subprotocol?compress=off', protocols: 'chat,superchat' })
      page = await openPage({}, `?${shared}`)
      expect(await row('superchat')).toEqual([
        'server',
        'text',
        'FIN',
        '48',
        '{"offered":["chat","superchat"],"chosen":"chat"}',
      ])
      expect(await text('#detail')).toContain('subprotocol chat')
      expect(new URL(page.url()).searchParams.get('to')).toBe('/subprotocol?compress=off')
    })

    it('goes to any path of the list', async () => {
      await page.getByRole('button', { name: 'Paths' }).click()
      expect(await page.locator('#paths li').count()).toBe(createPaths().length)
      await page.getByRole('button', { name: '/count?to=100&every=10ms' }).click()
      await page.locator('#detail', { hasText: '1000, normal closure' }).waitFor()
      expect(await row('servertext', 99)).toEqual(['server', 'text', 'FIN', '3', '100'])
      expect(new URL(page.url()).searchParams.get('to')).toBe('/count?to=100&every=10ms')
    })

    it('says what a server answered that did not accept the handshake', async () => {
      await connect('/status/403?body=no')
      await page.locator('#detail', { hasText: 'the server answered 403 Forbidden' }).waitFor()
      await open('403')
      await page.locator('.handshake-view', { hasText: 'Not 101' }).waitFor()
      faults = faults.filter(fault => !fault.includes('403'))
    })

    it('says that a connection was dropped, and that nobody answers', async () => {
      await connect('/drop?compress=off')
      await page.getByText('The server ends the TCP connection (FIN)').last().waitFor()
      await page.locator('#detail', { hasText: '1006, connection lost' }).waitFor()
      await echo.close()
      await page.getByRole('button', { name: 'Reconnect' }).click()
      await page.locator('#detail', { hasText: 'no answer from' }).waitFor()
      expect(faults.every(fault => fault.includes('ERR_CONNECTION_REFUSED'))).toBe(true)
      faults = []
    })

    it('says that subprotocols are not valid', async () => {
      await page.getByLabel('Subprotocols').fill('a(b)')
      await page.keyboard.press('Enter')
      await page.locator('#detail', { hasText: 'a(b)' }).waitFor()
      expect(await text('#state')).toBe('Closed')
    })
  })

  describe('another server', () => {
    it('is shown by its messages, and the page says that a browser gives no frames', async () => {
      const other = new WebSocketServer({
        origin: 'any',
        message: (socket, data) => socket.send(typeof data === 'string' ? `${data}!` : data),
      })
      const { port } = await other.listen({ port: 0, host: '127.0.0.1' })
      try {
        await connect(`ws://127.0.0.1:${port}/elsewhere`)
        await isOpen(page)
        await page.getByText('This is another server: a browser does not show its frames').waitFor()
        await send('hello')
        expect(await row('hello', 0)).toEqual(['client', 'text', 'message', '5', 'hello'])
        expect(await row('hello!')).toEqual(['server', 'text', 'message', '6', 'hello!'])
        await open('hello!')
        expect(await text('#panel h2')).toBe('Message from the server')
        faults = faults.filter(fault => !fault.startsWith('request to'))
      } finally {
        await other.close({ timeout: 0 })
      }
    })

    it('off loopback without --inspect is shown by its messages too, and has no lessons', async () => {
      await echo.close()
      echo = await startEcho('--host', '0.0.0.0')
      page = await openPage()
      await page.getByText('This server does not record connections').waitFor()
      await send('hello')
      expect(await row('hello', 1)).toEqual(['server', 'text', 'message', '5', 'hello'])
      expect(await page.locator('[data-lesson="masking"]').isDisabled()).toBe(true)
    })
  })

  it('measures 1,000 echoes, with percentiles and a plot', { timeout: 60_000 }, async () => {
    await page.getByRole('button', { name: 'Timing', exact: true }).click()
    await page.getByRole('button', { name: 'Send × 1,000' }).click()
    await page.locator('.figures').waitFor({ timeout: 50_000 })
    expect(await page.locator('.figures dt').allTextContents()).toEqual(['p50', 'p95', 'max'])
    for (const figure of await page.locator('.figures dd').allTextContents())
      expect(figure).toMatch(/\d m?s$/)
    expect(await page.getByRole('img', { name: /1000 echoes/ }).count()).toBe(1)
    // Its frames are not recorded.
    expect(await page.locator('.row').count()).toBe(1)
  })

  describe('a hex dump', () => {
    async function decode(dump: string): Promise<void> {
      await page.getByRole('button', { name: 'Decode', exact: true }).first().click()
      await page.getByLabel('Hex dump').fill(dump)
      await page.locator('#panel').getByRole('button', { name: 'Decode' }).click()
    }

    it('is decoded by the same view, without a connection', async () => {
      await page.getByRole('button', { name: 'Disconnect' }).click()
      await page.locator('#state', { hasText: 'Closed' }).waitFor()
      await decode('81 85 37 fa 21 3d 7f 9f 4d 51 58  8a 80 00 00 00 00')
      expect(await text('.frame-view h2')).toBe('Text frame from the client')
      expect(await text('.frame-view .text')).toBe('Hello')
      expect(await row('pong')).toEqual(['client', 'pong', 'FIN MASK', '0', ''])
    })

    it('may be that of a program, with offsets and text', async () => {
      const bytes = Buffer.from(
        'GET /chat HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      )
      const lines: string[] = []
      for (let at = 0; at < bytes.length; at += 16) {
        const part = bytes.subarray(at, at + 16)
        const hex = part.toString('hex').replaceAll(/(..)/g, '$1 ')
        lines.push(
          `${at.toString(16).padStart(8, '0')}  ${hex.padEnd(49)} |${part.toString('latin1').replaceAll(/[\r\n]/g, '.')}|`,
        )
      }
      await decode(lines.join('\n'))
      expect(await page.locator('.steps code').last().textContent()).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
      expect(await text('.fault')).toContain('Upgrade')
    })

    it.each([
      ['xyz', 'Expected hex digits in pairs, not “xyz”.'],
      ['81', 'These bytes have no whole frame header'],
    ])('such as %s is not decoded, and the page says why', async (dump, problem) => {
      await decode(dump)
      await page.locator('#panel .problem', { hasText: problem }).waitFor()
    })
  })

  it('leaves the page of the tutorial, opened as a file, as it is', async () => {
    const file = new URL('../../../packages/frame/test/tutorial.html', import.meta.url)
    file.searchParams.set('url', `ws://localhost:${echo.port}`)
    const tutorial = await browser.newPage()
    await tutorial.goto(file.href)
    await tutorial.locator('li', { hasText: 'hello' }).waitFor()
  })

  it('works by keyboard alone', async () => {
    await send('hello')
    await row('hello', 1)
    // The rows are one stop, and the arrows lead through them.
    await page.locator('#log').focus()
    await page.keyboard.press('Tab')
    await page.keyboard.press('End')
    await page.keyboard.press('Enter')
    expect(await text('.frame-view h2')).toBe('Text frame from the server')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    await page.locator('.frame-view h2', { hasText: 'Text frame from the client' }).waitFor()
    const stops = new Set<unknown>()
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab')
      stops.add(await page.evaluate('(e => e.id || e.textContent.trim())(document.activeElement)'))
    }
    const ids = ['switch', 'address', 'protocols', 'show', 'filter', 'export', 'clear', 'log', 'text']
    const others = [
      'format',
      'kind',
      'attach',
      'ping',
      'send',
      'Lessons',
      'Timing',
      'Decode',
      'Connect',
      'Paths',
    ]
    for (const stop of [...ids, ...others]) expect(stops).toContain(stop)
    await page.locator('#switch').focus()
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid')
  })

  it('is forbidden to turn strings into HTML', async () => {
    const outcome = await page.evaluate(
      "(() => { try { document.body.innerHTML = '<b>' } catch (e) { return e.name } })()",
    )
    expect(outcome).toBe('TypeError')
    expect(faults.length).toBeGreaterThan(0)
    faults = []
  })

  it.each([960, 1120, 1600])('fits a window of %d pixels', async width => {
    page = await openPage({ viewport: { width, height: 700 } })
    await send('w'.repeat(300))
    await open('www', 1)
    await page.locator('.frame-view').waitFor()
    const overflowing =
      "[...document.querySelectorAll('html, .log-pane, .tools, #log, #panel')].filter(e => e.scrollWidth > e.clientWidth).map(e => e.className)"
    expect(await page.evaluate(overflowing)).toEqual([])
  })

  it.each(['light', 'dark'] as const)(
    'fits a phone, where the details are in front (%s)',
    async colorScheme => {
      const viewport = { width: 390, height: 844 }
      page = await openPage({ viewport, colorScheme, isMobile: true, hasTouch: true })
      await write('w'.repeat(300))
      await page.getByRole('button', { name: 'Send', exact: true }).tap()
      await page.locator('.row', { hasText: 'server' }).first().tap()
      await page.locator('.frame-view').waitFor()
      await page.getByRole('button', { name: 'Show all' }).first().tap()
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
      expect(await page.evaluate("document.querySelector('#panel').scrollWidth")).toBeLessThanOrEqual(390)
      await page.getByRole('button', { name: 'Back to the log' }).tap()
      expect(await page.locator('.frame-view').isVisible()).toBe(false)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
      expect(await page.evaluate('document.documentElement.scrollHeight')).toBe(844)
      const ground = await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
      expect(ground).toBe({ light: 'rgb(246, 248, 249)', dark: 'rgb(16, 23, 28)' }[colorScheme])
    },
  )

  it.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['forced colors', { forcedColors: 'active' }],
    ['a phone', { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
  ] as const)('axe finds no fault in any view (%s)', { timeout: 60_000 }, async (name, options) => {
    const source = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8')
    page = await openPage(options)
    await page.evaluate(source)
    const found: Record<string, string[]> = {}
    const back = async () => {
      if (name === 'a phone') await page.locator('#close-panel').click()
    }
    found.start = await findFaults()
    for (const lesson of ['handshake', 'masking', 'compression']) {
      await page.getByRole('button', { name: 'Lessons', exact: true }).click()
      if (lesson === 'handshake') found.lessons = await findFaults()
      await page.locator(`[data-lesson="${lesson}"]`).click()
      await page.locator(lesson === 'handshake' ? '.handshake-view' : '.frame-view').waitFor()
      found[lesson] = await findFaults()
      await back()
    }
    for (const panel of ['Timing', 'Decode']) {
      await page.getByRole('button', { name: panel, exact: true }).first().click()
      found[panel] = await findFaults()
      await back()
    }
    for (const sheet of ['Paths', 'Samples', 'Close…']) {
      await page.getByRole('button', { name: sheet }).click()
      found[sheet] = await findFaults()
      await page.keyboard.press('Escape')
    }
    expect(Object.entries(found).filter(([, faultsFound]) => faultsFound.length > 0)).toEqual([])
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
})
