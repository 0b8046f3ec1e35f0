// Parses the command line and the environment into a command, or throws an error of one line that
// says what was expected. Runs nothing.

import { parseArgs } from 'node:util'
import type { AdminChange } from './admin.ts'
import type { CommandName } from './help.ts'
import { OPTIONS, type Option, type ProgramOptions, type Store, variableOf } from './options.ts'
import { Expected } from './values.ts'

/** A parsed command line. */
export type Command =
  | { readonly kind: 'run'; readonly options: ProgramOptions }
  | { readonly kind: 'backup'; readonly from: string; readonly to: string }
  /** `command`: of that one alone. */
  | { readonly kind: 'help'; readonly command?: CommandName }
  | { readonly kind: 'version' }
  | ({ readonly kind: 'admin' } & AdminChange)

/** An error in the command line or the environment. Its message is one line for the operator. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The variables of a process, `process.env` for one. */
export type Environment = Readonly<Record<string, string | undefined>>

type Name = keyof typeof OPTIONS

/** The options that say where data is kept. */
const STORES = ['data', 'redis', 'memory'] as const

const NO_REDIS_BACKUP =
  'backup copies the file of a chat; Redis copies its own data: redis-cli -u URL --rdb FILE writes all of it to a file'

type Flags = Readonly<Partial<Record<string, string | boolean>>>

/** Reads a command line (without the program's name). Throws a `UsageError`. */
export function readCommand(args: readonly string[], environment: Environment): Command {
  // `pnpm chat -- --help` passes on the `--` that ends the options of the package manager.
  const { values: flags, positionals } = parse(args[0] === '--' ? args.slice(1) : args)
  const [word, ...rest] = positionals
  if (flags.help) return { kind: 'help', ...(isCommandName(word) && { command: word }) }
  if (flags.version) return { kind: 'version' }
  if (word === undefined) return { kind: 'run', options: readOptions(new Settings(flags, environment)) }
  if (!isCommandName(word)) throw misuse(`unexpected argument ${quote(word)}`)
  return COMMANDS[word](rest, flags, environment)
}

const COMMANDS = { backup: readBackup, admin: readAdmin }

function isCommandName(word: string | undefined): word is CommandName {
  return word !== undefined && Object.hasOwn(COMMANDS, word)
}

function parse(args: readonly string[]): { values: Flags; positionals: readonly string[] } {
  const rows = Object.entries<Option<unknown>>(OPTIONS)
  const named = rows.map(
    ([name, { value }]) => [name, { type: value === undefined ? 'boolean' : 'string' }] as const,
  )
  const options = {
    ...Object.fromEntries(named),
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean' },
  } as const
  try {
    return parseArgs({ args: joinValues(args), options, allowPositionals: true })
  } catch (error) {
    // The first sentence of Node's message is the problem; the rest says how to escape a dash.
    const [sentence = ''] = String((error as Error).message).split(/\. |\n/)
    throw misuse(sentence)
  }
}

/**
 * The command line with each value joined to its option, so that values may begin with a dash:
 * their option reports errors better than Node.
 */
function joinValues(args: readonly string[]): string[] {
  const joined: string[] = []
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!
    const value = takesValue(arg) ? args[at + 1] : undefined
    if (takesValue(arg) && (value === undefined || isOption(value)))
      throw misuse(`${arg} needs a value: ${arg} ${OPTIONS[arg.slice(2) as Name].value}`)
    joined.push(value === undefined ? arg : `${arg}=${value}`)
    if (value !== undefined) at++
  }
  return joined
}

function takesValue(arg: string): boolean {
  const name = arg.slice(2)
  return arg.startsWith('--') && Object.hasOwn(OPTIONS, name) && OPTIONS[name as Name].value !== undefined
}

/** Whether an argument is an option rather than the value of one. */
function isOption(arg: string): boolean {
  return arg === '-h' || arg.startsWith('--')
}

function readOptions(settings: Settings): ProgramOptions {
  const store = readStore(settings)
  const admins = settings.value('admin')
  if (admins.length > 0 && store.kind !== 'memory')
    throw new UsageError(
      `${settings.source('admin')} works only with --memory: add admins with ws-chat admin add NAME`,
    )
  return {
    port: settings.value('port'),
    host: settings.value('host'),
    socket: readSocket(settings),
    hosts: settings.value('hosts'),
    metrics: settings.value('metrics'),
    store,
    auth: settings.value('auth'),
    admins,
    origin: settings.value('origin'),
    writeRate: settings.value('rate'),
    limits: readLimits(settings),
    maxSockets: settings.value('max-connections'),
    maxSocketsPerAddress: settings.value('max-per-address'),
    trustProxy: settings.value('trust-proxy'),
    keep: settings.value('keep'),
    deflate: !settings.value('no-deflate'),
    drain: settings.value('drain'),
    log: settings.value('log'),
  }
}

