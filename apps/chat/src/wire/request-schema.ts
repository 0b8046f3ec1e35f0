// The schema of client messages. Drops unknown fields. Independent of rooms and users.

import type { SchemaIssue } from '@ws/server/json'
import { z } from 'zod'
import { hasInvisible } from '../text/invisible.ts'
import { withoutNeededJoiners } from '../text/joiners.ts'
import { cleanLabel } from '../text/label.ts'
import {
  MAX_BODY,
  MAX_EMOJI_LENGTH,
  MAX_HITS,
  MAX_PAGE,
  MAX_QUERY,
  MAX_ROOM,
  MAX_ROOMS,
  MAX_SECONDS,
  MAX_TEXT,
  MAX_TOPIC,
} from './constants.ts'
import type { ErrorReply, Notification, Request } from './messages.ts'

// ── fields ────────────────────────────────────────────────────────────────────────────────────

// The message of an issue follows the name of its field: "room must be …". Each check ends the
// validation of its field, so that an expensive check never sees a value that a cheap one refuses.

/** A text of `least` to `most` UTF-16 units. */
function text(most: number, least = 1) {
  return z
    .string('must be a text')
    .max(most, {
      error: ({ input }) => `must have at most ${most} characters, not ${String(input).length}`,
      abort: true,
    })
    .min(least, { error: 'must be a text that is not empty', abort: true })
    .refine(value => value.isWellFormed(), {
      error: 'must be a text of whole characters, without lone surrogates',
      abort: true,
    })
}

/** A text of at most `most` UTF-16 units, which `cleanLabel` makes one visible line of. */
function label(most: number) {
  return text(most, 0).transform(cleanLabel)
}

