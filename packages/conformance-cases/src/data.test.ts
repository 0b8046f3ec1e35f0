import { deflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { createData } from './data.ts'

/** Octets, and the ratio of the compressed size at zlib's default level. */
const SOURCES = [
  ['json', 196_608, 0.04, 0.06],
  ['bitmap', 262_144, 0.84, 0.87],
  ['prose', 229_376, 0.36, 0.4],
  ['html', 262_165, 0.04, 0.06],
  ['pdf', 1_048_576, 0.74, 0.78],
] as const

test.each(SOURCES)('%s has %i octets and compresses as it should', (source, length, least, most) => {
  const data = createData(source)
  expect(data).toHaveLength(length)
  const ratio = deflateRawSync(data).length / length
  expect(ratio).toBeGreaterThan(least)
  expect(ratio).toBeLessThan(most)
})

test('a source is the same array for each call', () => {
  expect(createData('json')).toBe(createData('json'))
})

test('texts are UTF-8, and a UTF-16 unit of them is a code point', () => {
  for (const source of ['json', 'html'] as const) {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(createData(source))
    expect([...text]).toHaveLength(text.length)
  }
  expect(new TextDecoder().decode(createData('html'))).toHaveLength(262_144)
})
