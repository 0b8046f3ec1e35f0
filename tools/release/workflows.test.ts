// What the workflows may do, which no linter knows: nothing by default, and one job alone may publish.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const FOLDER = join(ROOT, '.github/workflows')
const workflows = readdirSync(FOLDER).map(name => ({ name, text: readFileSync(join(FOLDER, name), 'utf8') }))

describe.each(workflows)('$name', ({ text }) => {
  test('grants nothing to all jobs', () => {
    expect(text).toMatch(/^permissions: \{\}$/m)
  })

  test('pins each action to a commit, and says which version that is', () => {
    const lines = text.split('\n').filter(line => /^\s*(- )?uses:/.test(line))
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines) expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  test('leaves no credentials in a checkout', () => {
    const checkouts = text.match(/actions\/checkout@/g)!.length
    expect(text.match(/persist-credentials: false/g)).toHaveLength(checkouts)
  })

  test('has a limit of time for each job, and no secret', () => {
    expect(text.match(/timeout-minutes: \d+$/gm)).toHaveLength(text.match(/runs-on: /g)!.length)
    expect(text).not.toContain('secrets.')
  })
})

test('one job may ask for a token to publish with: the one that somebody must allow', () => {
  const all = workflows.map(({ text }) => text).join('\n')
  expect(all.match(/id-token: write/g)).toHaveLength(1)
  const [, job] = /\n {2}publish:\n([\s\S]*?)\n {2}\w+:\n/.exec(all)!
  expect(job).toContain('id-token: write')
  expect(job).toContain('environment: npm')
  // What is built was built elsewhere.
  expect(job).not.toMatch(/run build|\.ci\/run/)
})

describe('pnpm', () => {
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const verify = (path: string) =>
    spawnSync(join(ROOT, '.ci/verify-pnpm'), { env: { PATH: path }, encoding: 'utf8' })
  const release = workflows.find(({ name }) => name === 'release.yml')!.text

  test('is one exact version', () => {
    expect(packageManager).toMatch(/^pnpm@\d+\.\d+\.\d+$/)
    expect(readFileSync(join(ROOT, '.ci/verify-pnpm'), 'utf8')).toContain(packageManager.split('@')[1])
  })

  test('is named by package.json alone, wherever something is built or published', () => {
    for (const text of [...workflows.map(each => each.text), readFileSync(join(ROOT, '.ci/run'), 'utf8')]) {
      expect(text).not.toMatch(/pnpm@\d|pnpm@latest|pnpm@next/)
      expect(text).not.toMatch(/\bversion: /)
      expect(text).not.toMatch(/(npx|pnpm dlx|corepack) (?!-y "pnpm@\$version")/)
    }
  })

  test('is checked in each job of a release before anything is run', () => {
    const jobs = release.split(/^ {2}(?=\w+:$)/m).slice(1)
    expect(jobs.map(job => /^\w+/.exec(job)![0])).toEqual(expect.arrayContaining(['pack', 'publish']))
    for (const job of jobs.filter(each => each.includes('runs-on:')))
      expect(job.match(/(?:- run: .*|uses: (?!actions\/checkout).*)/g)!.slice(0, 2)).toEqual([
        expect.stringContaining('pnpm/setup@'),
        '- run: .ci/verify-pnpm',
      ])
  })

  test('that is another program is not accepted', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pnpm-'))
    writeFileSync(join(folder, 'pnpm'), '#!/bin/sh\necho 12.21.0\n', { mode: 0o755 })
    expect(verify([folder, '/usr/bin', '/bin'].join(delimiter)).status).not.toBe(0)
    rmSync(folder, { recursive: true })
  })

  const mine = spawnSync('pnpm', ['--version'], { cwd: ROOT, encoding: 'utf8' }).stdout?.trim()
  const isSame = `pnpm@${mine}` === packageManager && process.platform === 'linux' && process.arch === 'x64'
  const why = isSame ? '' : ` (skipped: the pnpm here is not ${packageManager} for Linux on x64)`
  test.skipIf(!isSame)(`of this machine is accepted${why}`, () => {
    expect(verify(process.env.PATH!)).toMatchObject({ status: 0 })
  })
})
