import { expect, test } from 'vitest'
import { mixesScripts } from './scripts.ts'

test.each([
  'Ada Lovelace',
  'Zoë',
  'Ада Лавлейс',
  'Άδα',
  'X-ær_12',
  '山田タロウ',
  'サーバー',
  'Kimさん',
  '김하나 Hana',
  'नेहा',
  'John สมชาย',
  'محمد Ali',
  'ⵣⵉⵔⵉ',
  'ᏣᎳᎩ',
  'Ada 🌞',
  '今日🌞',
  '123',
  '♪',
])('%s is a usual mixture of scripts', text => expect(mixesScripts(text)).toBe(false))

test.each([
  ['\u0410da', 'a Cyrillic letter in a Latin word'],
  ['p\u0430ypal', 'a Cyrillic letter within a Latin word'],
  ['\u03A1aul', 'a Greek letter in a Latin word'],
  ['Ada \u0410\u0434\u0430', 'Cyrillic and Latin words'],
  ['\u0555scar', 'an Armenian letter in a Latin word'],
  ['\u13AAat', 'a Cherokee letter in a Latin word'],
  ['Anna\u0D20', 'a Malayalam letter in a Latin word'],
  ['नेคहา', 'a Thai letter in a Devanagari word'],
  ['नेहा สมชาย', 'two scripts beside each other'],
  ['ада中', 'Han in a Cyrillic word'],
])('%s mixes scripts: %s', text => expect(mixesScripts(text)).toBe(true))