function whole(least: number, most = Number.MAX_SAFE_INTEGER) {
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`
  const error = `must be a whole number ${range}`
  return z.int(error).min(least, error).max(most, error)
}

function oneOf<const Value extends string>(...values: readonly Value[]) {
  return z.enum(values, `must be one of ${values.join(', ')}`)
}

const flag = z.boolean('must be true or false')

const body = text(MAX_BODY).refine(
  value => value.trim() !== '',
  'must be a text that is not only white space',
)

/** Lowercase letters, letters without case, digits, and the marks of Indic and other scripts. */
const ROOM_LETTERS = '\\p{Ll}\\p{Lo}\\p{N}'
const ROOM_LENGTH = new RegExp(`^.{1,${MAX_ROOM}}$`, 'su')
const ROOM = new RegExp(`^[${ROOM_LETTERS}][${ROOM_LETTERS}\\p{Lm}\\p{M}_-]*$`, 'u')

function isRoomName(value: string): boolean {
  if (!ROOM_LENGTH.test(value)) return false
  const plain = withoutNeededJoiners(value)
  return ROOM.test(plain) && value.normalize('NFC') === value && !hasInvisible(plain)
}

const ROOM_ERROR = `must be 1 to ${MAX_ROOM} lowercase letters, digits, - and _ (not at the start), in Unicode normal form C`
const room = z.string(ROOM_ERROR).refine(isRoomName, ROOM_ERROR)

const CID_ERROR = 'must be 1 to 64 characters of A-Z a-z 0-9 - _'
const cid = z.string(CID_ERROR).regex(/^[\w-]{1,64}$/, CID_ERROR)

const EMOJI_ERROR = `must be 1 to ${MAX_EMOJI_LENGTH} visible characters without white space`
const emoji = z.string(EMOJI_ERROR).refine(isVisibleWord, EMOJI_ERROR)

function isVisibleWord(value: string): boolean {
  const characters = [...value].length
  return (
    characters >= 1 &&
    characters <= MAX_EMOJI_LENGTH &&
    !/[\s\p{Cs}]/u.test(value) &&
    cleanLabel(value) === value
  )
}

const id = whole(0)
const seq = whole(1)

const position = z.tuple([text(64), whole(0)], 'must be an epoch and a position in it')

const positions = z
  .custom<object>(isObject, 'must be an object: a position for each room')
  .refine(value => Object.keys(value).length <= MAX_ROOMS, {
    error: ({ input }) => `must have at most ${MAX_ROOMS} rooms, not ${Object.keys(input as object).length}`,
    params: { code: 'too_long' },
  })
  .pipe(z.record(room, position))

// ── messages ──────────────────────────────────────────────────────────────────────────────────

function message<const T extends string, Fields extends z.ZodRawShape>(t: T, fields: Fields) {
  return z.object({ t: z.literal(t), ...fields })
}

function request<const T extends string, Fields extends z.ZodRawShape>(t: T, fields: Fields) {
  return message(t, { id, ...fields })
}

const history = request('history', {
  room,
  before: whole(0).exactOptional(),
  after: whole(0).exactOptional(),
  around: seq.exactOptional(),
  limit: whole(1, MAX_PAGE).exactOptional(),
  folds: flag.exactOptional(),
}).refine(({ before, after, around }) => [before, after, around].filter(isGiven).length <= 1, {
  error: 'only one of before, after and around may be given',
})

const auth = request('auth', {
  op: oneOf('register', 'login', 'logout', 'nick'),
  nick: text(MAX_TEXT).exactOptional(),
  password: text(MAX_TEXT).exactOptional(),
}).superRefine(({ op, nick, password }, context) => {
  if ((op === 'nick' || op === 'login') && nick === undefined) context.addIssue(`nick is needed for ${op}`)
  if ((op === 'register' || op === 'login') && password === undefined)
    context.addIssue(`password is needed for ${op}`)
})

const mod = request('mod', {
  room,
  op: oneOf('kick', 'ban', 'unban', 'mute', 'lock', 'slow'),
  user: text(64).exactOptional(),
  secs: whole(0, MAX_SECONDS).exactOptional(),
  on: flag.exactOptional(),
  why: label(MAX_TEXT).exactOptional(),
  address: z.literal(true, 'must be true, or left out').exactOptional(),
}).superRefine(({ op, user, secs }, context) => {
  if (op === 'slow' && secs === undefined) context.addIssue('secs is needed for slow')
  if (op !== 'slow' && op !== 'lock' && user === undefined) context.addIssue(`user is needed for ${op}`)
})

const MESSAGES = [
  request('hello', {
    v: whole(0),
    nick: text(MAX_TEXT).exactOptional(),
    token: text(MAX_TEXT).exactOptional(),
    resume: positions.exactOptional(),
  }),
  request('join', { room, since: position.exactOptional(), create: flag.exactOptional() }),
  request('leave', { room }),
  request('remove', { room }),
  request('send', { room, cid, body, as: oneOf('me').exactOptional(), reply: seq.exactOptional() }),
  request('edit', { room, cid, seq, body }),
  request('del', { room, cid, seq }),
  request('react', { room, cid, seq, emoji, on: flag }),
  request('topic', { room, cid, topic: label(MAX_TOPIC) }),
  history,
  request('search', {
    q: text(MAX_QUERY),
    room: room.exactOptional(),
    before: whole(0).exactOptional(),
    limit: whole(1, MAX_HITS).exactOptional(),
  }),
  auth,
  mod,
  request('who', { room }),
  request('rooms', { after: room.exactOptional(), limit: whole(1, MAX_PAGE).exactOptional() }),
  request('ping', {}),
  message('read', { room, seq: whole(0) }),
  message('typing', { room, on: flag }),
] as const

const KINDS = MESSAGES.map(({ shape }) => shape.t.value)

/** A message of a client. */
export const clientMessage: z.ZodType<Request | Notification> = z.discriminatedUnion('t', MESSAGES, {
  error: ({ input }) =>
    isObject(input) && typeof input.t === 'string' ? `must be one of ${KINDS.join(', ')}` : 'must be a text',
})

// ── errors ────────────────────────────────────────────────────────────────────────────────────

/**
 * The reply to a value that does not match the schema; undefined if it is not an object, and no
 * reply would help.
 */
export function explainIssues(value: unknown, issues: readonly SchemaIssue[]): ErrorReply | undefined {
  if (!isObject(value)) return undefined
  // Those of Zod say more than the standard requires.
  const issue = issues[0] as z.core.$ZodIssue
  const about = id.safeParse(value.id).success ? { id: value.id as number } : {}
  return { t: 'err', ...about, code: codeOf(issue, value), msg: sentenceOf(issue) }
}

function codeOf(issue: z.core.$ZodIssue, { t }: Readonly<Record<string, unknown>>): ErrorReply['code'] {
  if (issue.code === 'invalid_union' && typeof t === 'string') return 'unknown'
  const isTooLong = issue.code === 'too_big' && issue.origin === 'string'
  return isTooLong || (issue.code === 'custom' && issue.params?.code === 'too_long')
    ? 'too_long'
    : 'bad_request'
}

function sentenceOf(issue: z.core.$ZodIssue): string {
  const { path, message } = issue
  if (path.length === 0) return message
  if (issue.code === 'invalid_key')
    return `a name in ${nameOf(path.slice(0, -1))} ${issue.issues[0]?.message}`
  return `${nameOf(path)} ${message}`
}

/** `since[1]`, `resume.lobby`. */
function nameOf(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${String(key)}`))
    .join('')
}

function isGiven(value: unknown): boolean {
  return value !== undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
