import { expect, it } from 'vitest'
import { sentence } from './sentence.ts'

it.each([
  ['', ''],
  ['you are muted here', 'You are muted here.'],
  ['Really?', 'Really?'],
])('%j becomes %j', (words, expected) => {
  expect(sentence(words)).toBe(expected)
})

it('times of the server become times of the reader', () => {
  const words = sentence('you are muted here until 2026-11-30T12:30:00.000Z')
  expect(words).toMatch(/^You are muted here until .*2026.*:30.*\.$/)
  expect(words).not.toContain('T12')
})
