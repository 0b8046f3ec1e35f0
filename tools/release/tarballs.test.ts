// What may not go out; and that the READMEs say what the budget says.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { judgeManifest, judgeSize, readBudgets } from './tarballs.ts'
import { listPublished } from './workspace.ts'

const ROOT = join(import.meta.dirname, '../..')
const plain = { name: '@ws/x', version: '1.0.0' }

describe('a manifest', () => {
  test('with nothing but packages of ours is fine', () => {
    const optional = {
      peerDependencies: { other: '^1.0.0' },
      peerDependenciesMeta: { other: { optional: true } },
    }
    expect(
      judgeManifest({
        ...plain,
        dependencies: { '@ws/frame': '^1.0.0' },
        scripts: { test: 'x' },
        ...optional,
      }),
    ).toEqual([])
  })

  test('of a program may name packages of others', () => {
    const program = { ...plain, bin: { x: 'dist/main.js' }, dependencies: { other: '^1.0.0' } }
    expect(judgeManifest(program)).toEqual([])
  })

  test.each([
    [{ scripts: { postinstall: 'x' } }, 'it has a script postinstall'],
    [{ dependencies: { other: '^1.0.0' } }, 'it depends on other'],
    [{ optionalDependencies: { other: '^1.0.0' } }, 'it depends on other'],
    [{ peerDependencies: { other: '^1.0.0' } }, 'it depends on other'],
    [
      { dependencies: { '@ws/frame': 'workspace:^' } },
      'its range for @ws/frame is workspace:^, which means nothing outside of this repository',
    ],
    [{ private: true }, '@ws/x is private'],
  ])('%j', (wrong, sentence) => {
    expect(judgeManifest({ ...plain, ...wrong })).toEqual([sentence])
  })
})

test('a size at the budget is fine, one byte more is not', () => {
  expect(judgeSize('to download', 3500, 3.5)).toEqual([])
  expect(judgeSize('to download', 3501, 3.5)).toEqual(['3.5 kB to download, where 3.5 kB are the budget'])
})

test('everything that is published has a budget, and quotes it in its README', () => {
  const budgets = readBudgets()
  for (const { folder, manifest } of listPublished(ROOT)) {
    const { packed, bundled } = budgets[manifest.name]!
    const readme = readFileSync(join(ROOT, folder, 'README.md'), 'utf8')
    expect(readme).toContain(`${packed} kB to download`)
    if (bundled !== undefined) expect(readme).toContain(`${bundled} kB in a bundle`)
  }
  expect(new Set(Object.keys(budgets))).toEqual(
    new Set(listPublished(ROOT).map(({ manifest }) => manifest.name)),
  )
})

test('every export of a package has types for CommonJS programs, in their conditions and in typesVersions', () => {
  interface PublishConfig {
    readonly types?: string
    readonly typesVersions?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
    readonly exports?: Readonly<Record<string, unknown>>
  }
  for (const { folder, manifest } of listPublished(ROOT)) {
    const text = readFileSync(join(ROOT, folder, 'package.json'), 'utf8')
    const { publishConfig = {} } = JSON.parse(text) as { publishConfig?: PublishConfig }
    const paths = Object.keys(publishConfig.exports ?? {}).filter(path => path !== './package.json')
    if (paths.length === 0) continue
    for (const path of paths)
      expect(JSON.stringify(publishConfig.exports![path]), `${manifest.name} ${path}`).toContain(
        '"types":{"require":',
      )
    const others = paths.filter(path => path !== '.').map(path => path.slice(2))
    expect(Object.keys(publishConfig.typesVersions?.['*'] ?? {}), manifest.name).toEqual(others)
    expect(publishConfig.types, manifest.name).toMatch(/^\.\/dist\//)
  }
})
