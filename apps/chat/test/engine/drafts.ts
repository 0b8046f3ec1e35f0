// Drafts for tests.

import type { Author, Draft } from '../../src/log/entry.ts'

export const ANN: Author = { id: 'u-ann', nick: 'Ann' }
export const BOB: Author = { id: 'u-bob', nick: 'Bob' }

let drafts = 0

/** The common fields of drafts, with a new `cid` unless one is given. */
function by(user: Author, cid = `c-${++drafts}`) {
  return { cid, user }
}

export function message(body: string, user = ANN, cid?: string): Draft {
  return { kind: 'msg', data: { body }, ...by(user, cid) }
}

export function edit(seq: number, body: string, user = ANN): Draft {
  return { kind: 'edit', data: { seq, body }, ...by(user) }
}

export function deletion(seq: number, user = ANN): Draft {
  return { kind: 'del', data: { seq }, ...by(user) }
}

export function reaction(seq: number, emoji: string, user = ANN, on = true): Draft {
  return { kind: 'react', data: { seq, emoji, on }, ...by(user) }
}

export function topic(text: string, cid?: string): Draft {
  return { kind: 'topic', data: { topic: text }, ...by(ANN, cid) }
}

/** This many messages, each with its number. */
export function messages(count: number, user = ANN): readonly Draft[] {
  return Array.from({ length: count }, (_, index) => message(`message ${index + 1}`, user))
}
