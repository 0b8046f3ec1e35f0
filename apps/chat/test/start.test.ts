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

// By a signal that it hands on: SIGKILL would leave the two behind.
afterEach(async () => {
  running?.child.kill('SIGTERM')
  await running?.exit
  running = undefined
})

function start(env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [START], {
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

/** Starts both and waits until both have said where they are. */
async function startBoth() {
  const program = start()
  const places = () => ['echo', 'chat'].map(name => new RegExp(`^${name} │ .*ws://localhost:(\\d+)$`, 'm'))
  const ports = () => places().map(place => Number(place.exec(program.output.stdout)?.[1]))
  while (ports().some(Number.isNaN) || program.output.stdout.split('Ctrl-C').length < 3)
    await once(program.child.stdout, 'data')
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
  'prints where both are, each line behind its name, and %s ends both',
  async signal => {
    const { child, exit, output, echo, chat } = await startBoth()
    for (const [name, port] of [
      ['echo', echo],
      ['chat', chat],
    ] as const) {
      expect(output.stdout).toContain(`${name} │   page       http://localhost:${port}\n`)
      expect(output.stdout).toContain(`${name} │   WebSocket  ws://localhost:${port}\n`)
      expect(await isUp(port)).toBe(true)
    }
    expect(output.stdout.split('\n').every(line => /^(?:(?:echo|chat) │ .*)?$/.test(line))).toBe(true)
    const sockets = [await connect(echo), await connect(chat, ['chat.v1.json'])]
    const codes = Promise.all(sockets.map(async socket => (await once(socket, 'close'))[0]))
    child.kill(signal)
    expect(await codes).toEqual([1001, 1012])
    expect(await exit).toEqual({ code: 0, signal: null })
    expect(output.stderr).toBe('')
    for (const port of [echo, chat]) expect(await isUp(port)).toBe(false)
  },
)

test('where one cannot start, it says why and ends the other', async () => {
  const blocker = createServer().listen(0, '127.0.0.1')
  await once(blocker, 'listening')
  const { port } = blocker.address() as { port: number }
  const { exit, output } = start({ CHAT_PORT: String(port) })
  expect(await exit).toEqual({ code: 1, signal: null })
  expect(output.stderr).toContain(`chat │ ws-chat: port ${port} is in use`)
  expect(output.stderr).toContain('chat has ended, with status 1')
  blocker.close()
})

test('it ends both when nobody reads what it says any more', async () => {
  const { child, exit, echo, chat } = await startBoth()
  child.stdout.destroy()
  // Whoever comes is told of in the log.
  const socket = await connect(chat, ['chat.v1.json'])
  socket.on('error', () => {})
  socket.send(JSON.stringify({ t: 'hello', id: 1, v: 1, nick: 'Ann' }))
  expect(await exit).toMatchObject({ signal: null })
  for (const port of [echo, chat]) expect(await isUp(port)).toBe(false)
})
