// ws-echo as a program: what it prints, how it ends.

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { WebSocket as Client } from 'ws'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const children: ChildProcessByStdio<null, Readable, Readable>[] = []

afterEach(() => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL')
})

function launch(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  const exit = once(child, 'close').then(([code, signal]) => ({ code, signal }))
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', chunk => {
    output.stdout += chunk
  })
  child.stderr.on('data', chunk => {
    output.stderr += chunk
  })
  return { child, exit, output }
}

/** Launches a server and waits for its last line. */
async function serve(...args: string[]) {
  const program = launch('--port', '0', ...args)
  while (!program.output.stdout.includes('Ctrl-C')) await once(program.child.stdout, 'data')
  const port = Number(/ws:\/\/\S+:(\d+)/.exec(program.output.stdout)![1])
  return { ...program, port }
}

test('says where it is, and who can reach it', async () => {
  const { output, port } = await serve()
  expect(output.stdout).toBe(`ws-echo: everything you send comes back.
  page       http://localhost:${port}
  WebSocket  ws://localhost:${port}
Only this machine can connect; --host 0.0.0.0 opens it to the network. Press Ctrl-C to stop.
`)
})

test('says what --host opens', async () => {
  const { output, port } = await serve('--host', '127.0.0.1')
  expect(output.stdout).toContain(`ws://127.0.0.1:${port}`)
  expect(output.stdout).toContain(`Open to everyone who can reach 127.0.0.1 on port ${port}`)
})

test.each(['SIGINT', 'SIGTERM'] as const)('%s closes the connections with 1001 and exits 0', async signal => {
  const { child, exit, output, port } = await serve()
  const client = new Client(`ws://127.0.0.1:${port}`)
  await once(client, 'open')
  const closed = once(client, 'close')
  child.kill(signal)
  expect((await closed)[0]).toBe(1001)
  expect(await exit).toEqual({ code: 0, signal: null })
  expect(output.stderr).toBe('')
})

test('a second signal ends it at once, though a peer does not answer', async () => {
  const { child, exit, port } = await serve()
  const client = new Client(`ws://127.0.0.1:${port}`)
  await once(client, 'open')
  client.pause()
  child.kill('SIGTERM')
  // No longer listening: the first signal has been taken.
  await refused(port)
  child.kill('SIGTERM')
  expect(await exit).toEqual({ code: null, signal: 'SIGTERM' })
  client.terminate()
})

async function refused(port: number): Promise<void> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } }).catch(
      () => undefined,
    )
    if (answer === undefined) return
  }
}

test('a port in use gives one line and exit status 1', async () => {
  const blocker = createServer().listen(0, '127.0.0.1')
  await once(blocker, 'listening')
  const { port } = blocker.address() as { port: number }
  const { exit, output } = launch('--port', String(port))
  expect(await exit).toEqual({ code: 1, signal: null })
  expect(output).toEqual({
    stdout: '',
    stderr: `ws-echo: port ${port} is in use: choose another with --port, or --port 0 for any free port\n`,
  })
  blocker.close()
})

test('an address that is not of this machine gives one line and exit status 1', async () => {
  const { exit, output } = launch('--port', '0', '--host', '192.0.2.1')
  expect(await exit).toEqual({ code: 1, signal: null })
  expect(output.stderr).toBe('ws-echo: --host 192.0.2.1 is no address of this machine\n')
})

test('a wrong option gives one line and exit status 2', async () => {
  const { exit, output } = launch('--port', 'http')
  expect(await exit).toEqual({ code: 2, signal: null })
  expect(output.stderr).toBe('ws-echo: --port must be a whole number from 0 to 65535, not "http"\n')
})

test('--help and --version', async () => {
  const help = launch('--help')
  expect(await help.exit).toEqual({ code: 0, signal: null })
  expect(help.output.stdout).toContain('ws-echo [options]')
  const version = launch('--version')
  expect(await version.exit).toEqual({ code: 0, signal: null })
  expect(version.output.stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test('a page whose name resolves to loopback gets 421, and its WebSocket does too', async () => {
  const { port } = await serve()
  const statusOf = (host: string, headers = {}) =>
    new Promise(resolve => {
      const asked = request({ port, host: '127.0.0.1', headers: { Host: host, ...headers }, agent: false })
      asked.on('response', response => resolve(response.resume().statusCode))
      asked.on('upgrade', ({ statusCode }, socket) => resolve(socket.destroy() && statusCode))
      asked.end()
    })
  const upgrade = (host: string) =>
    statusOf(host, {
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version': '13',
      Origin: `http://${host}`,
    })
  expect([await statusOf('evil.example'), await upgrade(`evil.example:${port}`)]).toEqual([421, 421])
  expect([await statusOf(`localhost:${port}`), await upgrade(`localhost:${port}`)]).toEqual([200, 101])
})

test('--hosts says which names are answered', async () => {
  const { port } = await serve('--hosts', 'echo.example')
  const client = new Client(`ws://127.0.0.1:${port}`, { headers: { Host: 'echo.example' } })
  await once(client, 'open')
  client.terminate()
  const other = new Client(`ws://127.0.0.1:${port}`)
  const [error] = await once(other, 'error')
  expect(String(error)).toContain('421')
})

test.skipIf(process.platform === 'win32')('--socket listens on a Unix socket', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ws-echo-'))
  try {
    const path = join(folder, 'echo.sock')
    const { child, exit, output } = launch('--socket', path)
    while (!output.stdout.includes('Ctrl-C')) await once(child.stdout, 'data')
    expect(output.stdout).toContain(`  socket     ${path}\n`)
    const client = new Client(`ws+unix:${path}:/`)
    await once(client, 'open')
    client.send('hello')
    expect(String((await once(client, 'message'))[0])).toBe('hello')
    client.terminate()
    const second = launch('--socket', path)
    expect(await second.exit).toEqual({ code: 1, signal: null })
    expect(second.output.stderr).toBe(`ws-echo: --socket ${path} is in use, or is another file\n`)
    child.kill('SIGTERM')
    expect(await exit).toEqual({ code: 0, signal: null })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('-- in front of the options is dropped', async () => {
  const help = launch('--', '--help')
  expect(await help.exit).toEqual({ code: 0, signal: null })
  expect(help.output.stdout).toContain('ws-echo [options]')
})
