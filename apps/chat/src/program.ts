// ws-chat after the version check: parses the command line, runs the command, and prints errors as
// one line.

import { readFileSync } from 'node:fs'
import { changeAdmin } from './command/admin.ts'
import { copyData } from './command/backup.ts'
import { type Environment, readCommand, UsageError } from './command/command.ts'
import { helpPage } from './command/help.ts'
import { runChat } from './command/run.ts'

/** Exit statuses: it could not start; it was called wrongly. */
const FAILED = 1
const MISUSED = 2

/**
 * Runs a command line (without the program's name) and an environment. Sets the exit status, and
 * never rejects.
 */
export async function runProgram(args: readonly string[], environment: Environment): Promise<void> {
  try {
    const command = readCommand(args, environment)
    if (command.kind === 'help') process.stdout.write(helpPage(command.command))
    else if (command.kind === 'version') console.log(readVersion())
    else if (command.kind === 'backup') await copyData(command.from, command.to)
    else if (command.kind === 'admin') await changeAdmin(command)
    else await runChat(command.options)
  } catch (error) {
    console.error(`ws-chat: ${reasonOf(error)}`)
    process.exitCode = error instanceof UsageError ? MISUSED : FAILED
  }
}

function readVersion(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  )
  return manifest.version
}

/** Node's error for an address that cannot be listened on. */
type ListenError = Error & Partial<Record<'code' | 'syscall' | 'port' | 'address' | 'hostname', string>>

function reasonOf(error: unknown): string {
  const { code, syscall = '', port, address, hostname, message } = error as ListenError
  const fileReasons: Record<string, string> = {
    EADDRINUSE: `--socket ${address} is in use, or is another file`,
    EACCES: `--socket ${address} cannot be created: its folder must exist and be writable`,
    EINVAL: `--socket ${address} is too long for the path of a socket`,
  }
  const reasons: Record<string, string> = {
    EADDRINUSE: `port ${port} is in use: choose another with --port, or --port 0 for any free port`,
    EACCES: `port ${port} needs privileges: choose one from 1024 up with --port`,
    EADDRNOTAVAIL: `--host ${address} is not an address of this machine`,
    ENOTFOUND: `--host ${hostname} could not be resolved`,
  }
  // A file can have the same codes.
  const isListening = ['listen', 'bind', 'getaddrinfo'].includes(syscall)
  const known = Number(port) === -1 ? fileReasons : reasons
  return (isListening ? known[code ?? ''] : undefined) ?? message.replaceAll('\n', ' ')
}
