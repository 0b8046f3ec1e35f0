// The README's programs run, and its table of limits is true.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { findFence, startReadme } from '@ws/testing'
import { expect, test } from 'vitest'
import { checkOptions } from '../src/options.ts'

const folder = new URL('..', import.meta.url)

/** Sends a text and some bytes, gives what came back, and leaves. */
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

test('the first program echoes', async () => {
  await using program = await startReadme(folder, 0, /^listening on (ws:\S+)$/)
  expect(await talk(program.match[1]!)).toEqual(['hello', 1, 2, 3])
  expect(await program.stop()).toMatchObject({ stderr: '', signal: 'SIGTERM' })
}, 30_000)

test('the front page of the repository shows the same program', () => {
  const [ours, front] = ['README.md', '../../README.md'].map(file =>
    readFileSync(new URL(file, folder), 'utf8'),
  )
  expect(findFence(front!, 'ts', 0)).toBe(findFence(ours!, 'ts', 0))
})

test('the second program echoes, serves its page, and closes every socket before it ends', async () => {
  await using program = await startReadme(folder, 1, /^listening on .* port: (\d+)/)
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

test('the limits are those of the options', () => {
  const { base, maxSockets, maxSocketsPerAddress } = checkOptions({})
  const { limits, highWaterMark } = base
  const readme = readFileSync(new URL('README.md', folder), 'utf8')
  const rows = [...readme.matchAll(/^\| `(\w+)` +\| (\w+) +\|/gm)].map(([, name, value]) => [
    name,
    Number(value),
  ])
  expect(Object.fromEntries(rows)).toEqual({ ...limits, highWaterMark, maxSockets, maxSocketsPerAddress })
  expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(80)
})
