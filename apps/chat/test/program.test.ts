// ws-chat as a program: its output, its answers, its end.

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { delimiter, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import { SqliteEngine } from '../src/engine/sqlite/sqlite-engine.ts'
import { complainOfNode } from '../src/node-version.ts'
import { TestClient } from './client.ts'
import { messages } from './engine/drafts.ts'
import { Recorder } from './engine/recorder.ts'
import { setPrograms } from './programs.ts'

const CHAT = fileURLToPath(new URL('..', import.meta.url))
const programs = setPrograms()

/** Waits until something has been printed. */
async function printed({ child, output }: ReturnType<typeof programs.launch>, text: string): Promise<void> {
  while (!output.stdout.includes(text)) await once(child.stdout, 'data')
}

/** The address of the metrics, by the log. */
const metricsPort = ({ stdout }: { readonly stdout: string }) => Number(/"metrics":(\d+)/.exec(stdout)![1])

const get = (port: number, path: string) =>
  fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } })

describe('the start', () => {
  test('prints for people: the page, the WebSocket, the data, and the reachability', async () => {
    const { output, port } = await programs.run(['--log', 'pretty'])
    expect(output.stdout).toMatch(/^\d\d:\d\d:\d\d info {2}store-ready engine=sqlite\n/)
    expect(output.stdout.slice(output.stdout.indexOf('\n') + 1)).toBe(`ws-chat: a chat for a team.
  page       http://localhost:${port}
  WebSocket  ws://localhost:${port}
  data       ${join(programs.folder, 'chat.db')}
Listening on this machine only. Use --host 0.0.0.0 to allow others. Press Ctrl-C to stop.
`)
    expect(existsSync(join(programs.folder, 'chat.db'))).toBe(true)
  })

  test('prints the effect of --host and --memory', async () => {
    const { output, port } = await programs.run(['--log', 'pretty', '--host', '127.0.0.1', '--memory'])
    expect(output.stdout).toContain(`ws://127.0.0.1:${port}`)
    expect(output.stdout).toContain('in memory, lost on exit')
    expect(output.stdout).toContain(`Open to everyone who can reach 127.0.0.1 on port ${port}`)
    expect(existsSync(join(programs.folder, 'chat.db'))).toBe(false)
  })

  test('prints JSON lines for programs, and without a terminal', async () => {
    const { child, exit, output, port } = await programs.run([], { env: { CHAT_DATA: 'team.db' } })
    child.kill('SIGTERM')
    await exit
    const lines = output.stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    for (const line of lines)
      expect(line).toMatchObject({ time: expect.stringMatching(/Z$/), level: expect.any(String) })
    expect(lines.find(({ event }) => event === 'listening')).toMatchObject({ port, data: 'team.db' })
    expect(lines.at(-1)).toMatchObject({ event: 'stopped', closed: 0 })
  })

  test('listens on loopback of both families', async () => {
    const { output, port } = await programs.run(['--memory'])
    const { addresses } = JSON.parse(output.stdout.split('\n').find(line => line.includes('listening'))!)
    expect(addresses.split(' ')[0]).toBe('127.0.0.1')
    for (const address of addresses.split(' ')) {
      const host = address.includes(':') ? `[${address}]` : address
      expect(
        (await fetch(`http://${host}:${port}/healthz`, { headers: { connection: 'close' } })).status,
      ).toBe(200)
    }
  })
})

