// The `--help` page, generated from the table of options so that none can be missing.

import { OPTIONS, type Option } from './options.ts'

const WIDTH = 110

const COMMANDS = {
  backup: `ws-chat backup: copies the data of a chat to a new file, also while it runs

  ws-chat backup FILE [--data FILE]

  FILE         the file to write, which must not exist
  --data FILE  the file of the chat (./chat.db), or CHAT_DATA in the environment
`,
  admin: `ws-chat admin: makes a registered user an admin, who may moderate every room, or revokes it

  ws-chat admin add NAME [--data FILE | --redis URL]
  ws-chat admin remove NAME [--data FILE | --redis URL]

  NAME         a registered name; in quotes if it contains spaces
  --data FILE  the file of the chat (./chat.db), or CHAT_DATA in the environment
  --redis URL  the Redis of the chat, or CHAT_REDIS in the environment

The chat may be running, and is notified at once.
`,
}

/** A command other than running a chat. */
export type CommandName = keyof typeof COMMANDS

/** The help of a command, or of all options with their defaults. */
export function helpPage(command?: CommandName): string {
  return command === undefined ? wholePage() : COMMANDS[command]
}

function wholePage(): string {
  const rows: (readonly [string, string])[] = Object.entries<Option<unknown>>(OPTIONS).map(
    ([name, { value, about, defaultText }]) => [
      `--${name}${value === undefined ? '' : ` ${value}`}`,
      `${about} (${defaultText})`,
    ],
  )
  rows.push(['--help', 'this page'], ['--version', 'the version'])
  const width = Math.max(...rows.map(([name]) => name.length))
  return `ws-chat: a chat for a team, in one command and one file

  ws-chat [options]
  ws-chat backup FILE [--data FILE]    copies the data to a new file, also while the chat runs
  ws-chat admin add|remove NAME [--data FILE | --redis URL]    makes a registered user an admin, or revokes it

${rows.map(([name, about]) => `  ${name.padEnd(width)}  ${wrap(about, width + 4)}`).join('\n')}

Each option is an environment variable as well: CHAT_PORT for --port, CHAT_MAX_CONNECTIONS for --max-connections,
CHAT_MEMORY=1 for --memory. The command line overrides the environment; empty variables are ignored.

SIGTERM and SIGINT stop it gracefully, a second one immediately. Exit status: 0 stopped on request, 1 failed to
start or crashed, 2 bad usage.
`
}

/** Breaks a text into lines that fit beside a column of `indent`. */
function wrap(text: string, indent: number): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1)!
    if (last === '') lines[lines.length - 1] = word
    else if (indent + last.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.join(`\n${' '.repeat(indent)}`)
}
