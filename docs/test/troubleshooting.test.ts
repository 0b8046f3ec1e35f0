// The guide about troubleshooting has a row for each status and each close code that we send, and its command gets an answer.

import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findFence } from '@ws/testing'
import { expect, test } from 'vitest'
import { ROOT } from '../check/documents.ts'
import { startGuide } from './programs.ts'

const GUIDE = 'troubleshooting.md'
const guide = readFileSync(join(ROOT, 'docs/guides', GUIDE), 'utf8')

/** The numbers that begin the rows of the table below a heading. */
function rowsBelow(heading: string): number[] {
  const [section = ''] = guide.split(`## ${heading}`).slice(1)
  const cells = section.split('\n## ')[0]!.matchAll(/^\| (\d[^|]*) \|/gm)
  return [...cells].flatMap(([, cell]) => cell!.match(/\d{3,4}/g)!.map(Number))
}

test('has a row for each status that the packages send', () => {
  const sources = globSync('packages/{handshake,server}/src/**/*.ts', { cwd: ROOT })
    .filter(file => !file.endsWith('.test.ts'))
    .map(file => readFileSync(join(ROOT, file), 'utf8'))
  const statuses = sources.flatMap(text =>
    [...text.matchAll(/(?:\breject\(|\bstatus: )([45]\d\d)\b/g)].map(([, status]) => Number(status)),
  )
  expect(new Set(statuses).size).toBeGreaterThan(8)
  expect(
    [...new Set(statuses)].filter(status => !rowsBelow('The handshake is refused').includes(status)),
  ).toEqual([])
})

test('has a row for each close code of RFC 6455 and of the IANA registry that we send', async () => {
  const { CloseCode } = await import('@ws/protocol')
  const rows = rowsBelow('The connection ends')
  expect(Object.values(CloseCode).filter(code => !rows.includes(code))).toEqual([])
})

test('its command shows the status of a handshake', async context => {
  if (spawnSync('curl', ['--version']).error !== undefined) {
    console.warn('the command is not run: curl is not installed')
    context.skip()
  }
  await using program = await startGuide(GUIDE, 0, { args: ['0'] })
  const command = findFence(guide, 'sh', 0).trim().replace('localhost:3000', `localhost:${program.port}`)
  const { stdout } = spawnSync('sh', ['-c', `${command} --max-time 2`], { encoding: 'utf8' })
  expect(stdout).toMatch(/^HTTP\/1\.1 101 /)
})
