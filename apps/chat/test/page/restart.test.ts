// The program behind the page in a real Chromium: it ends and restarts, and the network fails and
// recovers.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inChromium, type Page } from '@ws/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bodies, line, say, Visitors, write } from './visitors.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts')

inChromium(describe)('the page, while the program', () => {
  let visitors: Visitors
  let folder: string
  let program: ChildProcess
  let port: number

  beforeAll(async () => {
    visitors = await Visitors.launch()
  })
  afterAll(() => visitors?.close())

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ws-chat-'))
    port = 0
    await start()
  })
  afterEach(async () => {
    const faults = await visitors.leave()
    await end('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
    expect(faults).toEqual([])
  })

  /** Starts it on the test's file: after the first time, on the same port. */
  async function start(): Promise<void> {
    const args = ['--port', String(port), '--data', join(folder, 'chat.db'), '--log', 'json']
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    program = child
    let output = ''
    for await (const chunk of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      output += chunk
      const [, found] = /"event":"listening","port":(\d+)/.exec(output) ?? []
      if (found === undefined) continue
      port = Number(found)
      child.stdout.resume()
      return
    }
    throw new Error(`it ended: ${output}`)
  }

  /** Gives its exit status. */
  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    if (program.exitCode !== null || program.signalCode !== null) return program.exitCode
    const exit = once(program, 'exit')
    program.kill(signal)
    const [status] = await exit
    return status
  }

  async function writeAll(page: Page, texts: readonly string[]): Promise<void> {
    for (const text of texts) await write(page, text)
    await page
      .locator('.pending.queued')
      .nth(texts.length - 1)
      .waitFor()
  }

  /** Both pages show all messages, once and in order, and none is waiting. */
  async function haveAll(pages: readonly Page[], texts: readonly string[]): Promise<void> {
    for (const page of pages) {
      await line(page, texts.at(-1)!).and(page.locator('[data-seq]')).waitFor()
      await page.locator('.pending').first().waitFor({ state: 'detached' })
      await page.locator('#status:empty').waitFor({ state: 'attached' })
      expect(await bodies(page)).toEqual(texts)
    }
  }

  it.each(['SIGTERM', 'SIGKILL'] as const)('ends by %s and is started again', async signal => {
    const [ann, ben] = [await visitors.enter(port, 'Ann'), await visitors.enter(port, 'Ben')]
    await say(ann, 'before')
    await line(ben, 'before').waitFor()
    const status = await end(signal)
    if (signal === 'SIGTERM') expect(status).toBe(0)
    await ann.locator('#status', { hasText: 'Trying again' }).waitFor()
    await writeAll(ann, ['one', 'two', 'three'])
    await start()
    const all = ['before', 'one', 'two', 'three']
    await haveAll([ann, ben], all)
    await ann.reload()
    await haveAll([ann], all)
  })

  it('is unreachable', async () => {
    const [ann, ben] = [await visitors.enter(port, 'Ann'), await visitors.enter(port, 'Ben')]
    await say(ann, 'before')
    await line(ben, 'before').waitFor()
    await ann.context().setOffline(true)
    await ann.locator('#status', { hasText: 'Trying again' }).waitFor()
    await writeAll(ann, ['one', 'two', 'three'])
    await say(ben, 'meanwhile')
    await ann.context().setOffline(false)
    await haveAll([ann, ben], ['before', 'meanwhile', 'one', 'two', 'three'])
  })
})
