// From the text of a frame to what a client said, or to what was wrong with it. Trusts nothing, keeps only the fields that it knows,
// and knows neither rooms nor users.

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
import type { ErrorCode, ErrorReply, Remark, Request } from './messages.ts'

type Said = Request | Remark

/** Gives the value of a field, or throws a {@link Mistake}. */
type Reader<Value> = (value: unknown, name: string) => Value

/** A reader for each field of what is called `T`. */
type Fields<T extends Said['t']> = {
  readonly [Name in Exclude<keyof Extract<Said, { t: T }>, 't' | 'id'>]-?: Reader<
    Extract<Said, { t: T }>[Name]
  >
}

class Mistake extends Error {
  readonly code: ErrorCode
  constructor(code: ErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

// ── what fields can be ──────────────────────────────────────────────────────────────────────────────────────────────────────

function expected(name: string, what: string): Mistake {
  return new Mistake('bad_request', `${name} must be ${what}`)
}

/** A text of 1 (or `least`) to `most` UTF-16 units. */
function text(most: number, least = 1): Reader<string> {
  return (value, name) => {
    if (typeof value !== 'string') throw expected(name, 'a text')
    if (value.length > most)
      throw new Mistake('too_long', `${name} must have at most ${most} characters, not ${value.length}`)
    if (value.length < least) throw expected(name, 'a text that is not empty')
    if (!value.isWellFormed()) throw expected(name, 'a text of whole characters, without lone surrogates')
    return value
  }
}

function matching(pattern: RegExp, what: string): Reader<string> {
  return (value, name) => {
    if (typeof value !== 'string' || !pattern.test(value)) throw expected(name, what)
    return value
  }
}

function whole(least: number, most = Number.MAX_SAFE_INTEGER): Reader<number> {
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`
  return (value, name) => {
    if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most)
      throw expected(name, `a whole number ${range}`)
    return value as number
  }
}

function oneOf<const Value extends string>(...values: readonly Value[]): Reader<Value> {
  return (value, name) => {
    if (!values.includes(value as Value)) throw expected(name, `one of ${values.join(', ')}`)
    return value as Value
  }
}

function optional<Value>(read: Reader<Value>): Reader<Value | undefined> {
  return (value, name) => (value === undefined ? undefined : read(value, name))
}

const flag: Reader<boolean> = (value, name) => {
  if (typeof value !== 'boolean') throw expected(name, 'true or false')
  return value
}

const yes: Reader<true> = (value, name) => {
  if (value !== true) throw expected(name, 'true, or left out')
  return value
}

const body: Reader<string> = (value, name) => {
  const read = text(MAX_BODY)(value, name)
  if (read.trim() === '') throw expected(name, 'a text that is not only white space')
  return read
}

/** Small letters, letters that are neither small nor capital, digits, and the marks of Indic and other scripts. */
const ROOM_LETTERS = '\\p{Ll}\\p{Lo}\\p{N}'
const ROOM_LENGTH = new RegExp(`^.{1,${MAX_ROOM}}$`, 'su')
const ROOM = new RegExp(`^[${ROOM_LETTERS}][${ROOM_LETTERS}\\p{Lm}\\p{M}_-]*$`, 'u')

const room: Reader<string> = (value, name) => {
  if (typeof value !== 'string' || !ROOM_LENGTH.test(value) || !isRoomName(value))
    throw expected(
      name,
      `1 to ${MAX_ROOM} lowercase letters, digits, - and _ (not at the start), in Unicode normal form C`,
    )
  return value
}

function isRoomName(text: string): boolean {
  const plain = withoutNeededJoiners(text)
  return ROOM.test(plain) && text.normalize('NFC') === text && !hasInvisible(plain)
}

const id = whole(0)
const seq = whole(1)
const cid = matching(/^[\w-]{1,64}$/, '1 to 64 characters of A-Z a-z 0-9 - _')
const secs = whole(0, MAX_SECONDS)

/** A text of at most `most` UTF-16 units, which `cleanLabel` makes one visible line of. */
function label(most: number): Reader<string> {
  const read = text(most, 0)
  return (value, name) => cleanLabel(read(value, name))
}

const emoji: Reader<string> = (value, name) => {
  const characters = typeof value === 'string' ? [...value].length : 0
  if (
    typeof value !== 'string' ||
    characters < 1 ||
    characters > MAX_EMOJI_LENGTH ||
    /[\s\p{Cs}]/u.test(value) ||
    cleanLabel(value) !== value
  )
    throw expected(name, `1 to ${MAX_EMOJI_LENGTH} visible characters without white space`)
  return value
}

const position: Reader<readonly [epoch: string, seq: number]> = (value, name) => {
  if (!Array.isArray(value) || value.length !== 2) throw expected(name, 'an epoch and a position in it')
  return [text(64)(value[0], `${name}[0]`), whole(0)(value[1], `${name}[1]`)]
}

const positions: Reader<Readonly<Record<string, readonly [epoch: string, seq: number]>>> = (value, name) => {
  if (!isObject(value)) throw expected(name, 'an object: a position for each room')
  const rooms = Object.entries(value)
  if (rooms.length > MAX_ROOMS)
    throw new Mistake('too_long', `${name} must have at most ${MAX_ROOMS} rooms, not ${rooms.length}`)
  return Object.fromEntries(
    rooms.map(([key, since]) => [room(key, `a name in ${name}`), position(since, `${name}.${key}`)]),
  )
}

// ── what can be said ────────────────────────────────────────────────────────────────────────────────────────────────────────

const FIELDS: { readonly [T in Said['t']]: Fields<T> } = {
  hello: {
    v: whole(0),
    nick: optional(text(MAX_TEXT)),
    token: optional(text(MAX_TEXT)),
    resume: optional(positions),
  },
  join: { room, since: optional(position), create: optional(flag) },
  leave: { room },
  remove: { room },
  send: { room, cid, body, as: optional(oneOf('me')), reply: optional(seq) },
  edit: { room, cid, seq, body },
  del: { room, cid, seq },
  react: { room, cid, seq, emoji, on: flag },
  topic: { room, cid, topic: label(MAX_TOPIC) },
  history: {
    room,
    before: optional(whole(0)),
    after: optional(whole(0)),
    around: optional(seq),
    limit: optional(whole(1, MAX_PAGE)),
    folds: optional(flag),
  },
  search: {
    q: text(MAX_QUERY),
    room: optional(room),
    before: optional(whole(0)),
    limit: optional(whole(1, MAX_HITS)),
  },
  auth: {
    op: oneOf('register', 'login', 'logout', 'nick'),
    nick: optional(text(MAX_TEXT)),
    password: optional(text(MAX_TEXT)),
  },
  mod: {
    room,
    op: oneOf('kick', 'ban', 'unban', 'mute', 'lock', 'slow'),
    user: optional(text(64)),
    secs: optional(secs),
    on: optional(flag),
    why: optional(label(MAX_TEXT)),
    address: optional(yes),
  },
  who: { room },
  rooms: { after: optional(room), limit: optional(whole(1, MAX_PAGE)) },
  ping: {},
  read: { room, seq: whole(0) },
  typing: { room, on: flag },
}

/** Fields that are needed because of what is in another. */
function checkTogether(said: Said): void {
  if (said.t === 'history') {
    const places = [said.before, said.after, said.around].filter(place => place !== undefined)
    if (places.length > 1)
      throw new Mistake('bad_request', 'only one of before, after and around may be given')
  } else if (said.t === 'auth') {
    if (said.op === 'nick' || said.op === 'login') need(said.nick, `nick is needed for ${said.op}`)
    if (said.op === 'register' || said.op === 'login')
      need(said.password, `password is needed for ${said.op}`)
  } else if (said.t === 'mod') {
    if (said.op === 'slow') need(said.secs, 'secs is needed for slow')
    else if (said.op !== 'lock') need(said.user, `user is needed for ${said.op}`)
  }
}

function need(value: unknown, message: string): void {
  if (value === undefined) throw new Mistake('bad_request', message)
}

// ── the whole ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * What a client said; or the reply to what it should not have said; or undefined where that is no JSON object, and no reply would
 * help. Never throws.
 */
export function readRequest(frame: string): Said | ErrorReply | undefined {
  const said = parseObject(frame)
  if (said === undefined) return undefined
  try {
    return readSaid(said)
  } catch (error) {
    if (!(error instanceof Mistake)) throw error
    const about = isId(said.id) ? { id: said.id } : {}
    return { t: 'err', ...about, code: error.code, msg: error.message }
  }
}

function readSaid(said: Readonly<Record<string, unknown>>): Said {
  const { t } = said
  if (typeof t !== 'string') throw expected('t', 'a text')
  if (!Object.hasOwn(FIELDS, t)) {
    const known = Object.keys(FIELDS).join(', ')
    throw new Mistake('unknown', `t must be one of ${known}`)
  }
  const fields = { ...(isRemark(t) ? {} : { id }), ...FIELDS[t as Said['t']] }
  const read: Record<string, unknown> = { t }
  for (const [name, reader] of Object.entries(fields)) {
    const value: unknown = (reader as Reader<unknown>)(said[name], name)
    if (value !== undefined) read[name] = value
  }
  // Each field has been read by the table, whose type is made from that of the requests.
  const whole = read as unknown as Said
  checkTogether(whole)
  return whole
}

function isRemark(t: string): boolean {
  return t === 'read' || t === 'typing'
}

function parseObject(frame: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(frame)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
