// puppeteer-core drives Chromium: its client for the DevTools protocol is `ws`.

import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import puppeteer from 'puppeteer-core'
import { close, listen } from '../lib.ts'

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

export async function run(): Promise<unknown> {
  const executablePath = process.env.CHROMIUM ?? PATHS.find(path => existsSync(path))
  if (executablePath === undefined) throw new Error(`no Chromium (expected one of ${PATHS.join(', ')})`)
  const http = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<title>A page</title><button onclick="this.textContent = \'clicked\'">click</button>')
  })
  const url = `http://127.0.0.1:${await listen(http)}/`
  await using browser = await puppeteer.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
  const page = await browser.newPage()
  const log: string[] = []
  page.on('console', message => log.push(message.text()))
  await page.goto(url)
  await page.click('button')
  const button = await page.$eval('button', element => element.textContent)
  const large = await page.evaluate(length => 'x'.repeat(length), 5_000_000)
  const sent = await page.evaluate((text: string) => text.length, 'é'.repeat(2_000_000))
  await page.exposeFunction('double', (value: number) => 2 * value)
  const doubled = await page.evaluate('(async () => { console.log("called"); return await double(21) })()')
  const parallel = await Promise.all(
    Array.from({ length: 50 }, (_, i) => page.evaluate((value: number) => value * value, i)),
  )
  const screenshot = await page.screenshot({ type: 'png' })
  const title = await page.title()
  const second = await puppeteer.connect({ browserWSEndpoint: browser.wsEndpoint() })
  const pages = (await second.pages()).length
  await second.disconnect()
  await close(http)
  return {
    title,
    button,
    large: large.length,
    sent,
    doubled,
    parallel,
    png: Buffer.from(screenshot).subarray(1, 4).toString(),
    pages,
    log,
  }
}
