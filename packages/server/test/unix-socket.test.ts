// A server on a Unix socket, and a proxy that connects to one.

import { once } from 'node:events'
import { existsSync, lstatSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { headLength, type Lines, upgradeRequest } from '@ws/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { type ListenOptions, type ServerOptions, WebSocketServer } from '../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'ws-unix-'))
afterAll(() => rmSync(folder, { recursive: true }))

let count = 0
/** A pipe on Windows, where there are no files of sockets. */
const newPath = (): string =>
  process.platform === 'win32' ? `\\\\.\\pipe\\ws-${process.pid}-${++count}` : join(folder, `${++count}.sock`)
const onUnix = test.skipIf(process.platform === 'win32')

/** The address that the server saw, as its greeting tells, or the status of its rejection. */
async function addressSeen(path: string, lines: Lines = {}): Promise<string> {
  const socket = connect(path)
  const chunks: Buffer[] = []
  socket.on('data', chunk => chunks.push(chunk))
  socket.write(upgradeRequest('/', lines))
  const isComplete = (): boolean => {
    const bytes = Buffer.concat(chunks)
    const length = headLength(bytes)
    return (
      length > 0 &&
      (bytes.toString().startsWith('HTTP/1.1 4') || bytes.length >= length + 2 + bytes[length + 1]!)
    )
  }
  while (!isComplete()) await once(socket, 'data')
  socket.destroy()
  const bytes = Buffer.concat(chunks)
  const length = headLength(bytes)
  return bytes.toString().startsWith('HTTP/1.1 101')
    ? bytes.subarray(length + 2).toString()
    : bytes.toString().slice(9, 12)
}

async function listen(options: ServerOptions = {}, where: ListenOptions = {}) {
  const server = new WebSocketServer({
    open: socket => void socket.send(socket.remoteAddress || 'none'),
    ...options,
  } as ServerOptions)
  const path = newPath()
  const listening = await server.listen({ path, ...where })
  return {
    server,
    path,
    listening,
    async [Symbol.asyncDispose]() {
      await server.close({ timeout: 0 })
    },
  }
}

test('a server listens on a Unix socket, and answers to all hosts there', async () => {
  await using unix = await listen()
  expect(unix.listening).toEqual({ url: `ws+unix:${unix.path}`, port: 0, addresses: [unix.path] })
  expect(await addressSeen(unix.path, { Host: 'app.example' })).toBe('none')
})

onUnix('the socket is removed when the server closes', async () => {
  const unix = await listen()
  expect(lstatSync(unix.path).isSocket()).toBe(true)
  await unix.server.close()
  expect(existsSync(unix.path)).toBe(false)
})

onUnix.each([0o600, 0o660, 0o777])('the socket has the mode %o from the beginning', async mode => {
  const before = process.umask()
  await using unix = await listen({}, { mode })
  expect(lstatSync(unix.path).mode & 0o777).toBe(mode)
  expect(process.umask()).toBe(before)
})

onUnix('the socket has its mode in a worker too', async () => {
  const path = newPath()
  const code = `
    const { parentPort, workerData } = require('node:worker_threads')
    import(workerData.module).then(async ({ WebSocketServer }) => {
      const server = new WebSocketServer()
      await server.listen({ path: workerData.path, mode: 0o600 })
      parentPort.postMessage('listening')
      parentPort.once('message', () => server.close())
    })`
  const module = new URL('../src/index.ts', import.meta.url).href
  const worker = new Worker(code, { eval: true, workerData: { module, path } })
  await once(worker, 'message')
  expect(lstatSync(path).mode & 0o777).toBe(0o600)
  worker.postMessage('close')
  await once(worker, 'exit')
})

