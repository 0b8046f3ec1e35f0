// The programs of all documents, compiled together as a reader's would be: with the types of the packages, and strictly.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Block, ROOT } from './documents.ts'

const BASE = join(ROOT, 'tsconfig.base.json')
const COMPILER = join(ROOT, 'node_modules/.bin/tsc')

const SHARED = { isolatedDeclarations: false, declaration: false, moduleDetection: 'force' }
/** A program in TypeScript runs on Node. */
const ON_NODE = { ...SHARED, types: ['node'] }
/** A piece of JavaScript runs in a page, and is not a whole program. */
const IN_PAGES = {
  ...SHARED,
  allowJs: true,
  checkJs: true,
  strict: false,
  exactOptionalPropertyTypes: false,
  noUnusedLocals: false,
  types: [],
  lib: ['es2024', 'dom'],
}

/** What the compiler has to say of these blocks: TypeScript, JavaScript, and the scripts in HTML. Empty where all is well. */
export function compile(blocks: readonly Block[]): string {
  const folder = mkdtempSync(join(import.meta.dirname, '../.blocks-'))
  try {
    const on = (kind: string) => blocks.filter(({ language }) => (language === 'ts') === (kind === 'node'))
    return [
      compileIn(join(folder, 'node'), on('node'), ON_NODE),
      compileIn(join(folder, 'page'), on('page'), IN_PAGES),
    ].join('')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function compileIn(folder: string, blocks: readonly Block[], compilerOptions: object): string {
  if (blocks.length === 0) return ''
  mkdirSync(folder)
  for (const block of blocks) writeFileSync(join(folder, nameOf(block)), sourceOf(block))
  const tsconfig = { extends: BASE, compilerOptions, include: [folder] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
  const { stdout, stderr, error } = spawnSync(COMPILER, ['-p', folder, '--pretty', 'false'], {
    encoding: 'utf8',
  })
  if (error !== undefined) throw error
  return stdout + stderr
}

/** Where it comes from: `packages-server-README-line-9.ts`. */
function nameOf({ document, line, language }: Block): string {
  const name = document.replace(/\.md$/, '').replaceAll(/\W+/g, '-')
  return `${name}-line-${line}.${language === 'ts' ? 'ts' : 'js'}`
}

function sourceOf({ language, text }: Block): string {
  if (language !== 'html') return `${text}\n`
  return [...text.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script]) => script).join('\n')
}
