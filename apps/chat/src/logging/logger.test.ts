import { describe, expect, test } from 'vitest'
import type { Log } from './log.ts'
import { type LogForm, makeLog } from './logger.ts'

const NOON = new Date(2026, 4, 17, 12, 0, 9, 7)

function lineOf(form: LogForm, ...event: Parameters<Log>): string {
  const lines: string[] = []
  makeLog(
    form,
    line => lines.push(line),
    () => NOON.getTime(),
  )(...event)
  expect(lines).toHaveLength(1)
  expect(lines[0]!.slice(0, -1)).not.toMatch(/\p{Cc}/u)
  expect(lines[0]!.at(-1)).toBe('\n')
  return lines[0]!.slice(0, -1)
}

const HOSTILE = 'a"b\\c\r\n\u001b[2J\u0000\u007f\u009b\u2028\u202e\u200b\u{e0041}\ud800é😀'

describe('json', () => {
  test('time, level, event and the fields', () => {
    expect(
      lineOf('json', 'warn', 'store-down', { cause: 'disk full', after: 3, retry: true, none: undefined }),
    ).toBe(
      `{"time":"${NOON.toISOString()}","level":"warn","event":"store-down","cause":"disk full","after":3,"retry":true}`,
    )
  })

  test('a field cannot replace time, level or event', () => {
    const line = lineOf('json', 'info', 'listening', { level: 'error', event: 'other', time: 0 })
    expect(JSON.parse(line)).toEqual({ time: NOON.toISOString(), level: 'info', event: 'listening' })
  })

  test('every text is printed in full and reads back unchanged', () => {
    const line = lineOf('json', 'info', 'hello', { nick: HOSTILE, 'odd\nname': HOSTILE })
    expect(JSON.parse(line)).toMatchObject({ nick: HOSTILE, 'odd\nname': HOSTILE })
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
    expect(line).toContain('é😀')
  })
})

describe('pretty', () => {
  test('the time of day, level, event and the fields', () => {
    expect(lineOf('pretty', 'info', 'listening', { port: 3369, host: '::1', none: undefined })).toBe(
      '12:00:09 info  listening port=3369 host=::1',
    )
    expect(lineOf('pretty', 'error', 'stopped')).toBe('12:00:09 error stopped')
  })

  test('unusual texts are quoted and escaped', () => {
    expect(lineOf('pretty', 'info', 'e', { a: 'b c', d: '', e: 'x="y"' })).toBe(
      String.raw`12:00:09 info  e a="b c" d="" e="x=\"y\""`,
    )
    const line = lineOf('pretty', 'info', 'hello', { nick: HOSTILE })
    expect(line).toContain(String.raw`nick="a\"b\\c\r\n\u001b[2J\u0000`)
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
  })
})
