// The configurations of the guide, in the real programs, between clients that speak TLS and nodes that do not.

import { once } from 'node:events'
import { get } from 'node:https'
import { type CloseInfo, WebSocketServer } from '@ws/server'
import { type Certificate, createCertificate, type InstalledProgram, withProgram } from '@ws/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ClientOptions } from 'ws'
import { Client } from './client.ts'
import { startApp, startGuide } from './programs.ts'
import { PROXIES, startProxy } from './proxy.ts'

const MEBIBYTE = 2 ** 20
const certificate: Certificate = createCertificate()

const startNode = () => startGuide('behind-a-proxy.md', 0, { args: ['0'] })

/** Connects as a page of the site does. */
function enter(
  { port }: InstalledProgram,
  options: ClientOptions = {},
  protocols: string[] = [],
): Promise<Client> {
  return Client.open(`wss://localhost:${port}/`, protocols, {
    ca: certificate.cert,
    origin: `https://localhost:${port}`,
    ...options,
  })
}

/** The status of an ordinary request. */
async function statusOf({ port }: InstalledProgram, path: string): Promise<number> {
  const request = get({ port, path, host: 'localhost', family: 4, ca: certificate.cert, agent: false })
  const [response] = await once(request, 'response')
  response.resume()
  return response.statusCode
}

