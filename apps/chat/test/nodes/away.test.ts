// A chat whose Redis is away, slow, or has lost data.

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { promisify } from 'node:util'
import { createCertificate, RedisServer, withRedis } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { ChatProcess } from '../chat-process.ts'
import { TestClient } from '../client.ts'
import { send, startNodes } from './nodes.ts'

/** Milliseconds in which a chat is itself again once its Redis is. */
const RECOVERY = 5000

/** Retries a send until it is acknowledged. */
async function sendUntilStored(client: TestClient, message: ReturnType<typeof send>) {
  for (let refusals = 0; ; refusals++) {
    try {
      return { ...(await client.ask('send', message)), refusals }
    } catch (error) {
      expect((error as { reply?: unknown }).reply).toMatchObject({
        code: 'unavailable',
        temporary: true,
        retry: expect.any(Number),
      })
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }
}

/** Resolves when a chat says that it is ready. */
async function ready(chat: ChatProcess): Promise<number> {
  const start = performance.now()
  while ((await chat.get('/readyz')).status !== 200) await new Promise(resolve => setTimeout(resolve, 20))
  return performance.now() - start
}

/** The response to a refused upgrade. */
async function refusalOf(chat: ChatProcess): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${chat.port}/`).on('error', () => {})
  const [, response] = await once(socket, 'unexpected-response')
  response.resume()
  return response.statusCode
}

withRedis(describe)('a Redis', () => {
  test('that is away at the start: upgrades are refused until it is available', async () => {
    await using redis = await RedisServer.start()
    await redis.kill()
    await using chat = await ChatProcess.start(['--redis', redis.url])
    expect((await chat.get('/healthz')).status).toBe(200)
    expect((await chat.get('/readyz')).status).toBe(503)
    expect(await refusalOf(chat)).toBe(503)
    await redis.launch()
    expect(await ready(chat)).toBeLessThan(RECOVERY)
    await using ann = await TestClient.guest(chat.port, 'Ann')
    await ann.ask('join', { room: 'lobby' })
    expect(await ann.ask('send', send('at last'))).toMatchObject({ seq: 1 })
  })

  test('that is killed during sends: nothing is lost or duplicated, and all clients stay', async () => {
    await using nodes = await startNodes()
    const { redis, a, b } = nodes
    const clients = await Promise.all(
      Array.from({ length: 20 }, (_, i) => nodes.member(i % 2 ? a : b, `Sender ${i}`)),
    )
    const { epoch } = await clients[0]!.ask('join', { room: 'lobby' })
    let stored = 0
    const sending = Promise.all(
      clients.map(async (client, i) => {
        const replies: { seq: number; body: string; refusals: number }[] = []
        for (let n = 0; n < 30; n++) {
          const body = `${i}: ${n}`
          const { seq, refusals } = await sendUntilStored(client, send(body))
          replies.push({ seq, body, refusals })
          stored++
        }
        return replies
      }),
    )
    sending.catch(() => {})
    for (const mark of [150, 400]) {
      await clients[0]!.until(() => stored >= mark)
      await redis.kill()
      await a.logged('store-down', mark === 150 ? 1 : 2)
      expect((await a.get('/readyz')).status).toBe(503)
      await redis.launch()
      expect(await ready(a)).toBeLessThan(RECOVERY)
      expect(await ready(b)).toBeLessThan(RECOVERY)
    }
    const replies = (await sending).flat()
    expect(replies.some(({ refusals }) => refusals > 0)).toBe(true)
    for (const client of clients) {
      await client.until(() => client.log('lobby').includes(600))
      expect(client.log('lobby')).toEqual(Array.from({ length: 600 }, (_, i) => i + 1))
      expect(client.all('sync').filter(({ ok }) => !ok)).toEqual([])
    }
    const bodies = new Map(
      clients[1]!
        .all('entry')
        .concat(clients[1]!.all('sync').flatMap(({ log }) => log as never[]))
        .flatMap(({ seq, kind, data }) => (kind === 'msg' ? [[seq, data.body] as const] : [])),
    )
    for (const { seq, body } of replies) expect(bodies.get(seq)).toBe(body)
    expect((await clients[2]!.ask('history', { room: 'lobby', limit: 1 })).epoch).toBe(epoch)
  }, 60_000)

  test('that is slow: requests fail after two seconds, and a retry is stored once', async () => {
    await using nodes = await startNodes()
    const { redis, a, b } = nodes
    const ann = await nodes.member(a, 'Ann')
    const bob = await nodes.member(b, 'Bob')
    redis.signal('SIGSTOP')
    const message = send('late')
    const start = performance.now()
    expect(await ann.refusal('send', message)).toMatchObject({ code: 'unavailable', temporary: true })
    expect(performance.now() - start).toBeLessThan(3500)
    await Promise.all([a.logged('store-down'), b.logged('store-down')])
    expect((await a.get('/readyz')).status).toBe(503)
    redis.signal('SIGCONT')
    expect(await ready(a)).toBeLessThan(RECOVERY)
    const { seq } = await sendUntilStored(ann, message)
    expect(seq).toBe(1)
    await ann.ask('send', send('next'))
    await bob.until(() => bob.log('lobby').includes(2))
    expect(bob.log('lobby')).toEqual([1, 2])
    expect((await bob.ask('history', { room: 'lobby' })).log).toHaveLength(2)
  })
})

withRedis(describe)('a Redis that has lost acknowledged writes', () => {
  test('after a start from an older file: a new epoch, and clients are notified', async () => {
    await using nodes = await startNodes()
    const { redis, a, b } = nodes
    const ann = await nodes.member(a, 'Ann')
    const bob = await nodes.member(b, 'Bob')
    const { epoch } = await ann.ask('send', send('kept'))
    await bob.until(() => bob.log('lobby').includes(1))
    const files = join(redis.folder, 'appendonlydir')
    cpSync(files, join(redis.folder, 'older'), { recursive: true })
    for (const body of ['lost 1', 'lost 2']) await ann.ask('send', send(body))
    await bob.until(() => bob.log('lobby').includes(3))
    await redis.kill()
    rmSync(files, { recursive: true })
    cpSync(join(redis.folder, 'older'), files, { recursive: true })
    await redis.launch()
    for (const client of [ann, bob]) {
      const told = await client.push('sync', ({ ok }) => !ok)
      expect(told).toMatchObject({ room: 'lobby', to: 1 })
      expect(told.epoch).not.toBe(epoch)
    }
    const { seq, epoch: now } = await sendUntilStored(ann, send('new'))
    expect(seq).toBe(2)
    const late = await nodes.connect(b)
    await late.ask('hello', { v: 1, token: bob.hello.token!, resume: { lobby: [epoch, 3] } })
    expect(await late.push('sync')).toMatchObject({ ok: false, epoch: now })
  })

  test('perhaps, because it does not wait for its disk: a new epoch after each start', async () => {
    await using nodes = await startNodes(['--appendonly', 'yes', '--appendfsync', 'everysec'])
    const { redis, a } = nodes
    const ann = await nodes.member(a, 'Ann')
    const { epoch } = await ann.ask('send', send('one'))
    expect((await a.logged('redis')).warning).toContain('set appendfsync always')
    await redis.kill('SIGTERM')
    await redis.launch()
    const told = await ann.push('sync', ({ ok }) => !ok)
    expect(told.epoch).not.toBe(epoch)
    expect((await ann.ask('history', { room: 'lobby' })).epoch).toBe(told.epoch)
  })

  test('completely, without persistence: rooms start again, and the chat continues', async () => {
    await using nodes = await startNodes([])
    const { redis, a, b } = nodes
    const ann = await nodes.member(a, 'Ann', 'den')
    const bob = await nodes.member(b, 'Bob', 'den')
    await ann.ask('send', send('gone', 'den'))
    expect((await a.logged('redis')).warning).toContain('set appendonly yes')
    await redis.kill()
    await redis.launch()
    for (const client of [ann, bob]) await client.push('sync', ({ ok }) => !ok)
    expect(await sendUntilStored(ann, send('anew', 'den'))).toMatchObject({ seq: 1 })
    await bob.push('entry', ({ data }) => 'body' in data && data.body === 'anew')
    await using carl = await TestClient.guest(b.port, 'Carl')
    await carl.ask('join', { room: 'lobby' })
  })
})

withRedis(describe)('secrets', () => {
  test('the password is never printed, in any position and by any error', async () => {
    await using redis = await RedisServer.start(['--requirepass', 'hunter2'])
    const url = redis.url.replace('//', '//:hunter2@')
    await using chat = await ChatProcess.start([], { CHAT_REDIS: url, NODE_DEBUG: 'ws-chat' })
    await redis.kill()
    await chat.logged('store-down')
    await redis.launch(['--requirepass', 'another'])
    await expect(ChatProcess.start(['--redis', url])).rejects.toThrow('WRONGPASS')
    await expect(ChatProcess.start(['--redis', url])).rejects.not.toThrow('hunter2')
    await expect(ChatProcess.start(['--redis', redis.url])).rejects.toThrow('NOAUTH')
    expect(chat.output).not.toContain('hunter2')
    expect(chat.output).toContain(`redis://127.0.0.1:${redis.port}/0`)
    await redis.kill()
    await redis.launch(['--requirepass', 'hunter2'])
    expect(await ready(chat)).toBeLessThan(RECOVERY)
  })
})

