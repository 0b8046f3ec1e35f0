// The command line: commands and options.

import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import { listCases } from './commands/cases.ts'
import { testClient } from './commands/client.ts'
import { runOneCase } from './commands/run.ts'
import { testServer } from './commands/server.ts'
import type { FinishOptions } from './finish.ts'
import { checkTarget, type Target } from './roles/target.ts'

/** The program. `onStatus` gets the exit status of a command. */
export function createProgram(onStatus: (status: number) => void): Command {
  const program = new Command('ws-conformance')
    .description('Tests WebSocket servers and clients against RFC 6455 and RFC 7692.')
    .version(readVersion())
    .exitOverride()
    .showHelpAfterError('(ws-conformance --help lists the commands and options)')

  withTarget(withReports(withSelection(program.command('server'))))
    .description('test a server that echoes messages')
    .argument('<url>', 'its address: ws://localhost:9001', readUrl)
    .option('--jobs <n>', 'cases at the same time', readCount, 16)
    .option('--chop <octets>', 'write everything in pieces of this many octets', readSize)
    .option('--agent <name>', 'name of the implementation in reports (default: its Server header)')
    .option('--patience <seconds>', 'end a case without progress after this time', readSeconds, 10_000)
    .option('--yes', 'send hostile messages to a host that is not this machine', false)
    .action(async (url: URL, options: SelectionOptions & FinishOptions & TargetOptions & ServerFlags) => {
      onStatus(await testServer({ ...options, target: toTarget(url, options) }))
    })

  withReports(withSelection(program.command('client')))
    .description('test a client: a server for the drivers of clients, which ask for cases and echo')
    .argument('[command...]', 'a command that starts the client under test; it is ended with the run')
    .option('--port <n>', 'port to listen on; 0 takes any that is free', readPort, 9001)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--patience <seconds>', 'end a case without progress after this time', readSeconds, 10_000)
    .action(async (command: string[], options: SelectionOptions & FinishOptions & ClientFlags) => {
      onStatus(await testClient({ ...options, command }))
    })

  withSelection(program.command('cases'))
    .description('list the cases, or explain those that --only selects')
    .option('--explain', 'show what each case sends and what it expects', false)
    .option('--json', 'print the cases as data', false)
    .action((options: SelectionOptions & { explain: boolean; json: boolean }) => listCases(options))

  withTarget(program.command('run'))
    .description('run one case against a server and explain the verdict')
    .argument('<case>', 'its id: 5.19')
    .argument('[url]', 'the address of the server', readUrl, new URL('ws://localhost:9001'))
    .option('--trace', 'show the exchange frame by frame', false)
    .option('--patience <seconds>', 'end a case without progress after this time', readSeconds, 10_000)
    .option('--yes', 'send hostile messages to a host that is not this machine', false)
    .action(async (id: string, url: URL, options: TargetOptions & RunFlags) => {
      onStatus(await runOneCase(id, { ...options, target: toTarget(url, options) }))
    })
  return program
}

interface SelectionOptions {
  readonly only?: string[]
  readonly exclude?: string[]
}

interface TargetOptions {
  readonly subprotocol: string[]
  readonly header: (readonly [string, string])[]
  readonly insecure: boolean
}

interface ServerFlags {
  readonly jobs: number
  readonly chop?: number
  readonly agent?: string
  readonly patience: number
  readonly yes: boolean
}

interface ClientFlags {
  readonly port: number
  readonly host: string
  readonly patience: number
}

interface RunFlags {
  readonly trace: boolean
  readonly patience: number
  readonly yes: boolean
}

function withSelection(command: Command): Command {
  return command
    .option('--only <patterns>', 'cases to run: 1.*,5.20', readList)
    .option('--exclude <patterns>', 'cases to leave out: 9.*,12.*,13.*', readList)
}

function withReports(command: Command): Command {
  return command
    .option('--out <dir>', 'write index.json, a JSON per case and report.html here')
    .option('--junit <file>', 'write a JUnit XML report')
    .option('--strict', 'count verdicts that are not strict, and wrong closing, as failures', false)
    .option('--expect <file>', 'fail only if a verdict differs from this file')
    .option('--update', 'write the file of --expect', false)
}

function withTarget(command: Command): Command {
  return command
    .option('--subprotocol <name>', 'offer a subprotocol; repeatable', collect, [])
    .option('--header <field>', 'send a header field, as "Name: value"; repeatable', collectHeader, [])
    .option('--insecure', 'accept certificates that cannot be verified', false)
}

function toTarget(url: URL, { header, subprotocol, insecure }: TargetOptions): Target {
  const target = { url, headers: header, subprotocols: subprotocol, insecure }
  checkTarget(target)
  return target
}

function readList(text: string): string[] {
  const list = text.split(',').map(each => each.trim())
  if (list.every(each => each !== '')) return list
  throw new InvalidArgumentError('Expected ids or patterns, separated by commas.')
}

function collect(text: string, before: readonly string[]): string[] {
  return [...before, text]
}

function collectHeader(
  text: string,
  before: readonly (readonly [string, string])[],
): (readonly [string, string])[] {
  const colon = text.indexOf(':')
  if (colon > 0) return [...before, [text.slice(0, colon), text.slice(colon + 1).trim()]]
  throw new InvalidArgumentError('Expected "Name: value".')
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && (url.protocol === 'ws:' || url.protocol === 'wss:') && url.hash === '') return url
  throw new InvalidArgumentError('Expected an address such as ws://localhost:9001.')
}

function readPort(text: string): number {
  return readInteger(text, 0, 65_535)
}

function readCount(text: string): number {
  return readInteger(text, 1, 1000)
}

function readSize(text: string): number {
  return readInteger(text, 1, 65_536)
}

/** Seconds, as milliseconds. */
function readSeconds(text: string): number {
  return 1000 * readInteger(text, 1, 3600)
}

function readInteger(text: string, least: number, most: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw new InvalidArgumentError(`Expected an integer from ${least} to ${most}.`)
}

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
