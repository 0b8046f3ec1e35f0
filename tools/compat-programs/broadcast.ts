// `node broadcast.ts` compares the cost of a Socket.IO broadcast to 1,000 clients with `ws` and with `@ws/compat`.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { WebSocket } from 'ws-original'
import { IMPLEMENTATIONS, type Implementation } from './implementation.ts'

const CLIENTS = 1000
const WARMUP = 100
const BROADCASTS = 400
const ROUNDS = 3

interface Cost {
  /** Microseconds of CPU of the server for each delivery. */
  readonly cpu: number
  /** Deliveries a second. */
  readonly rate: number
}

const costs = new Map<Implementation, Cost[]>(IMPLEMENTATIONS.map(name => [name, []]))
for (let round = 0; round < ROUNDS; round++)
  for (const [implementation, found] of costs) found.push(await measure(implementation))

for (const [implementation, found] of costs) {
  const cpu = median(found.map(cost => cost.cpu)).toFixed(2)
  const rate = Math.round(median(found.map(cost => cost.rate))).toLocaleString('en-US')
  console.log(`${implementation.padEnd(12)} ${cpu} µs of CPU/delivery, ${rate} deliveries/s`)
}

async function measure(implementation: Implementation): Promise<Cost> {
  const server = fork(join(import.meta.dirname, 'broadcast-server.ts'), [implementation])
  const [port] = (await once(server, 'message')) as [number]
  const url = `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`
  let received = 0
  let wake: (() => void) | undefined
  const onEvent = (): void => {
    if (++received === CLIENTS) wake?.()
  }
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => connect(url, onEvent)))
  const broadcast = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      received = 0
      const delivered = new Promise<void>(resolve => {
        wake = resolve
      })
      server.send('broadcast')
      await delivered
    }
  }
  await broadcast(WARMUP)
  const before = { cpu: await cpuOf(server), now: performance.now() }
  await broadcast(BROADCASTS)
  const seconds = (performance.now() - before.now) / 1000
  const cpu = (await cpuOf(server)) - before.cpu
  for (const client of clients) client.terminate()
  server.kill()
  await once(server, 'exit')
  const deliveries = BROADCASTS * CLIENTS
  return { cpu: cpu / deliveries, rate: deliveries / seconds }
}

/** A client that speaks as much of Socket.IO's protocol as is needed to receive events. */
function connect(url: string, onEvent: () => void): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('message', data => {
      const text = String(data)
      if (text.startsWith('0')) socket.send('40')
      else if (text.startsWith('40')) resolve(socket)
      else if (text.startsWith('42')) onEvent()
      else if (text === '2') socket.send('3')
    })
  })
}

/** Microseconds of CPU that a server has used. */
async function cpuOf(server: ChildProcess): Promise<number> {
  server.send('cpu')
  const [{ user, system }] = (await once(server, 'message')) as [NodeJS.CpuUsage]
  return user + system
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}