describe('the program answers', () => {
  test('serves the built page, health and readiness', async () => {
    const { port } = await programs.run(['--memory'])
    const page = await get(port, '/')
    expect(await page.text()).toBe(readFileSync(join(CHAT, 'dist', 'page', 'index.html'), 'utf8'))
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await (await get(port, '/healthz')).text()).toBe('ok\n')
    expect(await (await get(port, '/readyz')).text()).toBe('ready\n')
  })

  test('serves metrics on an address of their own', async () => {
    const { output, port } = await programs.run(['--memory', '--metrics', '0'])
    const metrics = await get(metricsPort(output), '/metrics')
    expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(await metrics.text()).toContain('\nchat_connections 0\n')
    expect((await get(port, '/metrics')).status).toBe(404)
    expect((await get(metricsPort(output), '/')).status).toBe(404)
    const socket = new WebSocket(`ws://127.0.0.1:${metricsPort(output)}/`)
    const [error] = await once(socket, 'error')
    expect(String(error)).toContain('404')
  })

  test('serves no metrics by default', async () => {
    const { output, port } = await programs.run(['--memory'])
    expect((await get(port, '/metrics')).status).toBe(404)
    expect(output.stdout).not.toContain('metrics')
  })

  test('serves metrics at the given host, or else on loopback', async () => {
    const { output } = await programs.run([
      '--memory',
      '--log',
      'pretty',
      '--host',
      '127.0.0.1',
      '--metrics',
      '127.0.0.2:0',
    ])
    const [, url] = /metrics +(http:\/\/127\.0\.0\.2:\d+\/metrics)/.exec(output.stdout)!
    expect((await fetch(url!, { headers: { connection: 'close' } })).status).toBe(200)
    const open = await programs.run(['--memory', '--host', '0.0.0.0', '--metrics', '0'])
    const [address] = Object.values(networkInterfaces())
      .flat()
      .filter(each => each?.family === 'IPv4' && !each.internal)
    const refused = fetch(`http://${address?.address ?? '127.0.0.3'}:${metricsPort(open.output)}/metrics`)
    await expect(refused).rejects.toThrow()
  })

  test('counts a message in the metrics, and does not log it', async () => {
    const program = await programs.run(['--metrics', '0'])
    await using client = await TestClient.guest(program.port, 'ada')
    await client.ask('join', { room: 'lobby' })
    await client.ask('send', { room: 'lobby', cid: 'c'.repeat(22), body: 'a secret word' })
    const text = await (await get(metricsPort(program.output), '/metrics')).text()
    expect(text).toContain('\nchat_connections 1\n')
    expect(text).toContain('\nchat_published_total{kind="msg"} 1\n')
    expect(text).not.toContain('ada')
    program.child.kill('SIGTERM')
    await program.exit
    expect(program.output.stdout).not.toContain('a secret word')
    expect(program.output.stdout).not.toContain(String(client.hello.token))
    expect(program.output.stderr).toBe('')
  })

  test('keeps messages across a restart', async () => {
    const first = await programs.run()
    await using client = await TestClient.guest(first.port, 'ada')
    await client.ask('join', { room: 'lobby' })
    await client.ask('send', { room: 'lobby', cid: 'c'.repeat(22), body: 'still here' })
    first.child.kill('SIGTERM')
    await first.exit
    const second = await programs.run()
    await using again = await TestClient.guest(second.port, 'grace')
    await again.ask('join', { room: 'lobby' })
    const { log } = await again.ask('history', { room: 'lobby', limit: 10 })
    expect(log).toMatchObject([{ seq: 1, data: { body: 'still here' } }])
  })
})

describe('options reach the chat', () => {
  /** The response to an upgrade, on a connection that is ended at once. */
  async function statusOf(port: number, options: ClientOptions = {}): Promise<number> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, options)
    const { promise, resolve } = Promise.withResolvers<number>()
    socket.on('error', () => {})
    socket.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0))
    socket.once('upgrade', response => resolve(response.statusCode ?? 0))
    const status = await promise
    socket.terminate()
    return status
  }

  test('sign-in, rates and admins', async () => {
    const args = ['--memory', '--auth', 'register', '--admin', 'Root', '--rate', '3:7', '--keep', '2']
    const { port } = await programs.run(args)
    await using root = await TestClient.connect(port)
    expect(await root.ask('hello', { v: 1 })).toMatchObject({ auth: 'register', limits: { rate: [3, 7] } })
    const registered = await root.ask('auth', { op: 'register', nick: 'Root', password: 'long enough' })
    expect(registered.user).toMatchObject({ nick: 'Root', admin: true })
    await root.ask('join', { room: 'lobby' })
    for (const body of ['one', 'two', 'three'])
      await root.ask('send', { room: 'lobby', cid: `cid-${body}`, body })
    expect(await root.ask('history', { room: 'lobby' })).toMatchObject({ top: 3, oldest: 2 })
  })

  test('accepts pages of its own host only, unless --origin names others', async () => {
    const { port } = await programs.run(['--memory'])
    expect(await statusOf(port, { origin: 'https://elsewhere.example' })).toBe(403)
    expect(await statusOf(port, { origin: `http://127.0.0.1:${port}` })).toBe(101)
    const other = await programs.run(['--memory', '--origin', 'https://elsewhere.example'])
    expect(await statusOf(other.port, { origin: 'https://elsewhere.example' })).toBe(101)
  })

  test('limits of connections in all and per address, which a proxy may report', async () => {
    const { port } = await programs.run(['--memory', '--max-connections', '1'])
    await using _first = await TestClient.connect(port)
    expect(await statusOf(port)).toBe(503)
    const other = await programs.run(['--memory', '--max-per-address', '1', '--trust-proxy', 'loopback'])
    const from = (address: string) => ({ headers: { 'X-Forwarded-For': address } })
    await using _second = await TestClient.connect(other.port, from('192.0.2.1'))
    expect(await statusOf(other.port, from('192.0.2.1'))).toBe(429)
    expect(await statusOf(other.port, from('192.0.2.2'))).toBe(101)
  })
})

