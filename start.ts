// Runs both programs of apps/ side by side, each line of theirs behind its name, and ends them together: when it is told to, or when
// one of them has ended. Its exit status is 0 only where all went well. What they are told is in the environment: ECHO_PORT for the one,
// CHAT_PORT and the like for the other.

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

const { ECHO_PORT } = process.env

const PROGRAMS = [
  { name: 'echo', command: ['apps/echo/src/main.ts', ...(ECHO_PORT ? ['--port', ECHO_PORT] : [])] },
  { name: 'chat', command: ['apps/chat/src/main.ts', '--log', 'pretty'] },
]

let isEnding = false
const children: ChildProcess[] = PROGRAMS.map(({ name, command }) => {
  // Detached: Ctrl-C is for this process, which passes it on once. A program would take a second one as haste.
  const child = spawn(process.execPath, command, {
    cwd: import.meta.dirname,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  relay(name, child.stdout, process.stdout)
  relay(name, child.stderr, process.stderr)
  child.on('close', (status, signal) => onEnd(name, status, signal))
  return child
})

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, endAll)
process.stdout.on('error', () => isEnding || endAll())

function relay(name: string, from: Readable, to: NodeJS.WriteStream): void {
  createInterface(from).on('line', line => to.write(`${name} │ ${line}\n`))
}

function onEnd(name: string, status: number | null, signal: NodeJS.Signals | null): void {
  if (status !== 0) process.exitCode = status ?? 1
  if (isEnding && status === 0) return
  console.error(`${name} has ended, ${signal === null ? `with status ${status}` : `by ${signal}`}`)
  if (!isEnding) endAll()
}

/** Programs that have ended already take no notice. */
function endAll(): void {
  isEnding = true
  for (const child of children) child.kill('SIGTERM')
}
