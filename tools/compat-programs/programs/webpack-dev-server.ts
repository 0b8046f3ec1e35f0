// webpack-dev-server: its client protocol at the start, after a change of a file, and messages to all clients.

import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import webpack from 'webpack'
import WebpackDevServer from 'webpack-dev-server'
import { WebSocket } from 'ws'
import { closeOf, Inbox } from '../lib.ts'

interface Message {
  readonly type?: string
  readonly action?: string
  readonly data?: unknown
}

export async function run(): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'dev-server-'))
  const entry = join(folder, 'main.js')
  writeFileSync(entry, "console.log('before')")
  const compiler = webpack({
    mode: 'development',
    context: folder,
    entry,
    output: { path: folder },
    stats: 'none',
    infrastructureLogging: { level: 'error' },
  })!
  const server = new WebpackDevServer(
    { host: '127.0.0.1', port: 0, hot: true, allowedHosts: ['127.0.0.1'], static: false },
    compiler,
  )
  await server.start()
  const { port } = server.server!.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  const sockets = Array.from({ length: 2 }, () => new WebSocket(`ws://127.0.0.1:${port}/ws`, { origin }))
  const inboxes = sockets.map(socket => {
    const inbox = new Inbox<Message>()
    socket.on('message', data => inbox.push(JSON.parse(String(data))))
    return inbox
  })
  const start = await Promise.all(inboxes.map(inbox => until(inbox, 'ok')))
  // webpack may not watch the file yet, so it is changed until that is noticed.
  let changes = 0
  const editor = setInterval(() => writeFileSync(entry, `console.log(${changes++})`), 1000)
  const changed = await Promise.all(inboxes.map(inbox => until(inbox, 'ok')))
  clearInterval(editor)
  server.sendMessage(server.webSocketServer!.clients, 'custom', { from: 'the test' })
  const custom = await Promise.all(inboxes.map(async inbox => (await until(inbox, 'custom')).at(-1)))
  const stranger = await rejected(`ws://127.0.0.1:${port}/ws`, 'http://elsewhere.example')
  const closed = sockets.map(closeOf)
  await server.stop()
  const codes = await Promise.all(closed)
  await new Promise(resolve => compiler.close(resolve))
  rmSync(folder, { recursive: true })
  return { start: start.map(shape), changed: changed.map(shape), custom, stranger, codes }
}

async function until(inbox: Inbox<Message>, type: string): Promise<Message[]> {
  const messages = [await inbox.next()]
  while (messages.at(-1)!.type !== type) messages.push(await inbox.next())
  return messages
}

/** The kinds of messages without repetitions: a watcher may report one change twice. */
function shape(messages: readonly Message[]): string[] {
  return [...new Set(messages.map(({ type, action }) => type ?? action!))]
}

/** What a page of another origin receives before it is closed. */
async function rejected(url: string, origin: string): Promise<unknown> {
  const socket = new WebSocket(url, { origin })
  const closed = closeOf(socket)
  const [data] = await once(socket, 'message')
  return [JSON.parse(String(data)), await closed]
}
