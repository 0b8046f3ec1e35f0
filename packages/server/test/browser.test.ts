import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, inChromium, launchChromium, type Page } from '@ws/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CloseInfo, type Socket, WebSocketServer } from '../src/index.ts'

/** Globals of the page, for the functions that run in it. */
declare const location: { readonly host: string }
declare const Blob: new (parts: Uint8Array[]) => { arrayBuffer(): Promise<ArrayBuffer> }

inChromium(describe)('Chromium', () => {
  let browser: Browser
  let server: WebSocketServer<unknown>
  let port: number
  const reports: CloseInfo[] = []
  const reported = new Set<() => void>()

  beforeAll(async () => {
    browser = await launchChromium()
    server = new WebSocketServer({
      maxMessageSize: 2 ** 24,
      protocols: ['second', 'first'],
      message(socket: Socket, data) {
        if (data === 'close me') socket.close(4002, 'requested')
        else if (data === 'terminate me') socket.terminate()
        else socket.send(data)
      },
      close(_, report) {
        reports.push(report)
        for (const resolve of reported) resolve()
      },
      http: (_request, response) => response.end('<!doctype html><title>page</title>'),
    })
    port = (await server.listen(0)).port
  })

  afterAll(async () => {
    await browser?.close()
    await server?.close({ timeout: 1000 })
  })

  async function open(host = '127.0.0.1'): Promise<Page> {
    const page = await browser.newPage()
    await page.goto(`http://${host}:${port}/`)
    return page
  }

  test.each(['arraybuffer', 'blob'] as const)(
    'receives text and binary messages of all sizes back as %s',
    async binaryType => {
      const page = await open()
      const wrong = await page.evaluate(async type => {
        const socket = new WebSocket(`ws://${location.host}/`)
        socket.binaryType = type
        await new Promise(resolve => socket.addEventListener('open', resolve))
        const next = () =>
          new Promise<unknown>(resolve =>
            socket.addEventListener('message', event => resolve(event.data), { once: true }),
          )
        const failed: string[] = []
        for (const size of [0, 1, 125, 126, 127, 65_535, 65_536, 2 ** 20, 2 ** 24]) {
          const text = 'aé€𝄞'.repeat(Math.floor(size / 10)) + 'z'.repeat(size % 10)
          const textBack = next()
          socket.send(text)
          if ((await textBack) !== text) failed.push(`text of ${size}`)

          const bytes = Uint8Array.from({ length: size }, (_, i) => i * 7)
          const bytesBack = next()
          socket.send(type === 'blob' ? (new Blob([bytes]) as never) : bytes)
          const data = (await bytesBack) as ArrayBuffer | { arrayBuffer(): Promise<ArrayBuffer> }
          const back = new Uint8Array('arrayBuffer' in data ? await data.arrayBuffer() : data)
          if (back.length !== size || back.some((byte, i) => byte !== bytes[i])) failed.push(`${size} bytes`)
        }
        socket.close()
        return failed
      }, binaryType)
      expect(wrong).toEqual([])
      await page.close()
    },
    60_000,
  )

  test('exchanges close codes and reasons, and reports 1006 for a terminated connection', async () => {
    const page = await open('localhost')
    reports.length = 0
    const events = await page.evaluate(async () => {
      const run = async (act: (socket: WebSocket) => void) => {
        const socket = new WebSocket(`ws://${location.host}/`)
        const closed = new Promise<Pick<CloseInfo, 'code' | 'reason'> & { wasClean: boolean }>(resolve =>
          socket.addEventListener('close', resolve),
        )
        await new Promise(resolve => socket.addEventListener('open', resolve))
        act(socket)
        const { code, reason, wasClean } = await closed
        return { code, reason, wasClean }
      }
      return [
        await run(socket => socket.close(3000, 'Grüße')),
        await run(socket => socket.close()),
        await run(socket => socket.send('close me')),
        await run(socket => socket.send('terminate me')),
      ]
    })
    expect(events).toEqual([
      { code: 3000, reason: 'Grüße', wasClean: true },
      { code: 1005, reason: '', wasClean: true },
      { code: 4002, reason: 'requested', wasClean: true },
      { code: 1006, reason: '', wasClean: false },
    ])
    expect(reports).toEqual([
      { code: 3000, reason: 'Grüße', wasClean: true, by: 'peer' },
      { code: 1005, reason: '', wasClean: true, by: 'peer' },
      { code: 4002, reason: 'requested', wasClean: true, by: 'local' },
      { code: 1006, reason: '', wasClean: false, by: 'local' },
    ])
    await page.close()
  })

  test('negotiates a subprotocol and sends the origin of its page', async () => {
    const page = await open()
    const [first, none] = await page.evaluate(async () => {
      const negotiate = async (protocols: string[]) => {
        const socket = new WebSocket(`ws://${location.host}/`, protocols)
        await new Promise(resolve => socket.addEventListener('open', resolve))
        return socket.protocol
      }
      return [await negotiate(['first', 'second']), await negotiate([])]
    })
    expect([first, none]).toEqual(['second', ''])
    expect([...server.sockets].map(({ origin }) => origin)).toContain(`http://127.0.0.1:${port}`)
    await page.close()
  })

  test('H18: cannot open a socket from a page of another host', async () => {
    const elsewhere = createServer((_request, response) => response.end('<!doctype html><title>evil</title>'))
    elsewhere.listen(0, '127.0.0.1')
    await once(elsewhere, 'listening')
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`)
    const outcome = await page.evaluate(async to => {
      const socket = new WebSocket(`ws://127.0.0.1:${to}/`)
      return new Promise<string>(resolve => {
        socket.addEventListener('open', () => resolve('open'))
        socket.addEventListener('close', ({ code }) => resolve(`closed ${code}`))
      })
    }, port)
    expect(outcome).toBe('closed 1006')
    await page.close()
    elsewhere.close()
    elsewhere.closeAllConnections()
  })

  test('serves many pages at a time and sends 1001 for each closed page', async () => {
    const before = server.sockets.size
    const pages = await Promise.all(Array.from({ length: 12 }, () => open()))
    const answers = await Promise.all(
      pages.map((page, i) =>
        page.evaluate(async name => {
          const socket = new WebSocket(`ws://${location.host}/`)
          await new Promise(resolve => socket.addEventListener('open', resolve))
          const received: string[] = []
          const all = new Promise<void>(resolve =>
            socket.addEventListener('message', ({ data }) => {
              received.push(data as string)
              if (received.length === 100) resolve()
            }),
          )
          for (let n = 0; n < 100; n++) socket.send(`${name}:${n}`)
          await all
          return received.every((text, n) => text === `${name}:${n}`)
        }, i),
      ),
    )
    expect(answers).toEqual(Array(12).fill(true))
    expect(server.sockets.size).toBe(before + 12)
    reports.length = 0
    const { promise, resolve } = Promise.withResolvers<void>()
    const check = () => reports.length >= 12 && resolve()
    reported.add(check)
    await Promise.all(pages.map(page => page.close()))
    await promise
    reported.delete(check)
    expect(server.sockets.size).toBe(before)
    expect(reports).toEqual(Array(12).fill(expect.objectContaining({ code: 1001, wasClean: true })))
  }, 60_000)
})
