// The command line of ws-echo: texts to options, or to one line that says what was expected.

import { parseArgs } from 'node:util'
import { type HostPolicy, type OriginPolicy, WebSocketServer } from '@ws/server'
import { type BenchLimits, DEFAULT_LIMITS } from './bench/limits.ts'
import type { SubprotocolPolicy } from './bench/subprotocol.ts'
import { readSize, readTime, ValueError } from './bench/values.ts'

/** How an echo server is run. */
export interface EchoOptions {
  /** 0 takes any port that is free. */
  readonly port: number
  /** The address to listen on; loopback of both families when left out. */
  readonly host: string | undefined
  /** The path of a Unix socket to listen on, instead of a port. */
  readonly socket: string | undefined
  /** The names that the server answers to; those of `WebSocketServer` when left out. */
  readonly hosts: HostPolicy | undefined
  /** The longest message in bytes. */
  readonly maxMessageSize: number
  /** Which pages may connect. */
  readonly origin: OriginPolicy
  /** Most sockets at a time, and from one address; `Infinity` for no limit. */
  readonly maxSockets: number
  readonly maxSocketsPerAddress: number
  /** Whether messages are compressed for who offers it (RFC 7692). */
  readonly deflate: boolean
  /** Which of the subprotocols that a client offers is chosen. */
  readonly subprotocol: SubprotocolPolicy
  /** The limits of one connection, on every path but the plain echo. */
  readonly bench: BenchLimits
  /** Whether pages may record their connections; undefined for only on loopback. */
  readonly inspect: boolean | undefined
  /** Whether a line is written for each handshake and frame. */
  readonly verbose: boolean
}

/** What a command line asks for: to run, or to be told something. */
export type Command =
  | { readonly kind: 'run'; readonly options: EchoOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }

/** A mistake in the command line; its message is one line for the one who typed it. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The page behind `--help`. */
export const HELP = `ws-echo: a WebSocket echo server and test bench for clients, with a page to try it

  ws-echo [options]

  --port N              port to listen on; 0 takes any that is free (3368)
  --host ADDRESS        address to listen on; 0.0.0.0 or :: opens it to the network (loopback, IPv4 and IPv6)
  --socket PATH         Unix socket or Windows pipe to listen on, instead of a port
  --hosts LIST          names to answer to, such as echo.example,*.echo.example, or any; others get 421
                        (on loopback localhost, its subdomains, addresses and --host; elsewhere any)
  --max-message BYTES   longest message (16777216); a longer one closes the connection with 1009
  --origin POLICY       pages that may connect: any, same-host, or a list such as https://a.example,https://*.b.example (any)
  --max-connections N   most connections at a time; more are answered 503 (no limit)
  --max-per-address N   most connections from one IPv4 address or IPv6 /64; more are answered 429 (no limit)
  --no-deflate          compress nothing; without it, messages of 1 KiB and more are, for who offers permessage-deflate
  --subprotocol CHOICE  first of those that a client offers, none, or one by its NAME (first)
  --max-duration TIME   longest connection on a path other than / (10m); then it is closed with 1008
  --max-bytes SIZE      most bytes of messages in both directions of such a connection (100MB); then 1008
  --rate SIZE           most bytes per second that such a connection is sent (10MB)
  --inspect             let the page record its connections, which it does by default on loopback only
  --verbose             one line for each handshake and each frame
  --help                this page
  --version             the version
`

