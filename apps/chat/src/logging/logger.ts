// Formats log events for standard output: as a line for people, or as a line of JSON.

import type { Log } from './log.ts'

/** Takes a line with its end, as `process.stdout.write` does. */
type Write = (line: string) => void

/** The two forms of a line. */
export type LogForm = 'pretty' | 'json'

/** A log that writes each event as a line. `now` is the time in milliseconds since 1970. */
export function makeLog(form: LogForm, write: Write, now: () => number = Date.now): Log {
  const format = form === 'json' ? jsonLine : prettyLine
  return (level, event, fields = {}) => write(`${format(new Date(now()), level, event, fields)}\n`)
}

/**
 * `{"time":…,"level":…,"event":…` and then the fields, of which none can take the place of these
 * three.
 */
function jsonLine(time: Date, ...[level, event, fields]: Required<Parameters<Log>>): string {
  const head = { time: time.toISOString(), level, event }
  return visible(JSON.stringify({ ...head, ...fields, ...head }))
}

/** `14:05:09 warn  store-down cause="disk full"`, in the time of this machine. */
function prettyLine(time: Date, ...[level, event, fields]: Required<Parameters<Log>>): string {
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()]
  const facts = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${plain(value)}`],
  )
  const head = `${clock.map(part => String(part).padStart(2, '0')).join(':')} ${level.padEnd(5)} ${event}`
  return visible([head, ...facts].join(' '))
}

/** A text stands without quotes where nothing in it could be taken for something else. */
function plain(value: string | number | boolean): string {
  return typeof value === 'string' && !/^[\p{L}\p{N}_.:/@+-]+$/u.test(value)
    ? JSON.stringify(value)
    : String(value)
}

/**
 * Escapes characters that would move the cursor, hide text or change its direction: controls,
 * formats, line separators, lone surrogates.
 */
function visible(line: string): string {
  return line.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, character =>
    Array.from({ length: character.length }, (_, i) => escapeUnit(character.charCodeAt(i))).join(''),
  )
}

function escapeUnit(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`
}
