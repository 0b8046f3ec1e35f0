import { describe, expect, test } from 'vitest'
import { readEmoji } from './emoji.ts'

test.each([
  '👍',
  '👍🏽',
  '❤️',
  '☺️',
  '1️⃣',
  '#️⃣',
  '🇩🇪',
  '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  '👩‍🚀',
  '👩‍👩‍👧‍👦',
  '❤️‍🔥',
  '🕵️‍♂️',
  '🕵🏽‍♂️',
  '🏴‍☠️',
  '⛹🏿‍♀️',
  '©️',
  '🫱🏻‍🫲🏿',
])('%s is one emoji, with or without variation selectors', emoji => {
  expect(readEmoji(emoji)).toBe(emoji)
  expect(readEmoji(emoji.replaceAll('\uFE0F', ''))).toBe(emoji)
  expect(readEmoji(`${emoji}\uFE0F`)).toBe(emoji)
})

describe('readEmoji refuses', () => {
  test.each([
    ['nothing', ''],
    ['a letter', 'a'],
    ['a word', 'lol'],
    ['a digit', '1'],
    ['punctuation', '#'],
    ['two emoji', '👍👍'],
    ['an emoji and a letter', '👍a'],
    ['an emoji and a space', '👍 '],
    ['an emoji with a zero width space', '👍\u200B'],
    ['an emoji with a direction override', '\u202E👍'],
    ['an emoji with a joiner that joins nothing', '👍\u200D'],
    ['a lone variation selector', '\uFE0F'],
    ['a lone skin tone on nothing that has one', '❤🏽'],
    ['a text symbol', '→'],
    ['a smiley of punctuation', ':)'],
    ['a lone regional indicator', '🇩'],
    ['a flag of no region', '🇽🇽'],
    ['tags of no flag', '🏴\u{E0061}\u{E007F}'],
    ['an emoji with the selector of text', '👍\uFE0E'],
    ['a kana', 'あ'],
    ['half a character', '\uD83D'],
  ])('%s', (_, text) => expect(readEmoji(text)).toBeUndefined())
})

test('each emoji of one code point is in its stored form', () => {
  let count = 0
  for (let code = 0; code < 0x20000; code++) {
    const character = String.fromCodePoint(code)
    const emoji = [character, `${character}\uFE0F`].find(form => /^\p{RGI_Emoji}$/v.test(form))
    if (emoji === undefined) continue
    count++
    expect(readEmoji(emoji)).toBe(emoji)
    expect(readEmoji(character)).toBe(emoji)
  }
  expect(count).toBeGreaterThan(1300)
})
