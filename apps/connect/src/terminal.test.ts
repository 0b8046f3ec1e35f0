import { expect, test } from 'vitest'
import { type Streams, Terminal } from './terminal.ts'

function record(isTTY: boolean): { streams: Streams; text: () => string } {
  let text = ''
  const stream = { isTTY, write: (data: string) => (text += data) } as never
  return { streams: { stdout: stream, stderr: stream }, text: () => text }
}

test('a terminal gets colors, and symbols for control characters', () => {
  const { streams, text } = record(true)
  const terminal = new Terminal(streams, false)
  terminal.message('a\u001b]0;title\u0007\tb\nc\u009b')
  terminal.note('closed: 4000 \u001b[2J')
  expect(text()).toBe('\u001b[36ma␛]0;title␇\tb\nc␡\u001b[39m\n\u001b[2mclosed: 4000 ␛[2J\u001b[22m\n')
})

test('a file gets messages as they are', () => {
  const { streams, text } = record(false)
  const terminal = new Terminal(streams, true)
  terminal.message('a\u001b[2J')
  terminal.message('{"a":1}')
  terminal.message(new Uint8Array(70))
  expect(text()).toBe(`a\u001b[2J\n{\n  "a": 1\n}\n<70 bytes> ${'00 '.repeat(64)}…\n`)
})
