// Small repositories in which something has changed, or nothing.

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { judgeChanges } from './changes.ts'

const MANIFEST = { name: '@ws/one', version: '0.1.0', dependencies: { '@ws/two': '^0.1.0' } }
let root = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ws-changes-'))
  git('init', '--quiet', '--initial-branch=main')
  write('.changeset/README.md', '# Changesets\n')
  write('packages/one/package.json', MANIFEST)
  write('packages/one/src/index.ts', 'export const one = 1\n')
  write('packages/two/package.json', { name: '@ws/two', version: '0.1.0' })
  write('packages/own/package.json', { name: '@ws/own', version: '0.0.0', private: true })
  write('apps/echo/package.json', { name: '@ws/echo', version: '0.1.0' })
  commit('The beginning')
})

afterEach(() => rmSync(root, { recursive: true }))

test('nothing has changed', () => {
  expect(judgeChanges(root)).toEqual({ changed: [], unsaid: [] })
})

test('a source has, and nobody says so', () => {
  write('packages/one/src/index.ts', 'export const one = 2\n')
  commit('A change')
  const one = { name: '@ws/one', files: ['packages/one/src/index.ts'] }
  expect(judgeChanges(root)).toEqual({ changed: [one], unsaid: [one] })
})

test.each([
  ['a changeset that names the package', "---\n'@ws/one': patch\n---\n\nTwo.\n", []],
  ['one that names another', "---\n'@ws/two': patch\n---\n\nTwo.\n", ['@ws/one']],
  ['one without packages that has the name and a reason', '---\n---\n\n@ws/one: only a comment.\n', []],
  ['one without packages that has no name', '---\n---\n\nOnly a comment.\n', ['@ws/one']],
])('with %s', (_what, changeset, unsaid) => {
  write('packages/one/src/index.ts', 'export const one = 2\n')
  write('.changeset/some.md', changeset)
  commit('A change')
  expect(judgeChanges(root)!.unsaid.map(({ name }) => name)).toEqual(unsaid)
})

test.each([
  ['packages/one/src/index.test.ts', 'a test'],
  ['packages/one/test/all.test.ts', 'a test'],
  ['packages/one/README.md', 'a document'],
  ['packages/own/src/index.ts', 'what is private'],
  ['packages/one/package.json', { ...MANIFEST, scripts: { test: 'x' }, devDependencies: { vitest: '*' } }],
])('%s needs no word', (file, content) => {
  write(file, content)
  commit('A change')
  expect(judgeChanges(root)!.changed).toEqual([])
})

test.each([
  ['apps/echo/page/index.html', '<p>', '@ws/echo'],
  ['packages/one/package.json', { ...MANIFEST, dependencies: {} }, '@ws/one'],
])('%s does', (file, content, name) => {
  write(file, content)
  commit('A change')
  expect(judgeChanges(root)!.unsaid).toEqual([{ name, files: [file] }])
})

test('what was before the last version has been said', () => {
  write('packages/one/src/index.ts', 'export const one = 2\n')
  commit('A change')
  write('packages/one/package.json', { ...MANIFEST, version: '0.2.0' })
  commit('Versions')
  expect(judgeChanges(root)!.changed).toEqual([])
})

test('a clone without history cannot tell', () => {
  const clone = join(root, 'clone')
  git('clone', '--quiet', '--depth', '1', `file://${root}`, clone)
  expect(judgeChanges(clone)).toBeUndefined()
})

function write(file: string, content: string | object): void {
  const path = join(root, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2))
}

function commit(message: string): void {
  git('add', '--all')
  git(
    '-c',
    'user.name=T',
    '-c',
    'user.email=t@localhost',
    '-c',
    'commit.gpgsign=false',
    'commit',
    '-qm',
    message,
  )
}

function git(...args: readonly string[]): void {
  execFileSync('git', args, { cwd: root })
}