const NAMES = {
  port: { type: 'string' },
  host: { type: 'string' },
  socket: { type: 'string' },
  hosts: { type: 'string' },
  'max-message': { type: 'string' },
  origin: { type: 'string' },
  'max-connections': { type: 'string' },
  'max-per-address': { type: 'string' },
  'no-deflate': { type: 'boolean' },
  subprotocol: { type: 'string' },
  'max-duration': { type: 'string' },
  'max-bytes': { type: 'string' },
  rate: { type: 'string' },
  inspect: { type: 'boolean' },
  verbose: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const

/** The most bytes that a message can have: what one string can hold. */
const LONGEST_MESSAGE = 2 ** 29 - 24

/** Reads a command line (without the program's name). Throws a `UsageError`. */
export function readCommand(args: readonly string[]): Command {
  const values = parse(withoutDelimiter(args))
  if (values.help) return { kind: 'help' }
  if (values.version) return { kind: 'version' }
  const options: EchoOptions = {
    port: readNumber('--port', values.port, 0, 65_535) ?? 3368,
    host: values.host,
    socket: readSocket(values),
    hosts: readHosts(values.hosts),
    maxMessageSize: readNumber('--max-message', values['max-message'], 1, LONGEST_MESSAGE) ?? 16 * 2 ** 20,
    origin: readOrigin(values.origin),
    maxSockets: readNumber('--max-connections', values['max-connections'], 1) ?? Number.POSITIVE_INFINITY,
    maxSocketsPerAddress:
      readNumber('--max-per-address', values['max-per-address'], 1) ?? Number.POSITIVE_INFINITY,
    deflate: values['no-deflate'] !== true,
    subprotocol: readSubprotocol(values.subprotocol),
    bench: {
      maxDuration:
        readValue('--max-duration', values['max-duration'], text => readTime(text, 1)) ??
        DEFAULT_LIMITS.maxDuration,
      maxBytes:
        readValue('--max-bytes', values['max-bytes'], text => readSize(text, 1)) ?? DEFAULT_LIMITS.maxBytes,
      rate: readValue('--rate', values.rate, text => readSize(text, 1)) ?? DEFAULT_LIMITS.rate,
    },
    inspect: values.inspect,
    verbose: values.verbose === true,
  }
  return { kind: 'run', options }
}

/** `pnpm echo -- --help` and the like hand on the `--` that ends the options of a package manager. */
function withoutDelimiter(args: readonly string[]): readonly string[] {
  return args[0] === '--' ? args.slice(1) : args
}

function readSocket({ socket, port, host }: ReturnType<typeof parse>): string | undefined {
  if (socket === undefined) return undefined
  if (socket.trim() === '') throw new UsageError('--socket must be a path, not ""')
  const other = port === undefined ? host && '--host' : '--port'
  if (other !== undefined) throw new UsageError(`--socket and ${other} exclude each other`)
  return socket
}

function readHosts(text: string | undefined): HostPolicy | undefined {
  if (text === undefined || text === 'any') return text
  const hosts = text.split(',').map(host => host.trim())
  if (isAccepted({ hosts })) return hosts
  throw new UsageError(
    `--hosts must be any or a list of names such as echo.example,*.echo.example, without ports, not "${text}"`,
  )
}

/** Whether a server can be made with these options. It listens nowhere. */
function isAccepted(options: { readonly hosts?: HostPolicy; readonly origin?: OriginPolicy }): boolean {
  try {
    new WebSocketServer(options).stats()
    return true
  } catch {
    return false
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: NAMES }).values
  } catch (error) {
    // Node's message says what is wrong in its first sentence, and then how to escape a dash.
    const [sentence] = String((error as Error).message).split('. ')
    throw new UsageError(`${sentence}; ws-echo --help lists the options`)
  }
}

function readNumber(
  name: string,
  text: string | undefined,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`
  throw new UsageError(`${name} must be a whole number ${range}, not "${text}"`)
}

function readValue<Value>(
  name: string,
  text: string | undefined,
  read: (text: string) => Value,
): Value | undefined {
  if (text === undefined) return undefined
  try {
    return read(text)
  } catch (error) {
    if (error instanceof ValueError) throw new UsageError(`${name} ${error.message}`)
    throw error
  }
}

function readSubprotocol(text: string | undefined): SubprotocolPolicy {
  if (text === undefined) return 'first'
  if (text === 'first' || text === 'none') return text
  // A token (RFC 9110 §5.6.2), as the header takes it.
  if (/^[\w!#$%&'*+.^`|~-]+$/.test(text)) return { name: text }
  throw new UsageError(`--subprotocol must be first, none or the name of one, not ${JSON.stringify(text)}`)
}

function readOrigin(text: string | undefined): EchoOptions['origin'] {
  if (text === undefined || text === 'any') return 'any'
  if (text === 'same-host') return text
  const origins = text.split(',').map(origin => origin.trim())
  if (isAccepted({ origin: origins })) return origins
  throw new UsageError(
    `--origin must be any, same-host or a list of origins such as https://a.example, not "${text}"`,
  )
}
