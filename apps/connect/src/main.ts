#!/usr/bin/env node
// ws-connect: reads the command line, talks to a server, and ends with a status that says how it went.

import { readFileSync } from 'node:fs'
import { clearLine, createInterface, cursorTo, type Interface } from 'node:readline'
import { ConnectError, HandshakeError } from '@ws/client'
import { converse, Lines } from './conversation.ts'
import { HELP, type Options, readCommand, UsageError } from './options.ts'
import { Terminal } from './terminal.ts'

/** Exit statuses: no connection; a wrong command line; closed with another code than 1000. */
const NO_CONNECTION = 1
const MISUSED = 2
const CLOSED = 3

/** Characters of the body of a rejection that are shown. */
const SHOWN_BODY = 2000

async function main(args: readonly string[]): Promise<void> {
  const command = readCommand(args)
  if (command.kind === 'help') process.stdout.write(HELP)
  else if (command.kind === 'version') console.log(readVersion())
  else process.exitCode = await run(command.options)
}

async function run(options: Options): Promise<number> {
  const terminal = new Terminal(process, options.json)
  const controller = new AbortController()
  const stop = (): void => {
    // A second signal ends the process at once.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, stop)
    controller.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
  const input = options.messages.length === 0 ? openInput(terminal, stop) : undefined
  try {
    const lines = new Lines(input ?? listOf(options.messages))
    const report = await converse(options, terminal, lines, controller.signal)
    const isExpected = report === undefined || report.code === 1000 || report.code === 1005
    return isExpected ? 0 : CLOSED
  } catch (error) {
    if (controller.signal.aborted) return 0
    // The client has found a value of the command line to be wrong.
    if (error instanceof TypeError) throw new UsageError(error.message, { cause: error })
    await explain(error, terminal)
    return NO_CONNECTION
  } finally {
    input?.close()
    process.stdin.destroy()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, stop)
  }
}

async function* listOf(messages: readonly string[]): AsyncGenerator<string> {
  yield* messages
}

/** The lines of the standard input, with a prompt on a terminal. */
function openInput(terminal: Terminal, stop: () => void): Interface {
  const { stdin, stdout } = process
  if (!stdin.isTTY || !stdout.isTTY) return createInterface({ input: stdin, terminal: false })
  const input = createInterface({ input: stdin, output: stdout, prompt: '> ' })
  input.on('SIGINT', stop)
  terminal.print = write => {
    clearLine(stdout, 0)
    cursorTo(stdout, 0)
    write()
    input.prompt(true)
  }
  input.on('line', () => input.prompt())
  return input
}

/** Says why there is no connection. */
async function explain(error: unknown, terminal: Terminal): Promise<void> {
  const isExpected = error instanceof ConnectError || error instanceof HandshakeError
  terminal.note(isExpected ? error.message : String(error instanceof Error ? error.stack : error), 'red')
  if (!(error instanceof HandshakeError) || error.response === undefined) return
  const body = (await error.response.text()).trim()
  if (body !== '') terminal.note(body.slice(0, SHOWN_BODY))
}

function readVersion(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  )
  return manifest.version
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`ws-connect: ${(error as Error).message}`)
  process.exitCode = error instanceof UsageError ? MISUSED : NO_CONNECTION
})