function readLimits(settings: Settings): ProgramOptions['limits'] {
  const addressWrites = settings.value('address-rate')
  return {
    newAccounts: settings.value('account-rate'),
    newRooms: settings.value('room-rate'),
    logins: settings.value('login-rate'),
    reads: settings.value('read-rate'),
    searches: settings.value('search-rate'),
    ...(addressWrites !== undefined && { addressWrites }),
  }
}

/** A socket excludes a port and a host, but the command line overrides the environment. */
function readSocket(settings: Settings): string | undefined {
  const socket = settings.source('socket')
  const other = settings.source('port') ?? settings.source('host')
  if (socket === undefined) return undefined
  if (other === undefined) return settings.value('socket')
  if (isFlag(socket) !== isFlag(other)) return isFlag(socket) ? settings.value('socket') : undefined
  throw misuse(`${socket} and ${other} exclude each other`)
}

/**
 * A file, a Redis and memory exclude each other, but the command line overrides the environment.
 */
function readStore(settings: Settings): Store {
  const wantsMemory = settings.value('memory')
  const given = STORES.filter(
    name => settings.source(name) !== undefined && (name !== 'memory' || wantsMemory),
  )
  const flags = given.filter(name => isFlag(settings.source(name)))
  const [name, other] = flags.length > 0 ? flags : given
  if (name !== undefined && other !== undefined)
    throw misuse(`${settings.source(name)} and ${settings.source(other)} exclude each other`)
  const address = settings.value('redis')
  if (name === 'redis' && address !== undefined) return { kind: 'redis', address }
  return name === 'memory' ? { kind: 'memory' } : { kind: 'file', file: settings.value('data') }
}

function isFlag(source: string | undefined): boolean {
  return source?.startsWith('-') === true
}

function readBackup([to, ...rest]: readonly string[], flags: Flags, environment: Environment): Command {
  if (to === undefined || to.trim() === '') throw misuse('backup needs the name of the file to write')
  refuseMore('backup', rest)
  const settings = new Settings(flags, environment)
  if (readStore(settings).kind === 'redis') throw new UsageError(NO_REDIS_BACKUP)
  refuseOptions('backup', flags, ['data'])
  return { kind: 'backup', from: settings.value('data'), to }
}

function readAdmin([op, nick, ...rest]: readonly string[], flags: Flags, environment: Environment): Command {
  if (op !== 'add' && op !== 'remove') throw misuse('admin needs add or remove, and a name')
  if (nick === undefined || nick.trim() === '')
    throw misuse(`admin ${op} needs the name of a registered user`)
  refuseMore('admin', rest, '; put a name with spaces in quotes')
  refuseOptions('admin', flags, ['data', 'redis', 'memory'])
  const store = readStore(new Settings(flags, environment))
  if (store.kind === 'memory')
    throw new UsageError('a chat in memory has no stored data: name its admins with --admin when it starts')
  return { kind: 'admin', op, nick: nick.trim(), store }
}

function refuseMore(command: CommandName, [next]: readonly string[], hint = ''): void {
  if (next !== undefined) throw misuse(`unexpected argument ${quote(next)} after ${command}${hint}`)
}

function refuseOptions(command: CommandName, flags: Flags, allowed: readonly string[]): void {
  const other = Object.keys(flags).find(name => !allowed.includes(name))
  if (other !== undefined) throw misuse(`${command} knows no --${other}`)
}

/** The options as they were given, in the command line or else in the environment. */
class Settings {
  readonly #flags: Flags
  readonly #environment: Environment

  constructor(flags: Flags, environment: Environment) {
    this.#flags = flags
    this.#environment = environment
  }

  /** Where an option was given: `--port` or `CHAT_PORT`; undefined if it was not. */
  source(name: Name): string | undefined {
    if (this.#flags[name] !== undefined) return `--${name}`
    return this.#environment[variableOf(name)] ? variableOf(name) : undefined
  }

  value<N extends Name>(name: N): (typeof OPTIONS)[N]['default'] {
    const { read, default: byDefault, isSecret } = OPTIONS[name] as Option<(typeof OPTIONS)[N]['default']>
    const source = this.source(name)
    if (source === undefined) return byDefault
    const text = String(this.#flags[name] ?? this.#environment[source])
    try {
      return read(text)
    } catch (error) {
      if (!(error instanceof Expected)) throw error
      const given = isSecret ? '' : `, not ${quote(text)}`
      throw new UsageError(`${source} must be ${error.message}${given}`)
    }
  }
}

function misuse(what: string): UsageError {
  return new UsageError(`${what}; ws-chat --help lists the options`)
}

/** A text as one short line. */
function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text)
}
