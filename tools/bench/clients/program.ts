// What the clients of this folder have in common: each says that it is ready, gets a job as a line, and answers with a line.

import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

/** What a client does. */
export interface ClientJob {
  readonly url: string
  /** Echoes on open connections, or connections that are opened and closed. */
  readonly kind: 'echo' | 'connect'
  readonly connections: number
  /** Bytes of a message, text up to 4 KiB and binary above. */
  readonly size: number
  /** Messages that each connection has on their way. */
  readonly inFlight: number
  /** Milliseconds before the measurement, and of the measurement. */
  readonly warmup: number
  readonly duration: number
}

/** What it has done. */
export interface ClientResult {
  readonly count: number
  readonly seconds: number
  /** CPU seconds of the client's process. */
  readonly cpu: number
}

/** The folder of the packages of this client. */
export const packages: string = process.argv[2] ?? ''

/** A client: opens a connection, and calls `received` for each message. */
export type Open = (
  url: string,
  received: () => void,
) => Promise<{
  send(message: string | Uint8Array): void
  /** Closes, and waits for the end. */
  close(): Promise<void>
}>

/** Waits for a job, does it, and prints the result. */
export async function serve(open: Open): Promise<void> {
  const lines = createInterface({ input: process.stdin })
  console.log('ready')
  const [line] = (await once(lines, 'line')) as [string]
  const job = JSON.parse(line) as ClientJob
  let count = 0
  const done = (): void => {
    count++
  }
  await (job.kind === 'echo' ? echo(open, job, done) : connectOverAndOver(open, job, done))
  await sleep(job.warmup)
  const before = { count, cpu: process.cpuUsage(), now: performance.now() }
  await sleep(job.duration)
  const { user, system } = process.cpuUsage(before.cpu)
  const result: ClientResult = {
    count: count - before.count,
    seconds: (performance.now() - before.now) / 1000,
    cpu: (user + system) / 1e6,
  }
  console.log(JSON.stringify(result))
  process.exit()
}

async function echo(
  open: Open,
  { url, connections, size, inFlight }: ClientJob,
  done: () => void,
): Promise<void> {
  const message = size <= 4096 ? 'x'.repeat(size) : new Uint8Array(size)
  for (let i = 0; i < connections; i++) {
    const connection = await open(url, () => {
      done()
      connection.send(message)
    })
    for (let sent = 0; sent < inFlight; sent++) connection.send(message)
  }
}

async function connectOverAndOver(
  open: Open,
  { url, connections }: ClientJob,
  done: () => void,
): Promise<void> {
  const loop = async (): Promise<never> => {
    for (;;) {
      const connection = await open(url, () => {})
      await connection.close()
      done()
    }
  }
  for (let i = 0; i < connections; i++) void loop()
}