describe('the end', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s closes the connections with 1012 and exits 0',
    async signal => {
      const { child, exit, output, port } = await programs.run(['--memory'])
      await using client = await TestClient.guest(port, 'ada')
      child.kill(signal)
      expect(await client.closed).toMatchObject({ code: 1012 })
      expect(client.pushes.at(-1)).toMatchObject({ t: 'bye', code: 1012, reconnect: true })
      expect(await exit).toEqual({ code: 0, signal: null })
      expect(output.stderr).toBe('')
    },
  )

  test('it ends within --drain although a peer does not answer', async () => {
    const { child, exit, port } = await programs.run(['--memory', '--drain', '300ms'])
    const client = await TestClient.guest(port, 'ada')
    client.socket.pause()
    const start = performance.now()
    child.kill('SIGTERM')
    expect(await exit).toEqual({ code: 0, signal: null })
    expect(performance.now() - start).toBeLessThan(5000)
    client.socket.terminate()
  })

  test('after a signal, readiness fails', async () => {
    const program = await programs.run(['--memory'])
    const client = await TestClient.guest(program.port, 'ada')
    client.socket.pause()
    program.child.kill('SIGTERM')
    await printed(program, '"event":"stopping"')
    const status = await get(program.port, '/readyz').then(
      response => response.status,
      () => 'refused',
    )
    expect([503, 'refused']).toContain(status)
    client.socket.terminate()
  })

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('a second %s ends it at once', async (signal, status) => {
    const program = await programs.run(['--memory', '--drain', '60m'])
    const client = await TestClient.guest(program.port, 'ada')
    client.socket.pause()
    program.child.kill(signal)
    await printed(program, '"event":"stopping"')
    program.child.kill(signal)
    expect(await program.exit).toEqual({ code: status, signal: null })
    client.socket.terminate()
  })

  test.each(['throw new Error("planted")', 'Promise.reject(new Error("planted"))'])(
    'a fault is logged, the connections are closed, the status is 1: %s',
    async fault => {
      const planted = `data:text/javascript,process.once('SIGUSR2', () => { ${fault} })`
      const { child, exit, output, port } = await programs.run(['--memory'], {
        node: [process.execPath, '--import', planted],
      })
      await using client = await TestClient.guest(port, 'ada')
      child.kill('SIGUSR2')
      expect(await client.closed).toMatchObject({ code: 1012 })
      expect(await exit).toEqual({ code: 1, signal: null })
      expect(output.stdout).toContain('"level":"error","event":"uncaught-exception","error":"Error: planted')
    },
  )

  test('continues when the reader of its log has left', async () => {
    const { child, exit, port } = await programs.run(['--memory'])
    child.stdout.destroy()
    await using client = await TestClient.guest(port, 'ada')
    await client.ask('join', { room: 'lobby' })
    expect((await get(port, '/healthz')).status).toBe(200)
    child.kill('SIGTERM')
    expect(await exit).toEqual({ code: 0, signal: null })
  })
})

