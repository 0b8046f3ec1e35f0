// Runs both programs of apps/ side by side, each line of theirs behind its name, and ends them
// together: on a signal, when one of them has ended, or when this process is killed. It takes no
// options: ECHO_PORT, ECHO_HOST and the CHAT_ variables of `ws-chat --help` are in the environment.

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

const VARIABLES = 'ECHO_PORT, ECHO_HOST, CHAT_PORT, CHAT_HOST and the other CHAT_ variables of ws-chat --help'

/** Ends a program when its standard input ends: the other end of it is here, and ends with this process. */
const END_WITH_PARENT =
  "data:text/javascript,process.stdin.on('end',()=>process.kill(process.pid,'SIGTERM')).resume().unref()"

const { ECHO_PORT, ECHO_HOST } = process.env

const PROGRAMS = [
  {
    name: 'echo',
    command: [
      'apps/echo/src/main.ts',
      ...(ECHO_PORT ? ['--port', ECHO_PORT] : []),
      ...(ECHO_HOST ? ['--host', ECHO_HOST] : []),
    ],
  },
  { name: 'chat', command: ['apps/chat/src/main.ts', '--log', 'pretty'] },
] as const

/** The link of each program: known, and known to be listening. */
const pending = new Map<string, string>()
const links = new Map<string, string>()
const children: ChildProcess[] = []
let isEnding = false

const [first, ...others] = process.argv.slice(2).filter((arg, i) => i > 0 || arg !== '--')
if (first === undefined) startAll()
else {
  const isHelp = ['--help', '-h'].includes(first) && others.length === 0
  const text = `pnpm start runs the echo server and the chat. It takes no options, but ${VARIABLES} in the environment.`
  if (isHelp) console.log(text)
  else console.error(`unexpected argument ${JSON.stringify(first)}. ${text}`)
  process.exitCode = isHelp ? 0 : 2
}

function startAll(): void {
  for (const { name, command } of PROGRAMS) children.push(start(name, command))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, endAll)
  process.stdout.on('error', () => isEnding || endAll())
}

function start(name: string, command: readonly string[]): ChildProcess {
  // Detached: Ctrl-C is for this process, which passes it on once. A program would take a second one as haste.
  const child = spawn(process.execPath, ['--import', END_WITH_PARENT, ...command], {
    cwd: import.meta.dirname,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  relayOutput(name, child.stdout)
  createInterface(child.stderr).on('line', line =>
    process.stderr.write(`${name} │ ${withVariables(name, line)}\n`),
  )
  child.stdin.on('error', () => {})
  child.on('close', (status, signal) => onEnd(name, status, signal))
  return child
}

/** What a program says of itself is about options that are not taken here: only its link is printed. */
function relayOutput(name: string, output: Readable): void {
  createInterface(output).on('line', line => {
    const isWelcome = !links.has(name) && /^(?:ws-\w+: | {2}\w+ {2,})/.test(line)
    const isHint = line.endsWith('Press Ctrl-C to stop.')
    const [, link] = /^ {2}(?:page|socket) +(\S+)$/.exec(line) ?? []
    if (link !== undefined) pending.set(name, link)
    if (isHint) onReady(name)
    else if (!isWelcome) process.stdout.write(`${name} │ ${line}\n`)
  })
}

/** `--port` of a program is `CHAT_PORT` or `ECHO_PORT` here. */
function withVariables(name: string, line: string): string {
  return line.replaceAll(/--([a-z]+(?:-[a-z]+)*)/g, (_, option: string) =>
    `${name}_${option.replaceAll('-', '_')}`.toUpperCase(),
  )
}

function onReady(name: string): void {
  links.set(name, pending.get(name) ?? '')
  if (links.size < PROGRAMS.length || isEnding) return
  const lines = PROGRAMS.map(program => `${program.name}  ${links.get(program.name)}\n`)
  process.stdout.write(
    `\nTo change where they listen, set ${VARIABLES}. Ctrl-C stops both.\n\n${lines.join('')}`,
  )
}

/** The end of the others, which follows the first, is no fault. */
function onEnd(name: string, status: number | null, signal: NodeJS.Signals | null): void {
  if (isEnding && (status === 0 || signal === 'SIGTERM')) return
  process.exitCode ||= status ?? 1
  console.error(`${name} has ended, ${signal === null ? `with status ${status}` : `by ${signal}`}`)
  if (!isEnding) endAll()
}

/** Programs that have ended already take no notice. */
function endAll(): void {
  isEnding = true
  for (const child of children) child.kill('SIGTERM')
}
