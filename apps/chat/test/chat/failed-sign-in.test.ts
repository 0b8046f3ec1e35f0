// A failed sign-in leaves a line in the log that fail2ban reads.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { makeLog } from '../../src/logging/logger.ts'
import { startChat } from './start.ts'

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

/** The regular expression in the README, as fail2ban reads it. */
function failregex(): RegExp {
  const [, pattern] = /^failregex = (.+)$/m.exec(README)!
  return new RegExp(pattern!.replace('<ADDR>', '(?<address>[\\da-fA-F:.]+)'))
}

test('wrong passwords, unknown names and too many attempts have a log line of their own', async () => {
  const lines: string[] = []
  await using started = await startChat({
    log: makeLog('json', line => lines.push(line)),
    limits: { newLogins: { burst: 1, perSecond: 0.001 } },
  })
  const client = await started.guest('Ann')
  await client.ask('auth', { op: 'register', password: 'long enough' })
  const login = (nick: string, password: string) =>
    client.refusal('auth', { op: 'login', nick, password }).then(({ code }) => code)
  expect(await login('Ann', 'wrong')).toBe('unauthorized')
  expect(await login('Nobody","event":"x', 'wrong')).toBe('unauthorized')
  expect(await login('Nobody","event":"x', 'wrong')).toBe('rate_limited')
  const failures = lines.filter(line => failregex().test(line))
  expect(failures.length).toBe(lines.filter(line => line.includes('auth-failed')).length)
  expect(failures.map(line => JSON.parse(line).reason)).toEqual(['password', 'password', 'limit'])
  for (const line of failures) expect(failregex().exec(line)!.groups!.address).toBe('127.0.0.1')
  expect(lines.join('')).not.toContain('Nobody')
})
