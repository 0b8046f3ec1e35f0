// `pnpm start` at the root: runs echo and chat side by side, says where both are, and ends both.

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'

const START = join(import.meta.dirname, '..', '..', '..', 'start.ts')

let running:
  | { readonly child: ChildProcessByStdio<null, Readable, Readable>; exit: Promise<unknown> }
  | undefined

afterEach(async () => {
  running?.child.kill('SIGTERM')
  await running?.exit
  running = undefined
})

function start(env: Record<string, string> = {}, args: readonly string[] = []) {
  const child = spawn(process.execPath, [START, ...args], {
    env: { PATH: process.env.PATH, CHAT_MEMORY: '1', CHAT_PORT: '0', ECHO_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exit = once(child, 'close').then(([code, signal]) => ({ code, signal }))
  running = { child, exit }
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', chunk => {
    output.stdout += chunk
  })
  child.stderr.on('data', chunk => {
    output.stderr += chunk
  })
  return { child, exit, output }
}

/** Starts both and waits until their links have been printed. */
async function startBoth() {
  const program = start()
  const ports = () =>
    ['echo', 'chat'].map(name =>
      Number(new RegExp(`^${name} {2}http://localhost:(\\d+)$`, 'm').exec(program.output.stdout)?.[1]),
    )
  while (ports().some(Number.isNaN)) await once(program.child.stdout, 'data')
  const [echo, chat] = ports()
  return { ...program, echo: echo!, chat: chat! }
}

async function connect(port: number, protocols: string[] = []): Promise<WebSocket> {
  const socket = new WebSocket(`ws://localhost:${port}`, protocols)
  await once(socket, 'open')
  return socket
}

const isUp = (port: number) =>
  fetch(`http://localhost:${port}/`, { headers: { connection: 'close' } }).then(
    ({ status }) => status === 200,
    () => false,
  )

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'prints the two links last and alone, names the variables that change them, and %s ends both',
  async signal => {
    const { child, exit, output, echo, chat } = await startBoth()
    const lines = output.stdout.split('\n')
    expect(lines.slice(-4)).toEqual([
      '',
      `echo  http://localhost:${echo}`,
      `chat  http://localhost:${chat}`,
      '',
    ])
    expect(lines.at(-5)).toMatch(/ECHO_PORT.*CHAT_PORT.*Ctrl-C/)
    expect(output.stdout).not.toMatch(/--(?:host|port)/)
    expect(lines.slice(0, -6).every(line => /^(?:echo|chat) │ /.test(line))).toBe(true)
    for (const port of [echo, chat]) expect(await isUp(port)).toBe(true)
    const sockets = [await connect(echo), await connect(chat, ['chat.v1.json'])]
    const codes = Promise.all(sockets.map(async socket => (await once(socket, 'close'))[0]))
    child.kill(signal)
    expect(await codes).toEqual([1001, 1012])
    expect(await exit).toEqual({ code: 0, signal: null })
    expect(output.stderr).toBe('')
    for (const port of [echo, chat]) expect(await isUp(port)).toBe(false)
  },
)

test('if one fails to start, it prints the error with its variables, and ends the other silently', async () => {
  const blocker = createServer().listen(0, '127.0.0.1')
  await once(blocker, 'listening')
  const { port } = blocker.address() as { port: number }
  const { exit, output } = start({ CHAT_PORT: String(port) })
  expect(await exit).toEqual({ code: 1, signal: null })
  expect(output.stderr).toBe(
    `chat │ ws-chat: port ${port} is in use: choose another with CHAT_PORT, or CHAT_PORT 0 for any free port\nchat has ended, with status 1\n`,
  )
  expect(output.stdout).not.toContain('http://')
  blocker.close()
})

test('it ends both when it is killed', async () => {
  const { child, exit, echo, chat } = await startBoth()
  child.kill('SIGKILL')
  expect(await exit).toEqual({ code: null, signal: 'SIGKILL' })
  for (const port of [echo, chat]) while (await isUp(port)) await new Promise(setImmediate)
})

test.each([
  [['--port', '1'], 2, 'stderr', 'unexpected argument "--port"'],
  [['--', '--port', '1'], 2, 'stderr', 'unexpected argument "--port"'],
  [['--help'], 0, 'stdout', 'ECHO_PORT'],
  [['--', '--help'], 0, 'stdout', 'CHAT_PORT'],
] as const)('with %j it runs nothing, and names the variables', async (args, code, stream, text) => {
  const { exit, output } = start({}, args)
  expect(await exit).toEqual({ code, signal: null })
  expect(output[stream]).toContain(text)
  expect(output[stream]).toContain('CHAT_PORT')
})

test('it ends both when the reader of its output has left', async () => {
  const { child, exit, echo, chat } = await startBoth()
  child.stdout.destroy()
  // The log has a line for each connection.
  const socket = await connect(chat, ['chat.v1.json'])
  socket.on('error', () => {})
  socket.send(JSON.stringify({ t: 'hello', id: 1, v: 1, nick: 'Ann' }))
  expect(await exit).toMatchObject({ signal: null })
  for (const port of [echo, chat]) expect(await isUp(port)).toBe(false)
})
