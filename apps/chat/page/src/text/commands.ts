// Parses the text of the composer: a message or a command. Executes nothing.

import type { ModerateOperation } from '../../../src/wire/messages.ts'
import { readRoomName } from './room-name.ts'

export type Command =
  | { readonly kind: 'say'; readonly body: string; readonly as?: 'me' }
  | { readonly kind: 'topic'; readonly topic: string }
  | { readonly kind: 'nick'; readonly nick: string }
  | { readonly kind: 'join'; readonly room: string }
  | { readonly kind: 'show-topic' | 'leave' | 'remove-room' | 'logout' | 'help' }
  | { readonly kind: 'register' | 'login'; readonly nick: string }
  | {
      readonly kind: 'moderate'
      readonly op: ModerateOperation
      readonly nick?: string
      readonly secs?: number
      readonly on?: boolean
      readonly why?: string
      readonly address?: true
    }
  | { readonly kind: 'wrong'; readonly why: string }

interface CommandWord {
  readonly usage: string
  readonly meaning: string
  /** Undefined where it is not used as `usage` says. */
  read(rest: string): Command | undefined
}

const needed = (text: string, make: (text: string) => Command) => (text === '' ? undefined : make(text))
const alone = (text: string, command: Command) => (text === '' ? command : undefined)

const WORDS: Readonly<Record<string, CommandWord>> = {
  me: {
    usage: '/me waves',
    meaning: 'describes an action: *Ada waves*',
    read: rest => needed(rest, body => ({ kind: 'say', body, as: 'me' })),
  },
  topic: {
    usage: '/topic [TEXT, off]',
    meaning: 'shows, sets or removes the topic',
    read: rest =>
      rest === '' ? { kind: 'show-topic' } : { kind: 'topic', topic: /^off$/i.test(rest) ? '' : rest },
  },
  nick: {
    usage: '/nick NAME',
    meaning: 'changes your name',
    read: rest => needed(rest, nick => ({ kind: 'nick', nick })),
  },
  join: {
    usage: '/join ROOM',
    meaning: 'joins a room, or creates it',
    read: rest => needed(readRoomName(rest), room => ({ kind: 'join', room })),
  },
  leave: { usage: '/leave', meaning: 'leaves this room', read: rest => alone(rest, { kind: 'leave' }) },
  register: {
    usage: '/register [NAME]',
    meaning: 'sets a password for your name',
    read: nick => ({ kind: 'register', nick }),
  },
  login: { usage: '/login [NAME]', meaning: 'signs you in', read: nick => ({ kind: 'login', nick }) },
  logout: { usage: '/logout', meaning: 'signs you out', read: rest => alone(rest, { kind: 'logout' }) },
  kick: {
    usage: '/kick NAME [why]',
    meaning: 'removes someone from this room',
    read: rest => readPerson(rest, (nick, why) => ({ kind: 'moderate', op: 'kick', nick, ...reason(why) })),
  },
  ban: {
    usage: '/ban NAME [30m, 2h, 7d] [why]',
    meaning: 'removes and bans someone',
    read: rest =>
      readPerson(rest, (nick, more) => ({ kind: 'moderate', op: 'ban', nick, ...timeAndReason(more) })),
  },
  'ban-address': {
    usage: '/ban-address NAME [30m, 2h, 7d] [why]',
    meaning: 'bans someone, and guests from the same address for up to 7 days',
    read: rest =>
      readPerson(rest, (nick, more) => ({
        kind: 'moderate',
        op: 'ban',
        nick,
        address: true,
        ...timeAndReason(more),
      })),
  },
  unban: {
    usage: '/unban NAME',
    meaning: 'lifts a ban',
    read: rest => readPerson(rest, (nick, more) => alone(more, { kind: 'moderate', op: 'unban', nick })),
  },
  mute: {
    usage: '/mute NAME [10m, off] [why]',
    meaning: 'stops someone from posting for a while',
    read: rest =>
      readPerson(rest, (nick, more) => ({ kind: 'moderate', op: 'mute', nick, ...timeAndReason(more) })),
  },
  lock: {
    usage: '/lock [off]',
    meaning: 'makes the room read-only',
    read: rest => (/^(off)?$/i.test(rest) ? { kind: 'moderate', op: 'lock', on: rest === '' } : undefined),
  },
  slow: {
    usage: '/slow 30s, or /slow off',
    meaning: 'sets a wait between two messages of each person',
    read: rest => {
      const secs = readSeconds(rest)
      return secs === undefined ? undefined : { kind: 'moderate', op: 'slow', secs }
    },
  },
  'remove-room': {
    usage: '/remove-room',
    meaning: 'removes this room and everything in it, for admins',
    read: rest => alone(rest, { kind: 'remove-room' }),
  },
  help: { usage: '/help', meaning: 'shows this list', read: rest => alone(rest, { kind: 'help' }) },
}

/** The usage of each command, and its effect. */
export const COMMANDS: readonly { readonly usage: string; readonly meaning: string }[] = Object.values(WORDS)

/** The command; `//` at the start is a message that begins with a slash. */
export function readCommand(text: string): Command {
  if (text.startsWith('//')) return { kind: 'say', body: text.slice(1) }
  if (!text.startsWith('/')) return { kind: 'say', body: text }
  const [name, rest] = splitWord(text.slice(1))
  const key = name.toLowerCase()
  const word = Object.hasOwn(WORDS, key) ? WORDS[key] : undefined
  if (word === undefined)
    return {
      kind: 'wrong',
      why: `Unknown command: /${name}. Type /help for the list, or // to start a message with a slash.`,
    }
  return word.read(rest) ?? { kind: 'wrong', why: `Usage: ${word.usage}` }
}

/** A name, in quotes if it has spaces, and the rest. */
function readPerson(
  text: string,
  make: (nick: string, rest: string) => Command | undefined,
): Command | undefined {
  const found = /^@?(?:"([^"]+)"|([^\s"]+))(?=\s|$)/.exec(text)
  return found === null ? undefined : make((found[1] ?? found[2])!, text.slice(found[0].length).trim())
}

function timeAndReason(text: string): { secs?: number; why?: string } {
  const [first, rest] = splitWord(text)
  const secs = readSeconds(first)
  return secs === undefined ? reason(text) : { secs, ...reason(rest) }
}

/** The first word, and the text after it without white space at its ends. */
function splitWord(text: string): readonly [word: string, rest: string] {
  const [word] = /^\S*/.exec(text)!
  return [word, text.slice(word.length).trim()]
}

function reason(why: string): { why?: string } {
  return why === '' ? {} : { why }
}

const SECONDS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }

function readSeconds(text: string): number | undefined {
  if (/^off$/i.test(text)) return 0
  const found = /^(\d{1,6})([smhd]?)$/i.exec(text)
  return found === null ? undefined : Number(found[1]) * SECONDS[found[2]!.toLowerCase()]!
}
