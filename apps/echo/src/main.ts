#!/usr/bin/env node
// ws-echo: reads the command line, starts the server, says where it is, and ends it when asked.

import { readFileSync } from 'node:fs'
import { type Echo, startEcho } from './echo.ts'
import { type EchoOptions, HELP, readCommand, UsageError } from './options.ts'

/** Exit statuses: it could not start; it was called wrongly. */
const FAILED = 1
const MISUSED = 2

async function main(args: readonly string[]): Promise<void> {
  const command = readCommand(args)
  if (command.kind === 'help') process.stdout.write(HELP)
  else if (command.kind === 'version') console.log(readVersion())
  else await run(command.options)
}

async function run(options: EchoOptions): Promise<void> {
  const echo = await startEcho(options)
  // Before it says where it is: who has read that may tell it to end.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(echo))
  console.log(describe(echo, options))
}

function stop(echo: Echo): void {
  // A second signal, now without a listener of ours, ends the process at once.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeAllListeners(signal)
  echo.close().catch(fail)
}

function describe({ port, addresses }: Echo, { host, socket }: EchoOptions): string {
  if (socket !== undefined) {
    return `ws-echo: everything you send comes back.
  socket     ${socket}
Open to every process that may write to it. Press Ctrl-C to stop.`
  }
  const name = host === undefined ? 'localhost' : nameOf(addresses[0]!)
  const reach =
    host === undefined
      ? 'Only this machine can connect; --host 0.0.0.0 opens it to the network. Press Ctrl-C to stop.'
      : `Open to everyone who can reach ${host} on port ${port}, pages and programs alike. Press Ctrl-C to stop.`
  return [
    'ws-echo: everything you send comes back.',
    `  page       http://${name}:${port}`,
    `  WebSocket  ws://${name}:${port}`,
    reach,
  ].join('\n')
}

/** How a browser on this machine calls an address. */
function nameOf(address: string): string {
  if (address === '0.0.0.0' || address === '::') return 'localhost'
  return address.includes(':') ? `[${address}]` : address
}

function readVersion(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  )
  return manifest.version
}

/** What Node says of an address that it could not listen on. */
type ListenError = Error & Partial<Record<'code' | 'port' | 'address' | 'hostname', string>>

function fail(error: unknown): void {
  const { code, port, address, hostname, message } = error as ListenError
  const isFile = Number(port) === -1
  const reasons: Record<string, string> = isFile
    ? {
        EADDRINUSE: `--socket ${address} is in use, or is another file`,
        EACCES: `--socket ${address} cannot be created: its folder must exist and be writable`,
        EINVAL: `--socket ${address} is too long for the path of a socket`,
      }
    : {
        EADDRINUSE: `port ${port} is in use: choose another with --port, or --port 0 for any free port`,
        EACCES: `port ${port} needs rights that this user does not have: choose one from 1024 up with --port`,
        EADDRNOTAVAIL: `--host ${address} is no address of this machine`,
        ENOTFOUND: `--host ${hostname} is the name of no machine`,
      }
  console.error(`ws-echo: ${(code !== undefined && reasons[code]) || message}`)
  process.exitCode = error instanceof UsageError ? MISUSED : FAILED
}

main(process.argv.slice(2)).catch(fail)
