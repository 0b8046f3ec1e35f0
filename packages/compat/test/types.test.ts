// Programs that compile with `@types/ws` compile with the types of this package, under its name and
// without a change. They are those in test/programs, with each compiler that users have, and each
// way in which it looks for packages.

import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const require = createRequire(import.meta.url)
const root = join(import.meta.dirname, '..')
/** Below the package, so that its dependencies are found. */
const folder = join(root, 'node_modules', '.types-test')
const ours = join(folder, 'node_modules', 'ws')

const COMPILERS = ['typescript', 'typescript-5']
const PROGRAMS = readdirSync(join(import.meta.dirname, 'programs'))

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(ours, { recursive: true })
  const { publishConfig, ...manifest } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  writeFileSync(join(ours, 'package.json'), JSON.stringify({ ...manifest, ...publishConfig, name: 'ws' }))
  symlinkSync(join(root, 'src'), join(ours, 'src'))
  compile('typescript', join(root, 'tsconfig.build.json'), '--outDir', join(ours, 'dist'))
  execFileSync(process.execPath, [join(root, '../../tools/release/require-types.ts')], { cwd: ours })
  cpSync(join(import.meta.dirname, 'programs'), join(folder, 'programs'), { recursive: true })
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(COMPILERS)('with %s', compiler => {
  test.each(['nodenext', 'node16'])(
    'programs of both kinds compile with module %s',
    module => {
      expect(errorsOf(compiler, { module }, PROGRAMS)).toBe('')
    },
    120_000,
  )

  test('programs that a bundler reads compile', () => {
    const modules = PROGRAMS.filter(name => name.endsWith('.mts'))
    expect(errorsOf(compiler, { module: 'esnext', moduleResolution: 'bundler' }, modules)).toBe('')
  }, 120_000)

  test('programs that become CommonJS compile, as those of NestJS', () => {
    const commonjs = PROGRAMS.filter(name => name.endsWith('.cts'))
    expect(errorsOf(compiler, { module: 'commonjs', esModuleInterop: true }, commonjs)).toBe('')
  }, 120_000)
})

/** The errors of the compiler for these programs. */
function errorsOf(compiler: string, options: object, programs: readonly string[]): string {
  const file = join(folder, 'tsconfig.json')
  const compilerOptions = {
    target: 'es2024',
    lib: ['es2024'],
    types: ['node'],
    typeRoots: [dirname(dirname(require.resolve('@types/node/package.json')))],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    ...options,
  }
  writeFileSync(file, JSON.stringify({ compilerOptions, files: programs.map(name => `programs/${name}`) }))
  return compile(compiler, file)
}

function compile(compiler: string, project: string, ...args: string[]): string {
  const tsc = join(dirname(require.resolve(`${compiler}/package.json`)), 'bin', 'tsc')
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', project, ...args], {
    cwd: folder,
    encoding: 'utf8',
  })
  return stdout
}
