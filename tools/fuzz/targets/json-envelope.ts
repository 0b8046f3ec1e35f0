// Messages that should be JSON of a known shape.

import type { Socket } from '@ws/server'
import { json, type StandardSchemaV1 } from '@ws/server/json'
import { concat, utf8 } from '@ws/testing'
import { must, mustEqual, type Target } from '../target.ts'

const WORDS = [
  '{"type":"say","text":"hi"}',
  '{"type":"join","room":"a"}',
  '{}',
  '[]',
  'null',
  '"',
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '\\u0000',
  '\\ud800',
  '1e999',
  '-0',
  'true',
  '{"__proto__":{"type":"say"}}',
  '"type"',
  '"constructor"',
  ' ',
  '\ufeff',
  'é',
  '😀',
  '\0',
  '{"type":',
  '[[[[',
  '1'.repeat(40),
].map(utf8)
/** Wants an object of which each value is a text, and complains of each that is not, with the whole of it. */
const texts: StandardSchemaV1<unknown, Record<string, string>> = {
  '~standard': {
    version: 1,
    vendor: 'trials',
    validate: value => {
      if (typeof value !== 'object' || value === null)
        return { issues: [{ message: `no object: ${String(value)}` }] }
      const wrong = Object.entries(value).filter(([, part]) => typeof part !== 'string')
      return wrong.length === 0
        ? { value: value as Record<string, string> }
        : { issues: wrong.map(([key, part]) => ({ message: JSON.stringify(part), path: [key, { key }] })) }
    },
  },
}

/** The target. */
export const jsonEnvelope: Target = {
  name: 'json envelope',
  about:
    'The format of `@ws/connection/json`, with and without a schema. The result is the value of ' +
    '`JSON.parse`, one Close with 1007 where that throws, or one short JSON answer with at most ' +
    'eight issues.',
  files: ['connection/src/json.ts'],
  words: WORDS,

  generate(chance) {
    if (chance.oneIn(3)) return concat(...chance.several(8, () => chance.pick(WORDS)))
    const names = ['type', '__proto__', 'k'.repeat(99), '\ud800', '']
    const drawn = () =>
      chance.pick([
        'a',
        '\ud800',
        'x'.repeat(300),
        ...(chance.oneIn(3) ? [1, null, [[]], ['y'.repeat(300)]] : []),
      ])
    const entries = chance.several(12, () => [chance.pick(names) + chance.int(20), drawn()] as const)
    return utf8(JSON.stringify(chance.oneIn(5) ? drawn() : Object.fromEntries(entries)))
  },

  run(input) {
    const text = new TextDecoder().decode(input)
    mustEqual(told(text, undefined), parsed(text), 'without a schema')
    const [kind, what] = told(text, texts)
    const [expected, value] = parsed(text)
    if (expected === 'closed') mustEqual([kind, what], [expected, value], 'not JSON')
    else if (kind === 'value') mustEqual(what, value, 'the value')
    else judgeAnswer(what)
    return kind
  },
}

type Outcome = readonly [kind: 'value' | 'closed' | 'answered', what: unknown]

function parsed(text: string): Outcome {
  try {
    return ['value', JSON.parse(text)]
  } catch {
    return ['closed', 1007]
  }
}

function told(text: string, schema: StandardSchemaV1 | undefined): Outcome {
  const outcomes: Outcome[] = []
  const socket: Partial<Socket> = {
    send: data => outcomes.push(['answered', data]) > 0,
    close: code => void outcomes.push(['closed', code]),
  }
  const accept = json(schema).wrap<Socket>((_, value) => void outcomes.push(['value', value]))
  must(accept(socket as Socket, text, 'text') === undefined, 'a promise that nothing asked for')
  must(outcomes.length === 1, `${outcomes.length} outcomes`)
  return outcomes[0]!
}

/** At most 8 issues, each of at most 8 keys of 32 characters and a message of 160: parts of both are the peer's. */
function judgeAnswer(answer: unknown): void {
  must(typeof answer === 'string' && answer.isWellFormed(), 'an answer that is not Unicode')
  const { error, issues } = JSON.parse(answer) as Answer
  must(error === 'invalid message' && issues.length > 0 && issues.length <= 8, 'an answer of another form')
  for (const { path, message } of issues) {
    must(message.length <= 160 && path.length <= 8, 'a long issue')
    must(
      path.every(key => String(key).length <= 32),
      'a long key',
    )
  }
}

interface Answer {
  readonly error: unknown
  readonly issues: readonly { readonly path: readonly (string | number)[]; readonly message: string }[]
}
