// Puts a chat together from its options, lets it listen, and says where it is.

import { fileURLToPath } from 'node:url'
import { debuglog } from 'node:util'
import { permessageDeflate } from '@ws/deflate'
import { type Listening, WebSocketServer } from '@ws/server'
import type { Engine } from '../engine/engine.ts'
import { MemoryEngine } from '../engine/memory/memory-engine.ts'
import { RedisEngine } from '../engine/redis/redis-engine.ts'
import { SqliteEngine } from '../engine/sqlite/sqlite-engine.ts'
import { health, readiness } from '../http/health.ts'
import { metrics, type ProcessFacts } from '../http/metrics.ts'
import { readPage } from '../http/page.ts'
import { type Resource, serve } from '../http/resource.ts'
import type { Log } from '../logging/log.ts'
import { type LogForm, makeLog } from '../logging/logger.ts'
import { ChatServer } from '../server/chat-server.ts'
import { describeChat, type Places } from './banner.ts'
import type { ProgramOptions } from './options.ts'
import { Shutdown } from './shutdown.ts'
import type { ListenAddress } from './values.ts'

/** The folder of the built page, relative to src/ and to dist/. */
const PAGE = fileURLToPath(new URL('../../dist/page', import.meta.url))

/**
 * Resolves when the chat listens; it then runs until the process receives a signal. Rejects if it
 * cannot start.
 */
export async function runChat(options: ProgramOptions): Promise<void> {
  const form = options.log ?? (process.stdout.isTTY ? 'pretty' : 'json')
  const log = logTo(form)
  const resources = readPage(PAGE)
  const chat = await startChat(options, log, resources)
  const ending = new Shutdown(chat, options.drain, log)
  addStatus(resources, chat, ending)
  const metrics = options.metrics && (await serveMetrics(chat, options.metrics))
  const { port, host, socket } = options
  const listening = await chat.listen(socket === undefined ? { port, host } : { path: socket })
  // A supervisor that has read the address may send a signal at once.
  ending.awaitSignals()
  announce(form, log, { listening, metrics }, options)
}

/** A log on standard output. `NODE_DEBUG=ws-chat` shows the events for debugging as well. */
function logTo(form: LogForm): Log {
  // The chat continues when the reader of the log has left.
  process.stdout.on('error', () => {})
  const log = makeLog(form, line => process.stdout.write(line))
  const isDebugging = debuglog('ws-chat').enabled
  return (level, ...event) => {
    if (level !== 'debug' || isDebugging) log(level, ...event)
  }
}

function startChat(options: ProgramOptions, log: Log, resources: Map<string, Resource>): Promise<ChatServer> {
  const {
    auth,
    admins,
    writeRate,
    limits,
    origin,
    hosts,
    maxSockets,
    maxSocketsPerAddress,
    trustProxy,
    deflate,
  } = options
  return ChatServer.start({
    engine: makeEngine(options, log),
    auth,
    admins,
    writeRate,
    limits,
    log,
    origin,
    ...(hosts !== undefined && { hosts }),
    maxSockets,
    maxSocketsPerAddress,
    trustProxy,
    extensions: deflate ? [permessageDeflate()] : [],
    http: serve(resources),
  })
}

function makeEngine({ store, keep }: ProgramOptions, log: Log): Engine {
  const options = keep === undefined ? {} : { keep }
  const warn = (warning: string) => log('warn', 'redis-warning', { warning })
  switch (store.kind) {
    case 'memory':
      return new MemoryEngine(options)
    case 'redis':
      return new RedisEngine(store.address, { ...options, warn })
    case 'file':
      return new SqliteEngine(store.file, options)
  }
}

/** The endpoints for machines. */
function addStatus(resources: Map<string, Resource>, chat: ChatServer, ending: Shutdown): void {
  const unready = () => (chat.ready ? undefined : 'the store is down')
  resources.set('/healthz', health)
  resources.set(
    '/readyz',
    readiness(() => (ending.hasBegun ? 'the chat is stopping' : unready())),
  )
}

/**
 * Serves metrics on an address of their own, because a proxy in front of the chat would publish
 * them. Rejects with an `Error` of one line.
 */
async function serveMetrics(chat: ChatServer, { port, host }: ListenAddress): Promise<Listening> {
  const resource = metrics(() => chat.stats(), readProcess)
  const server = new WebSocketServer({
    http: serve(new Map([['/metrics', resource]])),
    upgrade: () => new Response(null, { status: 404 }),
  })
  try {
    return await server.listen({ port, host })
  } catch (error) {
    throw new Error(`cannot serve metrics: ${(error as Error).message}`, { cause: error })
  }
}

function readProcess(): ProcessFacts {
  return { memory: process.memoryUsage(), cpu: process.cpuUsage(), startedAt: performance.timeOrigin }
}

function announce(form: LogForm, log: Log, places: Places, options: ProgramOptions): void {
  const { listening, metrics } = places
  if (form === 'pretty') console.log(describeChat(places, options))
  else {
    const { store } = options
    const data = store.kind === 'redis' ? store.address.name : store.kind === 'file' ? store.file : undefined
    const { port, addresses } = listening
    log('info', 'listening', { port, addresses: addresses.join(' '), metrics: metrics?.port, data })
  }
}
