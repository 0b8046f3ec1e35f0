import { expect, test } from 'vitest'
import { lookOf } from './look.ts'

test.each([
  ['Ada', '\u0410d\u0430'],
  ['coco', '\u0441\u043E\u0441\u043E'],
  ['BOB', '\u0412\u041E\u0412'],
  ['Bob', '\u0412\u041E\u0412'],
  ['Ilan', 'llan'],
  ['Bob1', 'Bobl'],
  ['Zoë', 'Zoe\u0308'],
  ['カ', '力'],
  ['می\u200Cخواهم', 'میخواهم'],
  ['❤', '❤\uFE0F'],
  ['Ａｄａ', 'Ada'],
])('%s looks like %s', (one, other) => expect(lookOf(one)).toBe(lookOf(other)))

test.each([
  ['Amy', 'Arny'],
  ['Ada', 'Ida'],
  ['Ann', 'Anne'],
  ['Zoe', 'Zoë'],
  ['李明', '李朋'],
  ['Writer 1', 'Writer 11'],
])('%s does not look like %s', (one, other) => expect(lookOf(one)).not.toBe(lookOf(other)))
