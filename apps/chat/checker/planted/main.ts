// ws-chat with a bug in it: `node main.ts --bug NAME`, and what ws-chat is told. The only program of this workspace that knows the chat from
// inside; the chat itself knows of no bug.

import { readCommand } from '../../src/command/command.ts'
import type { Store } from '../../src/command/options.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { RedisEngine } from '../../src/engine/redis/redis-engine.ts'
import { SqliteEngine } from '../../src/engine/sqlite/sqlite-engine.ts'
import { makeLog } from '../../src/logging/logger.ts'
import { ChatServer } from '../../src/server/chat-server.ts'
import { BUGS, type Bug } from './bugs.ts'

function openStore(store: Store): Engine {
  if (store.kind === 'file') return new SqliteEngine(store.file)
  if (store.kind === 'redis') return new RedisEngine(store.address)
  throw new Error('bugs are planted in what outlives a process: --data or --redis')
}

const args = process.argv.slice(2)
const [, bug] = args.splice(args.indexOf('--bug'), 2)
const command = readCommand(args, {})
if (command.kind !== 'run') throw new Error('it can only be run')
const { port, host, store, auth, writeRate, limits } = command.options
const log = makeLog('json', line => process.stdout.write(line))
const chat = await ChatServer.start({
  engine: BUGS[bug as Bug](openStore(store)),
  auth,
  writeRate,
  limits,
  log,
})
const listening = await chat.listen({ port, host })
log('info', 'listening', { port: listening.port })
