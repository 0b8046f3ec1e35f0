// Starts server.ts in a process that ends at any rejection without a handler and any deprecation.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** Flags of Node for row L15. */
export const STRICT: readonly string[] = ['--unhandled-rejections=strict', '--throw-deprecation']

/** How the process ended. */
interface Remains {
  readonly status: number | null
  readonly stderr: string
  /** Names of resources that are left. */
  readonly handles: readonly string[]
  /** Bytes of buffers that are left. */
  readonly memory: number
}

export interface Started {
  readonly url: string
  /** Closes the server and ends the process. */
  stop(): Promise<Remains>
}

/** Starts it. Throws an `Error` if it ends before it listens. */
export async function startServer(kind: 'listen' | 'http' | 'https' | 'ws'): Promise<Started> {
  const child = spawn(process.execPath, [...STRICT, join(import.meta.dirname, 'server.ts'), kind])
  const closed = once(child, 'close') as Promise<[number | null]>
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', text => (stderr += text))
  const lines = readLines(child.stdout)
  const { value: url } = await lines.next()
  if (url === undefined) throw new Error(`the server did not start: ${stderr}`)
  return {
    url,
    async stop() {
      child.stdin.end()
      const { value: last } = await lines.next()
      const [status] = await closed
      const left = JSON.parse(last ?? '{"handles":[],"memory":0}') as Pick<Remains, 'handles' | 'memory'>
      return { status, stderr, ...left }
    },
  }
}

async function* readLines(stream: NodeJS.ReadableStream): AsyncGenerator<string, undefined> {
  let rest = ''
  for await (const chunk of stream) {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop()!
    yield* lines
  }
  return undefined
}
