// Runs the programs of the README, and checks its table of options and its figures.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { findFence, readmeWithOptions, startReadme } from '@ws/testing'
import { expect, test } from 'vitest'
import { HANDLER_NAMES } from '../src/handlers.ts'
import { WebSocketServer } from '../src/index.ts'
import { ROUTE_OPTIONS } from '../src/options/route-options.ts'
import { ServerSocket } from '../src/socket.ts'
import { README_OPTIONS } from './options.ts'

const MOST_LINES = 170

const folder = new URL('..', import.meta.url)

async function talk(url: string): Promise<unknown[]> {
  const client = new WebSocket(url)
  client.binaryType = 'arraybuffer'
  await once(client, 'open')
  client.send('hello')
  const [{ data: text }] = (await once(client, 'message')) as [{ data: string }]
  client.send(Uint8Array.of(1, 2, 3))
  const [{ data: bytes }] = (await once(client, 'message')) as [{ data: ArrayBuffer }]
  client.close()
  await once(client, 'close')
  return [text, ...new Uint8Array(bytes)]
}

test('the first program of the README echoes', async () => {
  await using program = await startReadme(folder, 0, /^listening on (ws:\S+)$/)
  expect(await talk(program.match[1]!)).toEqual(['hello', 1, 2, 3])
  expect(await program.stop()).toMatchObject({ stderr: '', signal: 'SIGTERM' })
}, 30_000)

test('the README of the repository shows the same first program', () => {
  const [ours, front] = ['README.md', '../../README.md'].map(file =>
    readFileSync(new URL(file, folder), 'utf8'),
  )
  expect(findFence(front!, 'ts', 0)).toBe(findFence(ours!, 'ts', 0))
})

test('the last program of the README echoes, serves a page, and closes all sockets on SIGTERM', async () => {
  await using program = await startReadme(folder, 2, /^listening on .* port: (\d+)/)
  const host = `localhost:${program.match[1]}`
  expect(await talk(`ws://${host}/`)).toEqual(['hello', 1, 2, 3])
  const page = await fetch(`http://${host}/`, { headers: { Connection: 'close' } })
  expect(await page.text()).toBe('a page')
  const client = new WebSocket(`ws://${host}/`)
  await once(client, 'open')
  const closed = once(client, 'close')
  const result = program.stop()
  expect((await closed)[0]).toMatchObject({ code: 1012, reason: 'restart', wasClean: true })
  expect(await result).toMatchObject({ stdout: expect.stringMatching(/closed\n$/), stderr: '', exitCode: 0 })
}, 30_000)

test('the chat in the README sends messages with the name of their sender', async () => {
  await using program = await startReadme(folder, 1, /^listening on (ws:\S+)$/)
  const connect = async (path: string) => {
    const client = new WebSocket(program.match[1]! + path)
    await once(client, 'open')
    return client
  }
  const [ann, bob] = [await connect('/chat?name=Ann'), await connect('/chat?name=Bob')]
  ann.send('hello')
  expect(((await once(bob, 'message')) as [{ data: string }])[0].data).toBe('Ann: hello')
  for (const path of ['/chat', '/elsewhere']) {
    const refused = new WebSocket(program.match[1]! + path)
    await once(refused, 'error')
  }
  for (const client of [ann, bob]) {
    client.close()
    await once(client, 'close')
  }
  expect(await program.stop()).toMatchObject({ stderr: '', signal: 'SIGTERM' })
}, 30_000)

test('the README has the table of options that `pnpm -r options` writes', () => {
  const readme = readFileSync(new URL('README.md', folder), 'utf8')
  expect(readme).toBe(readmeWithOptions(README_OPTIONS))
  expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(MOST_LINES)
})

test('the README has the figures of the code', () => {
  const readme = readFileSync(new URL('README.md', folder), 'utf8')
  expect(readme).toContain('`Retry-After: 5`')
  expect(readme).toContain('`timeout` (10,000 ms)')
  const sourceOf = (file: string) => readFileSync(new URL(`src/${file}`, folder), 'utf8')
  expect(sourceOf('server.ts')).toContain('const RETRY_AFTER = 5\n')
  expect(sourceOf('shutdown.ts')).toContain('timeout = 10_000')
})

test('the README names every handler, option, and public member of servers and sockets', () => {
  const readme = readFileSync(new URL('README.md', folder), 'utf8')
  const classes = [WebSocketServer, ServerSocket, Object.getPrototypeOf(ServerSocket) as typeof ServerSocket]
  const names = classes.flatMap(({ prototype }) => Object.getOwnPropertyNames(prototype))
  for (const name of [...HANDLER_NAMES, ...Object.keys(ROUTE_OPTIONS), ...names]) {
    if (name !== 'constructor') expect(readme).toMatch(new RegExp(`\\b${name}\\b`))
  }
})