describe('errors at the start: one line, exit status 1', () => {
  test('the port for metrics is in use', async () => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await once(blocker, 'listening')
    const { port } = blocker.address() as { port: number }
    const { code, stderr } = await programs.failure({ args: ['--memory', '--metrics', `127.0.0.1:${port}`] })
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `ws-chat: cannot serve metrics: listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`,
    })
    blocker.close()
  })

  test('the port is in use', async () => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await once(blocker, 'listening')
    const { port } = blocker.address() as { port: number }
    expect(await programs.failure({ args: ['--port', String(port)] })).toEqual({
      code: 1,
      signal: null,
      stdout: expect.not.stringContaining('listening'),
      stderr: `ws-chat: port ${port} is in use: choose another with --port, or --port 0 for any free port\n`,
    })
    blocker.close()
    // The file was closed in an orderly way.
    expect(readdirSync(programs.folder)).not.toContain('chat.db-wal')
  })

  test('the address is not of this machine', async () => {
    const { code, stderr } = await programs.failure({
      args: ['--port', '0', '--memory', '--host', '192.0.2.1'],
    })
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'ws-chat: --host 192.0.2.1 is not an address of this machine\n',
    })
  })

  test.each<[string, () => string]>([
    ['is a folder', () => programs.folder],
    ['is in no folder', () => join(programs.folder, 'nowhere', 'chat.db')],
    [
      'is no database',
      () => {
        writeFileSync(join(programs.folder, 'notes.txt'), 'notes '.repeat(1000))
        return join(programs.folder, 'notes.txt')
      },
    ],
  ])('the file %s', async (_what, make) => {
    const file = make()
    const { code, stderr } = await programs.failure({ args: ['--port', '0', '--data', file] })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^ws-chat: [^\n]+\n$/)
    expect(stderr).toContain(file)
  })

  /** A file with so much data that its tables have several pages. */
  async function makeFile(): Promise<string> {
    const file = join(programs.folder, 'chat.db')
    const engine = new SqliteEngine(file)
    await engine.start(new Recorder())
    await engine.createRoom('lobby')
    for (const draft of messages(500)) await engine.publish('lobby', draft)
    await engine[Symbol.asyncDispose]()
    return file
  }

  test.each<[string, (file: string) => void, string]>([
    ['ends too early', file => truncateSync(file, statSync(file).size / 2), 'it is damaged: '],
    ['ends within its header', file => truncateSync(file, 50), 'it is damaged: '],
    ['is overwritten in its middle', file => scribble(file, statSync(file).size / 2), 'it is damaged: '],
    ['is overwritten near its end', file => scribble(file, statSync(file).size - 8192), 'it is damaged: '],
    ['is overwritten at its beginning', file => scribble(file, 0), 'file is not a database'],
  ])('the file %s', async (_what, damage, why) => {
    const file = await makeFile()
    damage(file)
    const before = readFileSync(file)
    const { code, stdout, stderr } = await programs.failure({ args: ['--port', '0'] })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^ws-chat: cannot open \.\/chat\.db: [^\n]+\n$/)
    expect(stderr).toContain(why)
    expect(readFileSync(file).equals(before)).toBe(true)
    const backup = await programs.failure({ args: ['backup', 'copy.db'] })
    expect(backup).toMatchObject({ code: 1, stdout: '' })
    expect(backup.stderr.split('\n').filter(line => !line.includes(' % of '))).toHaveLength(2)
    expect(readdirSync(programs.folder).filter(name => name.startsWith('copy.db'))).toEqual([])
  })

  test('another chat has the file', async () => {
    await programs.run()
    const { code, stderr } = await programs.failure({ args: ['--port', '0'] })
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'ws-chat: cannot open ./chat.db: it is in use by another server\n',
    })
  })

  test('the page is not built', async () => {
    cpSync(join(CHAT, 'src'), join(programs.folder, 'src'), { recursive: true })
    cpSync(join(CHAT, 'package.json'), join(programs.folder, 'package.json'))
    symlinkSync(join(CHAT, 'node_modules'), join(programs.folder, 'node_modules'))
    const { code, stderr } = await programs.failure({
      args: ['--port', '0'],
      main: join(programs.folder, 'src', 'main.ts'),
    })
    expect(code).toBe(1)
    expect(stderr).toBe(
      `ws-chat: the page is not built: there is no index.html in ${join(programs.folder, 'dist', 'page')}\n`,
    )
    expect(existsSync(join(programs.folder, 'chat.db'))).toBe(false)
  })
})

