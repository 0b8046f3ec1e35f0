// What is said of `ws` is true of the one that is installed, and its program and ours do the same.

import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { WebSocketServer } from '@ws/server'
import { describe, expect, test } from 'vitest'
import { WebSocketServer as TheirServer, WebSocket as TheirSocket } from 'ws'
import { ROOT } from '../check/documents.ts'
import { Client } from './client.ts'
import { FOLDER, startGuide } from './programs.ts'

const text = readFileSync(join(FOLDER, 'guides/coming-from-ws.md'), 'utf8')
const theirs = new TheirServer({ noServer: true }) as TheirServer & {
  readonly options: Record<string, unknown>
}

/** The names in the first column of all tables. */
const mapped = [...text.matchAll(/^\| (.*?) \|/gm)].map(([, cell]) => cell!).join(' ')

/** The public methods and properties of a class of theirs. */
function namesOf({ prototype }: { readonly prototype: object }): string[] {
  return Object.getOwnPropertyNames(prototype).filter(name => name !== 'constructor')
}

const overridden = { NODE_OPTIONS: `--import=${join(import.meta.dirname, 'override-ws.ts')}` }

describe.each([
  ['for ws', 0, {}],
  ['for ws, with ws overridden by @ws/compat,', 0, overridden],
  ['for @ws/server', 1, {}],
] as const)('the program %s', (_, index, env) => {
  test('wants a token, agrees on the subprotocol, and tells the others what it is told, as it came', async () => {
    await using program = await startGuide('coming-from-ws.md', index, { env })
    expect(await Client.status(program.url, ['chat'])).toBe(401)
    const options = { perMessageDeflate: true }
    const open = () => Client.open(`${program.url}/?token=secret`, ['other', 'chat'], options)
    const [ann, bob] = [await open(), await open()]
    expect(bob.socket.protocol).toBe('chat')
    expect(bob.socket.extensions).toContain('permessage-deflate')
    ann.socket.send('a text')
    ann.socket.send(Buffer.from([0, 1, 2]))
    expect(await bob.next()).toBe('a text')
    expect(await bob.next()).toEqual(Buffer.from([0, 1, 2]))
    bob.socket.send('not to myself')
    expect(await ann.next()).toBe('not to myself')
    const result = program.stop()
    expect(await ann.closed).toMatchObject({ code: 1001 })
    expect(await bob.closed).toMatchObject({ code: 1001 })
    expect(await result).toMatchObject({ stderr: '', exitCode: 0 })
  })
})

test('the guide names each program that is run with both', () => {
  const programs = readdirSync(join(ROOT, 'tools/compat-programs/programs')).map(file =>
    file.replace('.ts', ''),
  )
  const named = text.toLowerCase().replaceAll('@fastify/websocket', 'fastify-websocket')
  expect(programs.filter(name => !named.includes(name))).toEqual([])
})

describe('the tables have', () => {
  test.each([
    ...Object.keys(theirs.options),
    ...namesOf(TheirServer).filter(name => name !== 'completeUpgrade'),
    ...namesOf(TheirSocket).filter(name => !['setSocket', 'emitClose', 'isServer'].includes(name)),
    'clients',
  ])('%s', name => {
    expect(mapped).toMatch(new RegExp(`\\b${name}\\b`))
  })
})

describe('what is said of ws is so:', () => {
  test('its version and its defaults', () => {
    const { version } = JSON.parse(readFileSync(join(FOLDER, 'node_modules/ws/package.json'), 'utf8'))
    expect(text).toContain(`\`ws\` ${version.split('.').slice(0, 2).join('.')};`)
    expect(theirs.options).toMatchObject({
      maxPayload: 100 * 2 ** 20,
      closeTimeout: 30_000,
      perMessageDeflate: false,
      verifyClient: null,
    })
  })

  test('texts are a Buffer; a wrong frame is an error on the socket; any page may connect; version 8 may', async () => {
    const server = new TheirServer({ port: 0, host: '127.0.0.1' })
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const accepted = once(server, 'connection')
    const options = { origin: 'https://elsewhere.example', protocolVersion: 8 }
    const client = await Client.open(`ws://127.0.0.1:${port}`, [], options)
    const [socket] = (await accepted) as [TheirSocket]
    const received = once(socket, 'message')
    client.socket.send('text')
    expect(await received).toEqual([Buffer.from('text'), false])
    expect(socket.listenerCount('error')).toBe(0)
    const failed = once(socket, 'error')
    const { _socket: transport } = client.socket as unknown as { readonly _socket: NodeJS.WritableStream }
    transport.write(Buffer.from([0xff, 0x80, 0, 0, 0, 0]))
    expect(await failed).toMatchObject([{ code: 'WS_ERR_UNEXPECTED_RSV_2_3' }])
    await client.closed
    server.close()
  })

  test('after the end the callback of send has an error; ours says false', async () => {
    await using ours = new WebSocketServer()
    const { port } = await ours.listen(0)
    const client = await Client.open(`ws://127.0.0.1:${port}`)
    const [socket] = ours.sockets
    client.socket.close()
    await client.closed
    await socket!.closed
    expect(socket!.send('x')).toBe(false)
    const { promise, resolve } = Promise.withResolvers<Error | undefined>()
    client.socket.send('x', resolve)
    expect(await promise).toBeInstanceOf(Error)
  })

  test('with server it answers 400 to every path but its own; close leaves sockets open', async () => {
    const http = createServer().listen(0, '127.0.0.1')
    await once(http, 'listening')
    const { port } = http.address() as { port: number }
    const server = new TheirServer({ server: http, path: '/theirs' })
    expect(await Client.status(`ws://127.0.0.1:${port}/other`)).toBe(400)
    const client = await Client.open(`ws://127.0.0.1:${port}/theirs`)
    const closed = once(server, 'close')
    server.close()
    client.socket.ping()
    await once(client.socket, 'pong')
    expect(server.clients.size).toBe(1)
    client.socket.close()
    await closed
    http.close()
  })

  test('it takes all addresses where ours takes loopback', async () => {
    const server = new TheirServer({ port: 0 })
    await once(server, 'listening')
    expect((server.address() as { address: string }).address).toMatch(/^(::|0\.0\.0\.0)$/)
    server.close()
    await using ours = new WebSocketServer()
    const { addresses } = await ours.listen(0)
    expect(addresses.filter(address => address !== '127.0.0.1' && address !== '::1')).toEqual([])
  })
})
