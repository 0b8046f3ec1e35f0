import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clientMessage, explainIssues } from './request-schema.ts'

/**
 * The message that a text is, or the reply to an invalid one; undefined for one that is not a JSON
 * object.
 */
function readText(text: string) {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const { success, data, error } = clientMessage.safeParse(value)
  return success ? data : explainIssues(value, error.issues)
}

const read = (message: unknown) => readText(JSON.stringify(message))

const WHOLE = [
  { t: 'hello', id: 0, v: 1 },
  { t: 'hello', id: 1, v: 2, nick: 'Ann', token: 'x', resume: { lobby: ['e', 0], 'räum-1': ['e', 7] } },
  { t: 'join', id: 1, room: 'lobby', since: ['e', 0], create: true },
  { t: 'leave', id: 1, room: '今日' },
  { t: 'remove', id: 1, room: 'a' },
  { t: 'send', id: 1, room: 'a', cid: 'x', body: 'hi', as: 'me', reply: 1 },
  { t: 'edit', id: 1, room: 'a', cid: 'A-_9', seq: 1, body: 'x'.repeat(4000) },
  { t: 'del', id: 1, room: 'a', cid: 'x', seq: 1 },
  { t: 'react', id: 1, room: 'a', cid: 'x', seq: 1, emoji: '👩‍👩‍👧', on: false },
  { t: 'topic', id: 1, room: 'a', cid: 'x', topic: '' },
  { t: 'history', id: 1, room: 'a', before: 0, limit: 100 },
  { t: 'search', id: 1, q: 'x', room: 'a', before: 1, limit: 50 },
  { t: 'auth', id: 1, op: 'login', nick: 'Ann', password: 'x' },
  { t: 'mod', id: 1, room: 'a', op: 'ban', user: 'u', secs: 0, why: '', address: true },
  { t: 'mod', id: 1, room: 'a', op: 'lock', on: false },
  { t: 'who', id: 1, room: 'a' },
  { t: 'rooms', id: 1 },
  { t: 'ping', id: Number.MAX_SAFE_INTEGER },
  { t: 'read', room: 'a', seq: 0 },
  { t: 'typing', room: 'a', on: true },
]

test.each(WHOLE)('accepts $t, and drops unknown fields', said => {
  expect(read({ ...said, more: 1, __proto__: { on: 1 } })).toEqual(said)
})

test.each([
  'किताब',
  'বাংলা',
  'தமிழ்',
  'ห้องครัว',
  'ห้องๆ',
  'サーバー',
  'می\u200Cخواهم',
  'ශ්\u200Dරී',
  'a_b-2',
  '2',
  '𐓘'.repeat(32),
])('%s is the name of a room', room =>
  expect(read({ t: 'who', id: 1, room })).toEqual({ t: 'who', id: 1, room }),
)

test.each(['', 'x', '[]', 'null', '1', '"t"', 'true', '[{"t":"ping"}]', '{'])(
  '%j is not a message at all',
  frame => expect(readText(frame)).toBe(undefined),
)

