// The programs of the guide about HTTP servers: a page, a socket, a path that nobody knows, and an end without an error.

import { describe, expect, test } from 'vitest'
import { Client } from './client.ts'
import { startGuide } from './programs.ts'

const start = (index: number) => startGuide('http-server.md', index)

async function pageOf(port: number, path = '/'): Promise<string> {
  const response = await fetch(`http://localhost:${port}${path}`, { headers: { Connection: 'close' } })
  return await response.text()
}

describe.each([
  ['node:http', 0],
  ['Fastify', 2],
])('%s', (_, index) => {
  test('serves its page, and echoes', async () => {
    await using program = await start(index)
    expect(await pageOf(program.port)).toBe('a page')
    const client = await Client.open(`${program.url}/echo`)
    expect(await client.ask('hello')).toBe('hello')
    expect(await Client.status(`${program.url}/nowhere`)).toBe(404)
    const result = program.stop()
    expect(await client.closed).toMatchObject({ code: 1001 })
    expect(await result).toMatchObject({ stderr: '', exitCode: 0 })
  })
})

test('Express: what is posted is told to all', async () => {
  await using program = await start(1)
  expect(await pageOf(program.port)).toBe('a page')
  const clients = [await Client.open(`${program.url}/news`), await Client.open(`${program.url}/news`)]
  const headers = { 'Content-Type': 'text/plain', Connection: 'close' }
  const posted = await fetch(`http://localhost:${program.port}/news`, {
    method: 'POST',
    body: 'rain',
    headers,
  })
  expect(await posted.json()).toEqual({ told: 2 })
  for (const client of clients) expect(await client.next()).toBe('rain')
  expect(await Client.status(`${program.url}/nowhere`)).toBe(404)
  const result = program.stop()
  for (const client of clients) expect(await client.closed).toMatchObject({ code: 1001 })
  expect(await result).toMatchObject({ stderr: '', exitCode: 0 })
})

test('choosing by the host: each has its sockets', async () => {
  await using program = await start(3)
  const site = await Client.open(program.url)
  const staff = await Client.open(program.url, [], { headers: { Host: 'staff.example' } })
  expect(await site.next()).toBe('the site')
  expect(await staff.next()).toBe('the staff, and ann')
  const result = program.stop()
  for (const client of [site, staff]) expect(await client.closed).toMatchObject({ code: 1001 })
  expect(await result).toMatchObject({ stderr: '', exitCode: 0 })
})
