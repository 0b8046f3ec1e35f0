import { expect, test } from 'vitest'
import { withoutNeededJoiners } from './joiners.ts'

const hasJoiner = (text: string) => /[\u200C\u200D]/.test(withoutNeededJoiners(text))

test.each([
  ['Persian', 'می\u200Cخواهم'],
  ['Persian with a mark', 'خانه\u064F\u200Cای'],
  ['Sinhala', 'ශ්\u200Dරී'],
  ['Malayalam, at the end', 'മോഹന്\u200D'],
  ['Malayalam', 'അവന്\u200Dറെ'],
  ['Hindi', 'क्\u200Dष'],
  ['Hindi, not joined', 'क्\u200Cष'],
  ['Kannada', 'ರಾಜ್\u200Cಕುಮಾರ್'],
  ['Bengali', 'র\u200D্যাব'],
])('the joiner of %s is needed', (_, text) => expect(hasJoiner(text)).toBe(false))

test.each([
  ['between Latin letters', 'a\u200Cb'],
  ['a joiner between Latin letters', 'a\u200Db'],
  ['at the start', '\u200Cمی'],
  ['at the end of Persian', 'می\u200C'],
  ['after a letter that is not joined', 'دا\u200Cد'],
  ['twice', 'می\u200C\u200Cخواهم'],
  ['between Indic letters without a virama', 'क\u200Dष'],
  ['a non-joiner at the end, behind a virama', 'क्\u200C'],
  ['behind a virama that stands on nothing', '\u094D\u200Dक'],
])('a joiner %s is not', (_, text) => expect(hasJoiner(text)).toBe(true))
