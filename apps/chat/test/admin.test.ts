// `ws-chat admin` beside a chat that runs.

import { withRedis } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { TestClient } from './client.ts'
import { startNodes } from './nodes/nodes.ts'
import { setPrograms } from './programs.ts'

const programs = setPrograms()

async function registered(port: number, nick: string) {
  const client = await TestClient.connect(port)
  await client.ask('hello', { v: 1 })
  await client.ask('auth', { op: 'register', nick, password: 'long enough' })
  await client.ask('join', { room: 'lobby' })
  return client
}

/** Whether a user may moderate the lobby. */
async function moderates(client: TestClient): Promise<boolean> {
  const code = await client.ask('mod', { room: 'lobby', op: 'lock', on: false }).then(
    () => 'ok',
    error => error.reply.code,
  )
  expect(['ok', 'forbidden']).toContain(code)
  return code === 'ok'
}

async function admin(...args: readonly string[]) {
  const { exit, output } = programs.launch({ args: ['admin', ...args] })
  return { ...(await exit), ...output }
}

describe('on a file', () => {
  test('admin add and admin remove work while the chat runs, and notify the user', async () => {
    const { port } = await programs.run()
    await using ada = await registered(port, 'Ada Lovelace')
    expect(await moderates(ada)).toBe(false)
    expect(await admin('add', 'ada lovelace')).toEqual({
      code: 0,
      signal: null,
      stdout: 'ws-chat: Ada Lovelace is an admin now\n',
      stderr: '',
    })
    await ada.push('notice', ({ msg }) => msg === 'You are an admin now.')
    expect(await moderates(ada)).toBe(true)
    expect(await admin('remove', 'Ada Lovelace')).toMatchObject({ code: 0 })
    await ada.push('notice', ({ msg }) => msg === 'You are no longer an admin.')
    expect(await moderates(ada)).toBe(false)
  })

  test('admin add works while no chat runs', async () => {
    const first = await programs.run()
    await using ada = await registered(first.port, 'Ada')
    first.child.kill('SIGTERM')
    await first.exit
    expect(await admin('add', 'Ada')).toMatchObject({ code: 0 })
    const { port } = await programs.run()
    await using again = await TestClient.connect(port)
    await again.ask('hello', { v: 1 })
    const { user } = await again.ask('auth', { op: 'login', nick: 'Ada', password: 'long enough' })
    expect(user).toMatchObject({ admin: true })
    expect(ada.socket.readyState).not.toBe(1)
  })

  test('admin add refuses an unregistered name, and creates no file', async () => {
    expect(await admin('add', 'Ada')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^ws-chat: cannot open .*\n$/),
    })
    const { port } = await programs.run()
    await using guest = await TestClient.guest(port, 'Bob')
    for (const nick of ['Ada', 'Bob'])
      expect(await admin('add', nick)).toMatchObject({
        code: 1,
        stderr: `ws-chat: no registered user is called "${nick}": register the name in the chat first\n`,
      })
    expect(guest.hello.user).not.toHaveProperty('admin')
  })
})

withRedis(describe)('on a Redis', () => {
  test('all nodes know an admin at once', async () => {
    await using nodes = await startNodes([])
    await using ada = await registered(nodes.a.port, 'Ada')
    const added = await admin('add', 'Ada', '--redis', nodes.redis.url)
    expect(added).toMatchObject({ code: 0, stdout: 'ws-chat: Ada is an admin now\n' })
    await ada.push('notice', ({ msg }) => msg === 'You are an admin now.')
    expect(await moderates(ada)).toBe(true)
  })
})
