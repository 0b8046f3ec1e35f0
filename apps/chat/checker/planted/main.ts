// ws-chat with a bug: `node main.ts --bug NAME`, and the arguments of ws-chat. The only file of
// this workspace that knows the inside of the chat.

import { readCommand } from '@ws/chat/src/command/command'
import type { Store } from '@ws/chat/src/command/options'
import type { Engine } from '@ws/chat/src/engine/engine'
import { RedisEngine } from '@ws/chat/src/engine/redis/redis-engine'
import { SqliteEngine } from '@ws/chat/src/engine/sqlite/sqlite-engine'
import { makeLog } from '@ws/chat/src/logging/logger'
import { ChatServer } from '@ws/chat/src/server/chat-server'
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