describe.skipIf(process.platform === 'win32')('a file that is there already', () => {
  test('is replaced if it is a socket on which no process listens', async () => {
    const path = newPath()
    const code = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
    const { spawnSync } = await import('node:child_process')
    expect(spawnSync(process.execPath, ['-e', code]).signal).toBe('SIGKILL')
    expect(lstatSync(path).isSocket()).toBe(true)
    await using unix = await listen({}, { path })
    expect(await addressSeen(path)).toBe('none')
    expect(unix.listening.addresses).toEqual([path])
  })

  test('is kept if a process listens on it', async () => {
    await using unix = await listen()
    await expect(listen({}, { path: unix.path })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    expect(await addressSeen(unix.path)).toBe('none')
  })

  test('is kept if it is not a socket, or a link', async () => {
    const [file, link, stale] = [newPath(), newPath(), newPath()]
    writeFileSync(file, 'data')
    symlinkSync(stale, link)
    for (const path of [file, link]) {
      await expect(listen({}, { path })).rejects.toMatchObject({ code: 'EADDRINUSE' })
      expect(lstatSync(path).isSocket()).toBe(false)
    }
  })

  test('is kept if it is a link to a socket that no process listens on', async () => {
    const [target, link] = [newPath(), newPath()]
    const { spawnSync } = await import('node:child_process')
    const code = `require('node:net').createServer().listen(${JSON.stringify(target)}, () => process.kill(process.pid, 'SIGKILL'))`
    spawnSync(process.execPath, ['-e', code])
    symlinkSync(target, link)
    await expect(listen({}, { path: link })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect(lstatSync(target).isSocket()).toBe(true)
  })
})

test('a folder that is missing is reported as Node does', async () => {
  await expect(listen({}, { path: join(folder, 'missing', 'a.sock') })).rejects.toMatchObject({
    syscall: 'listen',
  })
})

describe('trustProxy', () => {
  test('with unix trusts a proxy that connects to a Unix socket', async () => {
    await using unix = await listen({ trustProxy: ['unix'] })
    expect(await addressSeen(unix.path, { 'X-Forwarded-For': '203.0.113.9' })).toBe('203.0.113.9')
    expect(await addressSeen(unix.path, { 'X-Forwarded-For': '198.51.100.1, 203.0.113.9' })).toBe(
      '203.0.113.9',
    )
    expect(await addressSeen(unix.path)).toBe('none')
  })

  test('with unix goes on at a proxy that wrote unix: for another one', async () => {
    await using unix = await listen({ trustProxy: ['unix', 'loopback'] })
    const hops = '198.51.100.1, 203.0.113.9, unix:, 127.0.0.1'
    expect(await addressSeen(unix.path, { 'X-Forwarded-For': hops })).toBe('203.0.113.9')
  })

  test('without unix trusts none on a Unix socket', async () => {
    await using unix = await listen({ trustProxy: ['loopback', 'private', '::/0', '0.0.0.0/0'] })
    expect(await addressSeen(unix.path, { 'X-Forwarded-For': '203.0.113.9' })).toBe('none')
  })

  test('with unix does not trust clients over TCP', async () => {
    await using server = new WebSocketServer({
      trustProxy: ['unix'],
      open: socket => void socket.send(socket.remoteAddress),
    })
    const { port } = await server.listen({ host: '127.0.0.1' })
    const path = newPath()
    // The same question, over TCP.
    const bridge = createServer(from => {
      const to = connect(port, '127.0.0.1')
      from.pipe(to).pipe(from)
      from.on('error', () => {})
      to.on('error', () => {})
    })
    bridge.listen(path)
    await once(bridge, 'listening')
    expect(await addressSeen(path, { 'X-Forwarded-For': '203.0.113.9' })).toBe('127.0.0.1')
    bridge.close()
    await server.close({ timeout: 0 })
  })

  test('counts the clients behind a Unix socket by their addresses', async () => {
    await using unix = await listen({ trustProxy: ['unix'], maxSocketsPerAddress: 1 })
    const open = connect(unix.path)
    open.write(upgradeRequest('/', { 'X-Forwarded-For': '203.0.113.9' }))
    await once(open, 'data')
    expect(await addressSeen(unix.path, { 'X-Forwarded-For': '203.0.113.9' })).toBe('429')
    expect(await addressSeen(unix.path, { 'X-Forwarded-For': '203.0.113.10' })).toBe('203.0.113.10')
    open.destroy()
  })
})

test.each<[string, ListenOptions]>([
  ['path and port or host exclude each other', { path: 'a', port: 0 }],
  ['path and port or host exclude each other', { path: 'a', host: 'localhost' }],
  ['path must be that of a Unix socket', { path: '' }],
  ['path must be that of a Unix socket', { path: 1 as never }],
  ['mode is for path', { mode: 0o600 }],
  ['mode must be an integer from 0 to 0o777', { path: 'a', mode: 0o1000 }],
  ['mode must be an integer from 0 to 0o777', { path: 'a', mode: '660' as never }],
])('listen rejects with %s', async (message, where) => {
  await using server = new WebSocketServer()
  await expect(server.listen(where)).rejects.toThrow(message)
})