test.each<[string[], Record<string, string>, string]>([
  [['--port', 'http'], {}, '--port must be a whole number from 0 to 65535, not "http"'],
  [
    [],
    { CHAT_DRAIN: 'long' },
    'CHAT_DRAIN must be a time from 1ms to 60m, such as 10s, 500ms or 2m, not "long"',
  ],
  [
    ['--memory', '--data', 'x'],
    {},
    '--data and --memory exclude each other; ws-chat --help lists the options',
  ],
])('called wrongly, it says so in one line, with exit status 2: %j %j', async (args, env, line) => {
  expect(await programs.failure({ args, env })).toEqual({
    code: 2,
    signal: null,
    stdout: '',
    stderr: `ws-chat: ${line}\n`,
  })
})

test('--help and --version', async () => {
  const help = programs.launch({ args: ['--help'] })
  expect(await help.exit).toEqual({ code: 0, signal: null })
  expect(help.output.stdout).toContain('ws-chat [options]')
  const version = programs.launch({ args: ['--version'] })
  expect(await version.exit).toEqual({ code: 0, signal: null })
  expect(version.output.stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})

/** Makes a database so large that it is not copied in one go. */
function grow(file: string): void {
  const database = new DatabaseSync(file, { timeout: 5000 })
  database.exec('CREATE TABLE ballast (bytes BLOB) STRICT; INSERT INTO ballast VALUES (zeroblob(16777216))')
  database.close()
}

/** Writes over a page or two of a file. */
function scribble(file: string, at: number): void {
  const bytes = readFileSync(file)
  bytes.fill(0xaa, at, at + 6000)
  writeFileSync(file, bytes)
}

describe('compression', () => {
  async function agreedOn(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
    const { port } = await programs.run(['--memory', ...args], { env })
    await using client = await TestClient.connect(port, { perMessageDeflate: true })
    return client.socket.extensions
  }

  test('is used for clients that offer it', async () => {
    expect(await agreedOn([])).toContain('permessage-deflate')
  })

  test('is off with --no-deflate, and with CHAT_NO_DEFLATE', async () => {
    expect(await agreedOn(['--no-deflate'])).toBe('')
    expect(await agreedOn([], { CHAT_NO_DEFLATE: '1' })).toBe('')
  })
})

describe('backup', () => {
  test('copies the data of a running chat, and a chat runs on the copy', async () => {
    const { port } = await programs.run()
    await using client = await TestClient.guest(port, 'ada')
    await client.ask('join', { room: 'lobby' })
    await client.ask('send', { room: 'lobby', cid: 'c'.repeat(22), body: 'kept' })
    grow(join(programs.folder, 'chat.db'))
    const backup = programs.launch({ args: ['backup', 'copy.db'] })
    expect(await backup.exit).toEqual({ code: 0, signal: null })
    expect(backup.output.stdout).toMatch(/^ws-chat: copied \.\/chat\.db to copy\.db, \d+ bytes\n$/)
    expect(backup.output.stderr).toMatch(/^(?:ws-chat: \d+0 % of \.\/chat\.db\n)+$/)
    const copy = await programs.run(['--data', 'copy.db'])
    await using reader = await TestClient.guest(copy.port, 'grace')
    await reader.ask('join', { room: 'lobby' })
    const { log } = await reader.ask('history', { room: 'lobby', limit: 10 })
    expect(log).toMatchObject([{ data: { body: 'kept' } }])
  })

  test('never writes over a file', async () => {
    await programs.run()
    writeFileSync(join(programs.folder, 'copy.db'), 'mine')
    expect(await programs.failure({ args: ['backup', 'copy.db'] })).toEqual({
      code: 1,
      signal: null,
      stdout: '',
      stderr: 'ws-chat: cannot write copy.db: the file already exists\n',
    })
    expect(readFileSync(join(programs.folder, 'copy.db'), 'utf8')).toBe('mine')
  })

  test.each([
    ['there is nothing to copy', ['--data', 'nowhere.db'], 'copy.db'],
    ['there is no folder for the copy', [], join('nowhere', 'copy.db')],
  ])('%s', async (_what, args, to) => {
    if (args.length === 0) await programs.run()
    const { code, stdout, stderr } = await programs.failure({ args: ['backup', to, ...args] })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^ws-chat: cannot [^\n]+\n$/)
    expect(existsSync(join(programs.folder, 'nowhere.db'))).toBe(false)
  })
})

