// Whether a command in a document can be typed as it stands there: its scripts, packages and files exist. It is not run.

import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Document, ROOT } from './documents.ts'

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly scripts?: Readonly<Record<string, string>>
  readonly bin?: Readonly<Record<string, string>>
}

const manifests = globSync(
  [
    'package.json',
    '{packages,apps}/*/package.json',
    'apps/chat/checker/package.json',
    '{docs,trials}/package.json',
    'tools/*/package.json',
  ],
  {
    cwd: ROOT,
  },
).map(file => JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as Manifest)
const root = manifests.find(({ name }) => name === 'websocket-stack')!
const tools = readFileSync(join(ROOT, 'pnpm-workspace.yaml'), 'utf8')

/** The script of that name at the root. Throws an `Error` where there is none. */
export function rootScript(name: string): string {
  const script = root.scripts?.[name]
  if (script === undefined) throw new Error(`there is no script ${name}`)
  return script
}

/** What is wrong with a command, in a line; undefined where nothing is. `document` is where it stands. */
export function problemOfCommand(command: string, document: Document): string | undefined {
  const [plain = ''] = command.split(/\s+#\s/, 1)
  for (const part of plain.split('&&')) {
    const words = part.trim().split(/\s+/)
    while (/^[A-Z_]+=/.test(words[0] ?? '')) words.shift()
    const problem = problemOfWords(words, document)
    if (problem !== undefined) return problem
  }
  return undefined
}

function problemOfWords([program = '', ...words]: readonly string[], document: Document): string | undefined {
  const names = words.filter(word => !word.startsWith('-'))
  if (['mkdir', 'cd', 'openssl', 'curl'].includes(program)) return undefined
  if (program === 'npx')
    return words.includes('pnpm@12') ? problemOfPnpm(after(words, 'pnpm@12')) : unlessBin(names[0])
  if (program === 'pnpm') return problemOfPnpm(words)
  if (program === 'npm') return problemOfNpm(names)
  if (program === 'node') return unlessFile(names[0], document)
  return manifests.some(({ bin }) => bin?.[program] !== undefined) ? undefined : `nobody knows ${program}`
}

function problemOfPnpm(words: readonly string[]): string | undefined {
  const [first = '', second = '', third = ''] = words
  if (first === '--filter') {
    const there = manifests.find(({ name }) => name === second)
    return there?.scripts?.[third] === undefined ? `${second} has no script ${third}` : undefined
  }
  if (first === '-r')
    return manifests.some(({ scripts }) => scripts?.[third] !== undefined)
      ? undefined
      : `no package has a script ${third}`
  const name = first === 'run' || first === 'exec' ? second : first
  const known = name === 'install' || root.scripts?.[name] !== undefined
  return known || existsSync(join(ROOT, 'node_modules/.bin', name)) ? undefined : `there is no script ${name}`
}

function problemOfNpm([verb = '', ...names]: readonly string[]): string | undefined {
  if (verb === 'init' || verb === 'pkg') return undefined
  if (verb !== 'install') return `npm ${verb} is not checked`
  const wrong = names.find(name => !isPublished(name.replace(/(.)@.*$/, '$1')))
  return wrong === undefined ? undefined : `${wrong} is neither ours nor a tool of ours`
}

function isPublished(name: string): boolean {
  return (
    manifests.some(manifest => manifest.name === name && manifest.private !== true) ||
    name === 'pnpm' ||
    tools.includes(`\n  ${name}:`) ||
    tools.includes(`\n  "${name}":`)
  )
}

function unlessBin(name: string | undefined): string | undefined {
  return manifests.find(manifest => manifest.name === name)?.bin === undefined
    ? `${name} has no program`
    : undefined
}

function unlessFile(name = '', document: Document): string | undefined {
  return existsSync(join(ROOT, name)) || document.codes.includes(name)
    ? undefined
    : `there is no file ${name}`
}

function after(words: readonly string[], word: string): readonly string[] {
  return words.slice(words.indexOf(word) + 1)
}
