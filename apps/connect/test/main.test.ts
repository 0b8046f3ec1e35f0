// ws-connect as a program: what it sends and prints, and how it ends.

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { type ServerOptions, WebSocketServer } from '@ws/server'
import { afterEach, describe, expect, test } from 'vitest'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const children: ChildProcessByStdio<Writable, Readable, Readable>[] = []

afterEach(() => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL')
})

function launch(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  children.push(child)
  const exit = once(child, 'close').then(([code]) => code as number | null)
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', chunk => {
    output.stdout += chunk
  })
  child.stderr.on('data', chunk => {
    output.stderr += chunk
  })
  return { child, exit, output }
}

async function startServer(
  options: ServerOptions<undefined> = {},
): Promise<{ server: WebSocketServer<undefined>; url: string }> {
  const server = new WebSocketServer({ message: (socket, data) => socket.send(data), ...options })
  const { url } = await server.listen(0)
  return { server, url }
}

describe('the input', () => {
  test('is sent line by line, and the answers are printed', async () => {
    const { server, url } = await startServer()
    await using _server = server
    const { child, exit, output } = launch(url)
    child.stdin.end('one\ntwo\n\nthree')
    expect(await exit).toBe(0)
    expect(output.stdout).toBe('one\ntwo\n\nthree\n')
    expect(output.stderr).toBe('connected\nclosed: 1000\n')
  })

  test('may be a message of the command line', async () => {
    const { server, url } = await startServer()
    await using _server = server
    const { exit, output } = launch('-x', 'hello', '--execute', 'there', url)
    expect(await exit).toBe(0)
    expect(output.stdout).toBe('hello\nthere\n')
  })

  test('--wait leaves time for answers', async () => {
    const { server, url } = await startServer({
      message: (socket, data) => setImmediate(() => setImmediate(() => socket.send(`late ${String(data)}`))),
    })
    await using _server = server
    const { exit, output } = launch('-x', 'hello', '--wait', '0.5', url)
    expect(await exit).toBe(0)
    expect(output.stdout).toBe('late hello\n')
  })

  test('--binary sends bytes, and bytes are printed in hexadecimal', async () => {
    const { server, url } = await startServer()
    await using _server = server
    const { exit, output } = launch('--binary', '-x', 'é!', url)
    expect(await exit).toBe(0)
    expect(output.stdout).toBe('<3 bytes> c3 a9 21\n')
  })

  test('--json prints JSON indented, and does not send what is not JSON', async () => {
    const { server, url } = await startServer()
    await using _server = server
    const { exit, output } = launch('--json', '-x', '{"a":[1]}', '-x', '{oops', url)
    expect(await exit).toBe(0)
    expect(output.stdout).toBe('{\n  "a": [\n    1\n  ]\n}\n')
    expect(output.stderr).toContain('not sent: ')
  })
})

describe('the request', () => {
  test('has the headers, the origin and the subprotocols', async () => {
    let seen: unknown
    const { server, url } = await startServer({
      protocols: ['b'],
      origin: 'any',
      upgrade: ({ headers, origin, protocols }) => {
        seen = { token: headers.get('x-token'), origin, protocols }
        return {}
      },
    })
    await using _server = server
    const { exit, output } = launch(
      '-H',
      'X-Token: a: b',
      '--origin',
      'https://a.example',
      '-s',
      'a',
      '-s',
      'b',
      '-x',
      'hi',
      url.replace('ws://', ''),
    )
    expect(await exit).toBe(0)
    expect(seen).toEqual({ token: 'a: b', origin: 'https://a.example', protocols: ['a', 'b'] })
    expect(output.stderr).toContain('connected (b)\n')
  })

  test('that is rejected ends with 1, the status and the body', async () => {
    const { server, url } = await startServer({
      upgrade: () => new Response('who are you?', { status: 401 }),
    })
    await using _server = server
    const { exit, output } = launch(url)
    expect(await exit).toBe(1)
    expect(output.stderr).toBe(`${url} answered 401 Unauthorized\nwho are you?\n`)
  })

  test('that reaches nobody ends with 1', async () => {
    const { exit, output } = launch('ws://127.0.0.1:1')
    expect(await exit).toBe(1)
    expect(output.stderr).toContain('ECONNREFUSED')
  })
})

