import { expect, test } from 'vitest'
import { excerptText, WireLog } from './wire-log.ts'

test('octets are text if they are UTF-8, and hexadecimal otherwise', () => {
  expect(excerptText(Buffer.from('grüß'))).toEqual([6, 'grüß'])
  expect(excerptText(Buffer.from('fffe', 'hex'))).toEqual([2, '0xfffe'])
})

test('long octets are cut, not inside of a character', () => {
  const [length, text] = excerptText(Buffer.from('€'.repeat(100)))
  expect(length).toBe(300)
  expect(text).toBe(`${'€'.repeat(21)} ...`)
})

test('a log that is turned off counts, but has no entries', () => {
  const log = new WireLog()
  log.turn(false)
  log.read(Buffer.from('abc'))
  log.turn(true)
  log.read(Buffer.from('abc'))
  expect(log.entries).toEqual([
    ['WLM', false],
    ['WLM', true],
    ['RO', [3, '616263']],
  ])
  expect(log.rxOctets).toEqual({ 3: 2 })
})
