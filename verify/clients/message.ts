// The text of a message, made of its name alone: whoever reads it knows which message it is, and that not a letter of it is another.

import { randomFrom } from '@ws/testing'

/** What the name of a message looks like: its publisher's, and a number. */
const NAME = /^(\S+)#(\d+)(?:\s|$)/

const WORDS = 'The quick brown fox jumps over the lazy dog. Быстрая лиса 🦊 прыгнула. 素早い狐。'

/** One in so many messages is as long as it may be. */
const LONG_EVERY = 200
const LONGEST = 4000
const USUAL = 160

export function nameMessage(publisher: string, number: number): string {
  return `${publisher}#${number}`
}

/** 1 to 4,000 characters (UTF-16 units), most of them a few dozen. */
export function bodyOf(id: string): string {
  const random = randomFrom([...id].reduce((hash, letter) => Math.imul(hash, 31) + letter.charCodeAt(0), 7))
  const length = random() * LONG_EVERY < 1 ? LONGEST : Math.floor(random() * USUAL)
  const body = `${id} ${WORDS.repeat(Math.ceil(length / WORDS.length))}`.slice(0, Math.max(length, id.length))
  // Half of a surrogate pair would arrive as something else.
  return body.toWellFormed() === body ? body.trimEnd() : body.slice(0, -1).trimEnd()
}

/** A client id of the protocol, which has no room for every character of a name. */
export function cidOf(id: string): string {
  return id.replace('#', '_')
}

/** The message that an entry is. What was never sent has a name in angle brackets: `<mod>`, or `<…>` with what it says in part. */
export function nameOf(entry: { readonly kind: string; readonly data: { readonly body?: unknown } }): string {
  if (entry.kind !== 'msg') return `<${entry.kind}>`
  const body = String(entry.data.body)
  const [, publisher, number] = NAME.exec(body) ?? []
  const id = `${publisher}#${number}`
  return publisher !== undefined && bodyOf(id) === body ? id : `<${body.slice(0, 60)}>`
}