describe.each(Object.keys(PROXIES))('%s', name => {
  withProgram(name, describe)(`${name}, in front of two nodes`, () => {
    let nodes: Awaited<ReturnType<typeof startNode>>[]
    let proxy: InstalledProgram
    beforeAll(async () => {
      nodes = await Promise.all([startNode(), startNode()])
      proxy = await startProxy(name, [nodes[0]!.port, nodes[1]!.port], certificate)
    })
    afterAll(async () => {
      await proxy[Symbol.asyncDispose]()
      for (const node of nodes) expect(await node.stop()).toMatchObject({ stderr: '', exitCode: 0 })
    })

    test('its own page comes in, a page of another site is refused', async () => {
      await using client = await enter(proxy)
      expect(await client.ask('hello')).toBe('hello')
      const options = { ca: certificate.cert, origin: 'https://elsewhere.example' }
      expect(await Client.status(`wss://localhost:${proxy.port}/`, [], options)).toBe(403)
    })

    test('big messages come back, and one that is too big is told so', async () => {
      await using client = await enter(proxy)
      const bytes = Buffer.alloc(MEBIBYTE, 'some bytes')
      expect((await client.ask(bytes)).length).toBe(MEBIBYTE)
      expect(await client.ask('x'.repeat(MEBIBYTE))).toHaveLength(MEBIBYTE)
      client.socket.send('x'.repeat(MEBIBYTE + 1))
      expect((await client.closed).code).toBe(1009)
    })

    test('a ping is answered', async () => {
      await using client = await enter(proxy)
      client.socket.ping('there?')
      expect(String((await once(client.socket, 'pong'))[0])).toBe('there?')
    })

    test('a close code comes through', async () => {
      const client = await enter(proxy)
      client.socket.close(4321, 'my reason')
      expect((await client.closed).code).toBe(4321)
    })

    test('a node knows the address of its client, whatever that says', async () => {
      const headers = { 'X-Forwarded-For': '203.0.113.9' }
      await using client = await enter(proxy, { localAddress: '127.0.0.9', headers })
      expect(await client.ask('who am I?')).toBe('127.0.0.9')
    })

    test('what is for operators is not for everybody', async () => {
      expect(await statusOf(proxy, '/readyz')).toBe(404)
      expect(await statusOf(proxy, '/metrics')).toBe(404)
    })
  })

  withProgram(name, describe)(`${name}, more`, () => {
    test('who was on a node that goes comes back to the other', async () => {
      await using one = await startNode()
      await using two = await startNode()
      await using proxy = await startProxy(name, [one.port, two.port], certificate)
      const clients = await Promise.all(Array.from({ length: 6 }, () => enter(proxy)))
      const ended = Promise.all(clients.map(client => client.closed))
      expect(await one.stop()).toMatchObject({ stderr: '', exitCode: 0 })
      const moved = clients.filter(({ socket }) => socket.readyState !== socket.OPEN)
      expect(moved.length).toBeGreaterThan(0)
      expect(moved.length).toBeLessThan(6)
      for (const client of moved) expect(await client.closed).toEqual({ code: 1012, reason: 'restart' })
      const again = await Promise.all(moved.map(() => enter(proxy)))
      const open = [...again, ...clients.filter(client => !moved.includes(client))]
      for (const client of open) expect(await client.ask('still here')).toBe('still here')
      expect(await two.stop()).toMatchObject({ stderr: '', exitCode: 0 })
      for (const client of open) expect(await client.closed).toEqual({ code: 1012, reason: 'restart' })
      await ended
    })

    test('silence ends a connection, but for the pings of a node', async () => {
      const reports: CloseInfo[] = []
      const handlers = { message: (socket: { send(data: string): boolean }) => socket.send('heard') }
      await using silent = new WebSocketServer({
        ...handlers,
        pingInterval: Number.POSITIVE_INFINITY,
        close: (_socket, report) => void reports.push(report),
      })
      await using lively = new WebSocketServer({ ...handlers, pingInterval: 250 })
      const second = Object.fromEntries(
        name === 'nginx'
          ? [
              ['proxy_read_timeout 75s', 'proxy_read_timeout 1s'],
              ['proxy_send_timeout 75s', 'proxy_send_timeout 1s'],
            ]
          : [['timeout tunnel 75s', 'timeout tunnel 1s']],
      )
      const [quiet, busy] = [(await silent.listen(0)).port, (await lively.listen(0)).port]
      await using before = await startProxy(name, [quiet, quiet], certificate, second)
      await using behind = await startProxy(name, [busy, busy], certificate, second)
      const lost = await enter(before)
      await using kept = await enter(behind)
      let pings = 0
      const { promise, resolve } = Promise.withResolvers<void>()
      kept.socket.on('ping', () => {
        if (++pings === 8) resolve()
      })
      expect((await lost.closed).code).toBe(1006)
      await promise
      expect(await kept.ask('are you there?')).toBe('heard')
      await silent.close()
      expect(reports).toMatchObject([{ code: 1006, by: 'network' }])
    })

    test('a client that does not read is noticed', async () => {
      const { promise, resolve } = Promise.withResolvers<CloseInfo>()
      const chunk = new Uint8Array(256 * 1024)
      await using server = new WebSocketServer({
        writeTimeout: 500,
        async open(socket) {
          while (socket.state === 'open') if (!socket.send(chunk)) await socket.ready
        },
        close: (_socket, report) => resolve(report),
      })
      const { port } = await server.listen(0)
      await using proxy = await startProxy(name, [port, port], certificate)
      const client = await enter(proxy)
      client.socket.pause()
      expect(await promise).toMatchObject({ code: 1006, by: 'local' })
      expect(server.stats().bytesSent).toBeLessThan(64 * MEBIBYTE)
      client.socket.terminate()
      await client.closed
    })

    test('the chat: its page, compressed messages, and an entry for everybody', async () => {
      const args = ['--memory', '--trust-proxy', '127.0.0.1', '--log', 'json']
      await using chat = await startApp('apps/chat/src/main.ts', args, /"event":"listening","port":(\d+)/)
      await using proxy = await startProxy(name, [chat.port, chat.port], certificate)
      expect(await statusOf(proxy, '/healthz')).toBe(200)
      expect(await statusOf(proxy, '/metrics')).toBe(404)
      await using ann = await enter(proxy, { perMessageDeflate: true }, ['chat.v1.json'])
      expect(ann.socket.extensions).toContain('permessage-deflate')
      const ask = async (request: object) => JSON.parse(String(await ann.ask(JSON.stringify(request))))
      expect(await ask({ t: 'hello', id: 1, v: 1, nick: 'ann' })).toMatchObject({ t: 'ok', id: 1 })
      ann.socket.send(JSON.stringify({ t: 'join', id: 2, room: 'garden', create: true }))
      const body = 'again and again '.repeat(200)
      ann.socket.send(JSON.stringify({ t: 'send', id: 3, room: 'garden', cid: 'a', body }))
      for (;;) {
        const push = JSON.parse(String(await ann.next()))
        if (push.t === 'err') expect(push).toBeUndefined()
        if (push.t !== 'entry' || push.kind !== 'msg') continue
        expect(push).toMatchObject({ room: 'garden', data: { body } })
        break
      }
    })
  })
})
