// The text of a message is derived from its name, so that a reader knows which message it is and
// that no letter of it was changed. An edit has a name and a text like a message; a reaction is
// named after its message, which has only one.

import { randomFrom } from '@ws/testing'

/** The name of a message: its publisher and a number. */
const NAME = /^(\S+)#(\d+)(?:\s|$)/

const WORDS = 'The quick brown fox jumps over the lazy dog. Быстрая лиса 🦊 прыгнула. 素早い狐。'

/** One in this many messages has the greatest length. */
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

/** The emoji of a reaction on the message at a position. */
export function emojiOf(seq: number): string {
  return EMOJI[seq % EMOJI.length]!
}

const EMOJI = ['👍', '❤️', '👩‍🚀', '🇩🇪']

export function nameReaction(seq: number): string {
  return `react-${seq}`
}

/** A client id of the protocol, which has no room for every character of a name. */
export function cidOf(id: string): string {
  return id.replace('#', '_')
}

/** The part of an entry from which its name follows. */
interface Named {
  readonly kind: string
  readonly data: {
    readonly body?: unknown
    readonly seq?: unknown
    readonly emoji?: unknown
    readonly on?: unknown
  }
}

/**
 * The message, edit or reaction of an entry. One that was never sent has a name in angle brackets:
 * `<mod>`, or `<…>` with a part of its text.
 */
export function nameOf({ kind, data }: Named): string {
  if (kind === 'react') return nameOfReaction(data)
  return kind === 'msg' || kind === 'edit' ? nameOfBody(String(data.body)) : `<${kind}>`
}

/** The message or the edit that a text is of. */
export function nameOfBody(body: string): string {
  const [, publisher, number] = NAME.exec(body) ?? []
  const id = `${publisher}#${number}`
  return publisher !== undefined && bodyOf(id) === body ? id : `<${body.slice(0, 60)}>`
}

function nameOfReaction({ seq, emoji, on }: Named['data']): string {
  const isOurs = typeof seq === 'number' && emoji === emojiOf(seq) && on === true
  return isOurs ? nameReaction(seq) : `<react ${JSON.stringify([seq, emoji, on])}>`
}
