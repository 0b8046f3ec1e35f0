// A server as a process of its own, to be put under faults: echoes, publishes, and says to its parent what it holds and how its
// sockets ended. Its first argument is what it is told, as JSON. Knows nothing of who connects, or why.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { type CloseInfo, type ServerOptions, WebSocketServer } from '@ws/server'

/** What the program is told. */
export interface Settings {
  readonly options?: ServerOptions
  /** Milliseconds for a request's head, where the server is not the one that `listen` makes. */
  readonly headTimeout?: number
}

/** What the program says first. */
export interface Ready {
  /** The port of `listen`. */
  readonly port: number
  /** The port of an HTTP server that this one is attached to, with `headTimeout`. */
  readonly attachedPort: number
}

/** What the program answers to `account` (behind a collection of garbage) and to `glance` (without one). */
export interface Account {
  readonly heap: number
  /** `arrayBuffers + external`: the bytes held outside of the heap. */
  readonly outside: number
  /** What keeps the loop busy, by its kind, with how many there are. */
  readonly handles: Readonly<Record<string, number>>
  readonly stats: ReturnType<WebSocketServer['stats']>
  /** How sockets ended: a code, by whom and why, and how often. */
  readonly endings: Readonly<Record<string, number>>
  /** Errors that reached the process, or a handler's: their stacks. */
  readonly errors: readonly string[]
}

/** What the parent may ask. */
export type Question = 'account' | 'glance' | 'one-hour-on' | 'one-hour-back'

const TOPIC = 'everybody'
const HOUR = 3_600_000

const { options = {}, headTimeout = 10_000 }: Settings = JSON.parse(process.argv[2] ?? '{}')
const endings: Record<string, number> = {}
const errors: string[] = []
const trueNow = Date.now
let ahead = 0

process.on('uncaughtException', error => void errors.push(String(error.stack)))

const server = new WebSocketServer({
  ...options,
  async upgrade({ url }) {
    // As long as some database would take.
    const wait = Number(url.searchParams.get('wait'))
    if (wait > 0) await new Promise(resolve => setTimeout(resolve, wait))
    return {}
  },
  message(socket, data) {
    if (data === 'join') socket.subscribe(TOPIC)
    else if (typeof data === 'string' && data.startsWith('publish '))
      server.publish(TOPIC, data.slice(8), { slow: 'close' })
    else if (typeof data === 'string' && data.startsWith('pour '))
      for (let left = Number(data.slice(5)); left > 0; left--) socket.send(new Uint8Array(64 * 1024))
    else return socket.send(data) ? undefined : socket.ready
    return undefined
  },
  close(_socket, report) {
    const ending = describe(report)
    endings[ending] = (endings[ending] ?? 0) + 1
  },
  error: error => void errors.push(String(error instanceof Error ? error.stack : error)),
})

const attached = createServer(
  { headersTimeout: headTimeout, connectionsCheckingInterval: headTimeout / 4 },
  (_request, response) => response.end('a page'),
)
server.attach(attached)

process.on('message', (question: Question) => {
  if (question === 'one-hour-on' || question === 'one-hour-back') {
    ahead += question === 'one-hour-on' ? HOUR : -HOUR
    Date.now = () => trueNow() + ahead
  }
  void answer(question)
})

// Whoever started it is gone, or has had enough; what it runs under (strace) may not pass on a signal.
process.on('disconnect', () => process.exit())

const { port } = await server.listen({ host: '127.0.0.1' })
attached.listen(0, '127.0.0.1', () => {
  process.send!({ port, attachedPort: (attached.address() as AddressInfo).port } satisfies Ready)
})

async function answer(question: Question): Promise<void> {
  if (question === 'account') await collect()
  process.send!(account())
}

function account(): Account {
  const { heapUsed, arrayBuffers, external } = process.memoryUsage()
  const handles: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1
  return { heap: heapUsed, outside: arrayBuffers + external, handles, stats: server.stats(), endings, errors }
}

/** What is freed of buffers, and of what was just destroyed, is known a little later. */
async function collect(): Promise<void> {
  for (let i = 0; i < 4; i++) {
    globalThis.gc!()
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

/** An ending in words, the numbers of its cause left out so that those of a kind count together. */
function describe({ code, by, cause }: CloseInfo): string {
  const why = cause instanceof Error ? `: ${cause.message.replace(/\d{3,}/g, 'N')}` : ''
  return `${code} by ${by}${why}`
}
