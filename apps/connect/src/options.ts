// The command line of ws-connect: texts to options, or to one line that says what was expected.

import { parseArgs } from 'node:util'

/** What to connect to, and how to talk. */
export interface Options {
  readonly url: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly origin: string | undefined
  readonly subprotocols: readonly string[]
  /** A URL, `env`, or undefined for none. */
  readonly proxy: string | undefined
  /** Messages to send before the end; lines of the input are read without them. */
  readonly messages: readonly string[]
  /** Milliseconds to wait for answers after the last message, before closing. */
  readonly wait: number
  readonly binary: boolean
  readonly json: boolean
  readonly reconnect: boolean
  /** Milliseconds between pings whose answers are shown. */
  readonly ping: number | undefined
  readonly frames: boolean
  readonly deflate: boolean
  /** Whether certificates are verified. */
  readonly verify: boolean
}

/** What a command line asks for. */
export type Command =
  | { readonly kind: 'run'; readonly options: Options }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }

/** A mistake in the command line; its message is one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The page behind `--help`. */
export const HELP = `ws-connect: a WebSocket client for the terminal

  ws-connect [options] URL

Sends each line of the input as a message, and prints each message that is received. Ends with the input, or with Ctrl-C.
URL begins with ws:, wss:, http:, https: or ws+unix:, or is a host.

  -H, --header 'NAME: VALUE'  header of the request; may be repeated
  --origin ORIGIN             origin of the request
  -s, --subprotocol NAME      subprotocol to offer; may be repeated
  --proxy URL                 proxy (http:, https:, socks5: or socks5h:), or env for that of the environment (env)
  --no-proxy                  no proxy
  -x, --execute MESSAGE       send MESSAGE instead of lines, and end; may be repeated
  -w, --wait SECONDS          wait for answers before the end (0)
  --binary                    send binary messages
  --json                      send only lines that are JSON, and print JSON indented
  --reconnect                 connect again when the connection ends or fails
  --ping SECONDS              send pings, and show how long the answers take
  --frames                    show each frame: time, direction, opcode, flags, length
  --no-deflate                do not offer permessage-deflate
  -k, --insecure              accept certificates that are not trusted
  --help                      this page
  --version                   the version

Exit status: 0 closed with 1000 or without a code, 1 no connection, 2 wrong command line, 3 closed with another code.
`

const NAMES = {
  header: { type: 'string', short: 'H', multiple: true },
  origin: { type: 'string' },
  subprotocol: { type: 'string', short: 's', multiple: true },
  proxy: { type: 'string' },
  'no-proxy': { type: 'boolean' },
  execute: { type: 'string', short: 'x', multiple: true },
  wait: { type: 'string', short: 'w' },
  binary: { type: 'boolean' },
  json: { type: 'boolean' },
  reconnect: { type: 'boolean' },
  ping: { type: 'string' },
  frames: { type: 'boolean' },
  'no-deflate': { type: 'boolean' },
  insecure: { type: 'boolean', short: 'k' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const

/** Reads a command line, without the program's name. Throws a `UsageError`. */
export function readCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args)
  if (values.help) return { kind: 'help' }
  if (values.version) return { kind: 'version' }
  const [url] = positionals
  if (url === undefined || positionals.length > 1)
    throw new UsageError(`expected one URL, got ${positionals.length} (--help lists the options)`)
  return {
    kind: 'run',
    options: {
      url: /^(?:[a-z][a-z+]*:\/\/|ws\+unix:)/i.test(url) ? url : `ws://${url}`,
      headers: (values.header ?? []).map(readHeader),
      origin: values.origin,
      subprotocols: values.subprotocol ?? [],
      proxy: values['no-proxy'] ? undefined : (values.proxy ?? 'env'),
      messages: values.execute ?? [],
      wait: readSeconds('--wait', values.wait) ?? 0,
      binary: values.binary ?? false,
      json: values.json ?? false,
      reconnect: values.reconnect ?? false,
      ping: readSeconds('--ping', values.ping, 0.001),
      frames: values.frames ?? false,
      deflate: !values['no-deflate'],
      verify: !values.insecure,
    },
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: NAMES, allowPositionals: true })
  } catch (error) {
    const [sentence] = (error as Error).message.split('. ')
    throw new UsageError(`${sentence} (--help lists the options)`)
  }
}

function readHeader(text: string): readonly [string, string] {
  const colon = text.indexOf(':')
  if (colon < 1) throw new UsageError(`--header must be 'NAME: VALUE', got ${JSON.stringify(text)}`)
  // The characters of a header stand for bytes.
  const value = Buffer.from(text.slice(colon + 1).trim()).toString('latin1')
  return [text.slice(0, colon).trim(), value]
}

function readSeconds(name: string, text: string | undefined, least = 0): number | undefined {
  if (text === undefined) return undefined
  const seconds = text.trim() === '' ? Number.NaN : Number(text)
  if (!(seconds >= least && seconds <= 86_400))
    throw new UsageError(
      `${name} must be a number of seconds from ${least} to 86400, got ${JSON.stringify(text)}`,
    )
  return seconds * 1000
}