/** A Node on the PATH, none of the repository's, that is too old for the chat. */
const oldNode = (process.env.PATH ?? '')
  .split(delimiter)
  .filter(place => place !== '' && !place.includes('node_modules'))
  .map(place => join(place, 'node'))
  .filter(file => existsSync(file))
  .find(
    file =>
      complainOfNode(execFileSync(file, ['--version'], { encoding: 'utf8' }).trim().slice(1)) !== undefined,
  )

if (oldNode === undefined) console.warn('skipped: there is no Node older than 24.15 on the PATH')

test.skipIf(oldNode === undefined)('on an older Node it says which it needs, and nothing else', async () => {
  const tsc = join(CHAT, '..', '..', 'node_modules', '.bin', 'tsc')
  execFileSync(tsc, ['-p', join(CHAT, 'tsconfig.build.json'), '--outDir', join(programs.folder, 'dist')])
  cpSync(join(CHAT, 'package.json'), join(programs.folder, 'package.json'))
  const { code, stdout, stderr } = await programs.failure({
    main: join(programs.folder, 'dist', 'main.js'),
    node: [oldNode!],
  })
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/^ws-chat needs Node 24\.15\.0 or newer, and this is Node \d+\.\d+\.\d+\n$/)
})

describe('refuses a page whose host name was pointed at loopback', () => {
  const statusOf = (port: number, path: string, headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      const asked = request({ port, path, host: '127.0.0.1', headers, agent: false })
      asked.on('error', reject)
      asked.on('response', response => resolve(response.resume().statusCode))
      asked.on('upgrade', (response, socket) => {
        socket.destroy()
        resolve(response.statusCode)
      })
      asked.end()
    })
  const upgrade = (Host: string) => ({
    Host,
    Origin: `http://${Host}`,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Protocol': 'chat.v1.json',
  })

  test('gets 421 instead of the page, the WebSocket, the probes and the metrics', async () => {
    const { output, port } = await programs.run(['--memory', '--metrics', '0'])
    const metrics = metricsPort(output)
    for (const Host of ['evil.example', `evil.example:${port}`]) {
      expect(await statusOf(port, '/', upgrade(Host))).toBe(421)
      for (const path of ['/', '/healthz', '/readyz']) expect(await statusOf(port, path, { Host })).toBe(421)
      expect(await statusOf(metrics, '/metrics', { Host })).toBe(421)
    }
    const Host = `localhost:${port}`
    expect(await statusOf(port, '/', upgrade(Host))).toBe(101)
    expect(await statusOf(port, '/', { Host })).toBe(200)
    expect(await statusOf(metrics, '/metrics', { Host })).toBe(200)
  })

  test('is kept out behind a proxy by --hosts', async () => {
    const args = ['--memory', '--trust-proxy', 'loopback']
    const open = await programs.run(args)
    expect(await statusOf(open.port, '/', upgrade('evil.example'))).toBe(101)
    const { port } = await programs.run([...args, '--hosts', 'chat.example'])
    expect(await statusOf(port, '/', upgrade('evil.example'))).toBe(421)
    expect(await statusOf(port, '/', upgrade('chat.example'))).toBe(101)
    expect(await statusOf(port, '/', { Host: 'chat.example' })).toBe(200)
  })
})

test.skipIf(process.platform === 'win32')('--socket listens on a Unix socket', async () => {
  const path = join(programs.folder, 'chat.sock')
  const { child, exit, output } = programs.launch({ args: ['--memory', '--log', 'pretty', '--socket', path] })
  await printed({ child, exit, output }, 'Ctrl-C')
  expect(output.stdout).toContain(`  socket     ${path}\n`)
  const socket = new WebSocket(`ws+unix:${path}:/`, ['chat.v1.json'])
  await once(socket, 'open')
  socket.terminate()
  const second = await programs.failure({ args: ['--memory', '--socket', path] })
  expect(second).toMatchObject({
    code: 1,
    stderr: `ws-chat: --socket ${path} is in use, or is another file\n`,
  })
  child.kill('SIGTERM')
  expect(await exit).toEqual({ code: 0, signal: null })
  expect(existsSync(path)).toBe(false)
})

test('-- in front of the options is dropped', async () => {
  const { exit, output } = programs.launch({ args: ['--', '--help'] })
  expect(await exit).toEqual({ code: 0, signal: null })
  expect(output.stdout).toContain('ws-chat [options]')
})
