// The programs of the guide about authentication: who gets in, who does not, and who has to leave.

import { expect, test } from 'vitest'
import { Client } from './client.ts'
import { startGuide } from './programs.ts'

const start = (index: number) => startGuide('authentication.md', index)

function post(port: number, path: string, headers: Record<string, string>, body?: string): Promise<Response> {
  return fetch(`http://localhost:${port}${path}`, {
    method: 'POST',
    headers: { Connection: 'close', ...headers },
    ...(body !== undefined && { body }),
  })
}

test('a cookie: log in, come in, and out with all sockets at logout', async () => {
  await using program = await start(0)
  const { port, url } = program
  const logIn = (user: string, password: string) =>
    post(port, '/login', {}, String(new URLSearchParams({ user, password })))
  expect((await logIn('ann', 'guess')).status).toBe(403)
  expect((await post(port, '/login', {}, 'user=ann')).status).toBe(400)
  const response = await logIn('ann', 'correct horse')
  const setCookie = response.headers.get('set-cookie')!
  expect(setCookie).toMatch(/^__Host-session=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/)
  const Cookie = `theme=dark; ${setCookie.split(';')[0]}`

  expect(await Client.status(url)).toBe(401)
  expect(await Client.status(url, [], { headers: { Cookie: '__Host-session=guess' } })).toBe(401)
  const stranger = { headers: { Cookie }, origin: 'https://elsewhere.example' }
  expect(await Client.status(url, [], stranger)).toBe(403)

  const page = { headers: { Cookie }, origin: `http://localhost:${port}` }
  const sockets = [await Client.open(url, [], page), await Client.open(url, [], page)]
  for (const socket of sockets) expect(await socket.next()).toBe('hello ann')
  expect((await post(port, '/logout', { Cookie })).status).toBe(204)
  for (const socket of sockets) expect(await socket.closed).toEqual({ code: 4001, reason: 'logged out' })
  expect(await Client.status(url, [], page)).toBe(401)
  expect(await program.stop()).toMatchObject({ stderr: '' })
})

test('a ticket: good once, from any page', async () => {
  await using program = await start(1)
  const { port, url } = program
  expect((await post(port, '/ticket', {})).status).toBe(401)
  expect((await post(port, '/ticket', { Authorization: 'Bearer guess' })).status).toBe(401)
  const ticket = await (await post(port, '/ticket', { Authorization: 'Bearer a-token-of-ann' })).text()
  const page = { origin: 'https://elsewhere.example' }
  await using client = await Client.open(`${url}/?ticket=${ticket}`, [], page)
  expect(await client.next()).toBe('hello ann')
  expect(await Client.status(`${url}/?ticket=${ticket}`, [], page)).toBe(401)
  expect(await Client.status(url)).toBe(401)
  expect(await program.stop()).toMatchObject({ stderr: '' })
})

test('a token as a subprotocol is not sent back', async () => {
  await using program = await start(2)
  const { url } = program
  await using client = await Client.open(url, ['app.v1', 'bearer.a-token-of-ann'])
  expect(await client.next()).toBe('hello ann, we speak app.v1')
  expect(client.socket.protocol).toBe('app.v1')
  expect(await Client.status(url, ['app.v1', 'bearer.guess'])).toBe(401)
  expect(await Client.status(url, ['app.v1'])).toBe(401)
  expect(await program.stop()).toMatchObject({ stderr: '' })
})
