// Visitors of the page in a real Chromium, and their actions. Uses the page by its texts, as a
// person does; independent of the chat behind it.

import { type Browser, launchChromium, type Page } from '@ws/testing'

/**
 * `script`: changes to this browser, run before the page's own scripts. `time`: the first time of
 * the page's clock, which the test advances.
 */
export type VisitOptions = Parameters<Browser['newContext']>[0] & {
  readonly script?: string
  readonly time?: Date
}

export class Visitors {
  readonly #browser: Browser
  #faults: string[] = []

  private constructor(browser: Browser) {
    this.#browser = browser
  }

  static async launch(): Promise<Visitors> {
    return new Visitors(await launchChromium())
  }

  async close(): Promise<void> {
    await this.#browser.close()
  }

  /** Opens the page of the chat on this port as a new visitor. */
  async visit(port: number, { script, time, ...options }: VisitOptions = {}): Promise<Page> {
    const page = await (await this.#browser.newContext(options)).newPage()
    page.setDefaultTimeout(8000)
    if (script !== undefined) await page.addInitScript(script)
    if (time !== undefined) await page.clock.install({ time })
    this.#watch(page, `localhost:${port}`)
    await page.goto(`http://localhost:${port}/`)
    return page
  }

  /** … and joins as a guest. */
  async enter(port: number, nick: string, options: VisitOptions = {}): Promise<Page> {
    const page = await this.visit(port, options)
    await page.getByLabel('Your name').fill(nick)
    await page.keyboard.press('Enter')
    await isIn(page, 'lobby')
    return page
  }

  /**
   * Closes all pages. Returns faults that must never happen: errors of the page, violations of its
   * policy, requests to other hosts.
   */
  async leave(): Promise<string[]> {
    for (const context of this.#browser.contexts()) await context.close()
    const faults = this.#faults
    this.#faults = []
    return faults
  }

  #watch(page: Page, host: string): void {
    const faults = this.#faults
    const check = (url: string) => {
      if (!url.startsWith('data:') && new URL(url).host !== host) faults.push(`request to ${url}`)
    }
    page.on('request', request => check(request.url()))
    page.on('websocket', socket => check(socket.url()))
    page.on('pageerror', error => faults.push(String(error.stack)))
    page.on('dialog', dialog => faults.push(`dialog ${dialog.message()}`))
    page.on('console', message => {
      // Chromium itself reports a connection that was refused.
      const isExpected = /ERR_CONNECTION_(REFUSED|RESET)|ERR_INTERNET_DISCONNECTED/.test(message.text())
      if (['error', 'warning'].includes(message.type()) && !isExpected) faults.push(message.text())
    })
  }
}

/** Waits until a room is shown, and can be written to. */
export async function isIn(page: Page, room: string): Promise<void> {
  await page.locator('#room-name', { hasText: `#${room}` }).waitFor()
  await page.getByPlaceholder(`Write to #${room}`).waitFor()
}

export const box = (page: Page) => page.getByRole('textbox', { name: 'Message' })
export const line = (page: Page, text: string | RegExp) => page.locator('.message', { hasText: text })

/** The texts of all messages, in order. */
export const bodies = (page: Page) => page.locator('.message .body').allInnerTexts()

export async function write(page: Page, text: string): Promise<void> {
  await box(page).fill(text)
  await box(page).press('Enter')
}

/** Says it, and waits until it is stored. */
export async function say(page: Page, text: string): Promise<void> {
  await write(page, text)
  await page.locator('.message[data-seq]', { hasText: text }).last().waitFor()
}

/** Does one of the things that can be done with a message. */
export async function act(page: Page, text: string, action: string): Promise<void> {
  await line(page, text).first().hover()
  await page.getByRole('button', { name: action, exact: true }).click()
}

export async function register(page: Page, password: string): Promise<void> {
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Register', exact: true }).click()
  await page.locator('#account').waitFor({ state: 'hidden' })
}