describe('an invalid message is answered with the expected form', () => {
  test.each([
    [{}, 'bad_request', 't must be a text'],
    [{ t: 'dance', id: 1 }, 'unknown', 't must be one of hello, join,'],
    [{ t: 'toString', id: 1 }, 'unknown', 't must be one of'],
    [{ t: '__proto__', id: 1 }, 'unknown', 't must be one of'],
    [{ t: 'ping' }, 'bad_request', 'id must be a whole number from 0'],
    [{ t: 'ping', id: -1 }, 'bad_request', 'id must be a whole number from 0'],
    [{ t: 'ping', id: 1.5 }, 'bad_request', 'id must be'],
    [{ t: 'ping', id: '1' }, 'bad_request', 'id must be'],
    [{ t: 'who', id: 1 }, 'bad_request', 'room must be 1 to 32 lowercase letters, digits'],
    [{ t: 'who', id: 1, room: 'Lobby' }, 'bad_request', 'room must be'],
    [{ t: 'who', id: 1, room: '-a' }, 'bad_request', 'room must be'],
    [{ t: 'who', id: 1, room: 'a b' }, 'bad_request', 'room must be'],
    [{ t: 'who', id: 1, room: 'a\u0301' }, 'bad_request', 'room must be'],
    [{ t: 'who', id: 1, room: '\u0E49a' }, 'bad_request', 'room must be'],
    [{ t: 'who', id: 1, room: 'lob\u200Dby' }, 'bad_request', 'room must be'],
    [{ t: 'who', id: 1, room: 'می\u200C' }, 'bad_request', 'room must be'],
    [{ t: 'who', id: 1, room: 'lobby\u3164' }, 'bad_request', 'room must be'],
    [{ t: 'who', id: 1, room: 'lobby\uFFA0' }, 'bad_request', 'room must be'],
    [{ t: 'who', id: 1, room: 'lobby\u{13441}' }, 'bad_request', 'room must be'],
    [{ t: 'who', id: 1, room: '\u{13442}' }, 'bad_request', 'room must be'],
    [{ t: 'who', id: 1, room: '\u1100\u1161' }, 'bad_request', 'Unicode normal form C'],
    [{ t: 'who', id: 1, room: 'a'.repeat(33) }, 'bad_request', 'room must be'],
    [{ t: 'join', id: 1, room: 'a', since: ['e'] }, 'bad_request', 'since must be an epoch and a position'],
    [{ t: 'join', id: 1, room: 'a', since: ['e', -1] }, 'bad_request', 'since[1] must be a whole number'],
    [{ t: 'join', id: 1, room: 'a', create: null }, 'bad_request', 'create must be true or false'],
    [{ t: 'send', id: 1, room: 'a', cid: 'a b', body: 'x' }, 'bad_request', 'cid must be 1 to 64 characters'],
    [{ t: 'send', id: 1, room: 'a', cid: 'x' }, 'bad_request', 'body must be a text'],
    [{ t: 'send', id: 1, room: 'a', cid: 'x', body: ' \n' }, 'bad_request', 'not only white space'],
    [
      { t: 'send', id: 1, room: 'a', cid: 'x', body: 'x'.repeat(4001) },
      'too_long',
      'at most 4000 characters, not 4001',
    ],
    [{ t: 'send', id: 1, room: 'a', cid: 'x', body: '\uD800' }, 'bad_request', 'without lone surrogates'],
    [{ t: 'send', id: 1, room: 'a', cid: 'x', body: 'x', as: 'you' }, 'bad_request', 'as must be one of me'],
    [
      { t: 'send', id: 1, room: 'a', cid: 'x', body: 'x', reply: 0 },
      'bad_request',
      'reply must be a whole number from 1',
    ],
    [
      { t: 'react', id: 1, room: 'a', cid: 'x', seq: 1, on: true, emoji: 'a b' },
      'bad_request',
      'emoji must be',
    ],
    [
      { t: 'react', id: 1, room: 'a', cid: 'x', seq: 1, on: true, emoji: '\u202e' },
      'bad_request',
      'emoji must be 1 to 32 visible characters',
    ],
    [
      { t: 'topic', id: 1, room: 'a', cid: 'x', topic: 'x'.repeat(201) },
      'too_long',
      'at most 200 characters',
    ],
    [
      { t: 'history', id: 1, room: 'a', limit: 101 },
      'bad_request',
      'limit must be a whole number from 1 to 100',
    ],
    [
      { t: 'history', id: 1, room: 'a', before: 1, after: 1 },
      'bad_request',
      'only one of before, after and around',
    ],
    [{ t: 'search', id: 1, q: '' }, 'bad_request', 'q must be a text that is not empty'],
    [{ t: 'auth', id: 1, op: 'login', nick: 'x' }, 'bad_request', 'password is needed for login'],
    [{ t: 'auth', id: 1, op: 'nick' }, 'bad_request', 'nick is needed for nick'],
    [{ t: 'mod', id: 1, room: 'a', op: 'ban' }, 'bad_request', 'user is needed for ban'],
    [
      { t: 'mod', id: 1, room: 'a', op: 'ban', user: 'u', address: false },
      'bad_request',
      'address must be true',
    ],
    [{ t: 'mod', id: 1, room: 'a', op: 'slow' }, 'bad_request', 'secs is needed for slow'],
    [{ t: 'hello', id: 1, v: 1, resume: [] }, 'bad_request', 'resume must be an object'],
    [{ t: 'hello', id: 1, v: 1, resume: { A: ['e', 1] } }, 'bad_request', 'a name in resume must be'],
    [{ t: 'hello', id: 1, v: 1, resume: rooms(101) }, 'too_long', 'at most 100 rooms, not 101'],
  ])('%j', (said, code, msg) => {
    expect(read(said)).toMatchObject({ t: 'err', code, msg: expect.stringContaining(msg) })
  })

  test('an error has the id of the message, if there is one', () => {
    expect(read({ t: 'who', id: 7 })).toHaveProperty('id', 7)
    expect(read({ t: 'who', id: -7 })).not.toHaveProperty('id')
    expect(read({ t: 'read', id: 7, room: 'A' })).toHaveProperty('id', 7)
  })
})

test('topics and reasons become one line without hidden or direction-changing characters', () => {
  const hostile = 'safe \u202egnp.exe\u2066\n\u200b '
  expect(read({ t: 'topic', id: 1, room: 'a', cid: 'x', topic: hostile })).toHaveProperty(
    'topic',
    'safe gnp.exe',
  )
  expect(read({ t: 'mod', id: 1, room: 'a', op: 'kick', user: 'u', why: hostile })).toHaveProperty(
    'why',
    'safe gnp.exe',
  )
})

function rooms(count: number): Record<string, [string, number]> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`r${i}`, ['e', 1]]))
}

describe('never throws', () => {
  test('for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.string({ unit: 'binary' })), frame => {
        readText(frame)
      }),
    )
  })

  test('for any value of a field; and valid messages stay the same when validated again', () => {
    const field = fc.constantFrom(...new Set(WHOLE.flatMap(said => Object.keys(said))))
    const changed = fc.tuple(fc.constantFrom(...WHOLE), field, fc.jsonValue())
    fc.assert(
      fc.property(changed, ([said, name, value]) => {
        const once = read({ ...said, [name]: value })
        if (once !== undefined && once.t !== 'err') expect(read(once)).toEqual(once)
      }),
      { numRuns: 2000 },
    )
  })
})