withRedis(describe)('errors that prevent the start', () => {
  test('a cluster, and a server that is not Redis', async () => {
    await using cluster = await RedisServer.start(['--cluster-enabled', 'yes'])
    await expect(ChatProcess.start(['--redis', cluster.url])).rejects.toThrow('it is a cluster')
    await using redis = await RedisServer.start()
    await expect(ChatProcess.start(['--redis', `${redis.url}/99`])).rejects.toThrow(
      'DB index is out of range',
    )
  })

  test('a missing client library: one line says how to install it', async () => {
    await using redis = await RedisServer.start()
    const chat = join(import.meta.dirname, '..', '..')
    mkdirSync(join(redis.folder, 'node_modules'))
    cpSync(join(chat, 'src'), join(redis.folder, 'src'), { recursive: true })
    cpSync(join(chat, 'package.json'), join(redis.folder, 'package.json'))
    symlinkSync(join(chat, 'dist'), join(redis.folder, 'dist'))
    for (const name of ['@ws', 'negotiator', 'unhomoglyph'])
      symlinkSync(join(chat, 'node_modules', name), join(redis.folder, 'node_modules', name))
    const args = [join(redis.folder, 'src', 'main.ts'), '--port', '0', '--redis', redis.url]
    await expect(promisify(execFile)(process.execPath, args)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^ws-chat: --redis needs the package @redis\/client, .*npm install [^\n]*\n$/,
      ),
    })
  })
})

withRedis(describe)('rediss://', () => {
  test('is Redis over TLS', async () => {
    await using redis = await RedisServer.start()
    const { key, cert } = createCertificate()
    const authority = join(redis.folder, 'cert.pem')
    writeFileSync(authority, cert)
    const proxy = createServer({ key, cert }, socket => {
      const behind = connect(redis.port, '127.0.0.1')
      socket.pipe(behind).pipe(socket)
      for (const end of [socket, behind]) end.on('error', () => {})
    }).listen(0)
    await once(proxy, 'listening')
    const { port } = proxy.address() as AddressInfo
    const args = ['--redis', `rediss://localhost:${port}`]
    {
      await using chat = await ChatProcess.start(args, { NODE_EXTRA_CA_CERTS: authority })
      expect((await chat.get('/readyz')).status).toBe(200)
    }
    {
      await using chat = await ChatProcess.start(args)
      expect((await chat.logged('store-down')).cause).toContain('self-signed certificate')
    }
    proxy.close()
  })
})