describe('the end', () => {
  test('by the server with another code than 1000 has the status 3', async () => {
    const { server, url } = await startServer({ open: socket => socket.close(4000, 'enough') })
    await using _server = server
    const { exit, output } = launch(url)
    expect(await exit).toBe(3)
    expect(output.stderr).toBe('connected\nclosed: 4000 enough\n')
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('by %s closes with 1000 and has the status 0', async signal => {
    const codes: number[] = []
    const { server, url } = await startServer({ close: (_, { code }) => codes.push(code) })
    await using _server = server
    const { child, exit, output } = launch(url)
    await expect.poll(() => output.stderr, { timeout: 10_000 }).toContain('connected')
    child.kill(signal)
    expect(await exit).toBe(0)
    expect(codes).toEqual([1000])
  })

  test('--reconnect goes on with the next connection, and the input with it', async () => {
    let count = 0
    const { server, url } = await startServer({
      message: (socket, data) => {
        socket.send(`${String(data)} ${++count}`)
        if (count === 1) socket.close(1001)
      },
    })
    await using _server = server
    const { child, exit, output } = launch('--reconnect', url)
    child.stdin.write('first\n')
    await expect.poll(() => output.stderr, { timeout: 10_000 }).toMatch(/closed: 1001[\s\S]*connected/)
    child.stdin.end('second\n')
    expect(await exit).toBe(0)
    expect(output.stdout).toBe('first 1\nsecond 2\n')
    expect(output.stderr).toContain('connecting again in')
  })
})

describe('what passes', () => {
  test('--frames shows each frame, and --ping the round trips', async () => {
    const { server, url } = await startServer()
    await using _server = server
    const args = ['--frames', '--ping', '0.02', '--no-deflate', '-x', 'hello', '--wait', '0.5', url]
    const { exit, output } = launch(...args)
    expect(await exit).toBe(0)
    expect(output.stdout).toBe('hello\n')
    const time = String.raw`\d\d:\d\d:\d\d\.\d{3}`
    expect(output.stderr).toMatch(new RegExp(`^→ ${time} text FIN 5 bytes$`, 'm'))
    expect(output.stderr).toMatch(new RegExp(`^← ${time} text FIN 5 bytes$`, 'm'))
    expect(output.stderr).toMatch(new RegExp(`^→ ${time} ping FIN \\d+ bytes$`, 'm'))
    expect(output.stderr).toMatch(new RegExp(`^← ${time} pong FIN \\d+ bytes$`, 'm'))
    expect(output.stderr).toMatch(/^pong after \d+\.\d ms$/m)
    expect(output.stderr).toMatch(new RegExp(`^← ${time} close FIN 2 bytes$`, 'm'))
  })

  test('has no colors and no replaced characters in a file', async () => {
    const { server, url } = await startServer({ open: socket => socket.send('\u001b[31mred') })
    await using _server = server
    const { child, exit, output } = launch(url)
    await expect.poll(() => output.stdout, { timeout: 10_000 }).toBe('\u001b[31mred\n')
    child.stdin.end()
    expect(await exit).toBe(0)
  })
})

describe('a wrong command line', () => {
  test.each([
    [[], 'expected one URL, got 0'],
    [['a', 'b'], 'expected one URL, got 2'],
    [['--nonsense', 'a'], "Unknown option '--nonsense'"],
    [['-H', 'x', 'a'], `--header must be 'NAME: VALUE', got "x"`],
    [['--wait', 'x', 'a'], '--wait must be a number of seconds from 0 to 86400, got "x"'],
    [['--ping', '0', 'a'], '--ping must be a number of seconds from 0.001 to 86400, got "0"'],
    [['ftp://a'], 'url must begin with ws:, wss:, http:, https: or ws+unix:, not with "ftp:"'],
    [['--reconnect', 'ws://a b'], 'url must be an absolute URL'],
    [['ws+unix:/run/app.sock:chat'], 'a ws+unix: URL must name a socket and a path there'],
    [['-H', 'x y: z', 'a'], 'headers: "x y" is not a name'],
    [['-s', 'x y', 'a'], 'protocols must be distinct tokens, not ["x y"]'],
    [['--origin', 'é', 'a'], 'the value of Origin must be printable ASCII'],
    [['--proxy', 'a', 'a'], 'proxy must be an http:, https:, socks5: or socks5h: URL with a host'],
  ])('%j ends with 2 and one line', async (args, message) => {
    const { exit, output } = launch(...args)
    expect(await exit).toBe(2)
    expect(output.stderr).toContain(`ws-connect: ${message}`)
    expect(output.stderr.trim().split('\n')).toHaveLength(1)
  })

  test('--help and --version print and end with 0', async () => {
    const help = launch('--help')
    expect(await help.exit).toBe(0)
    expect(help.output.stdout).toContain('ws-connect [options] URL')
    const version = launch('--version')
    expect(await version.exit).toBe(0)
    expect(version.output.stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})
