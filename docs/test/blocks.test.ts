// Every code block of every document is checked by something, which depends on its language; a block that nothing checks fails here.

import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFence, runReadme } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { compile } from '../check/compile.ts'
import { type Block, type Document, ROOT, readDocument, readDocuments } from '../check/documents.ts'
import { startApp } from './programs.ts'
import { GUIDE, PROXIES } from './proxy.ts'

const documents = readDocuments()
/** Its own test lints its unit and its image. */
const DEPLOYING = 'docs/guides/deploying.md'
/** Its own test compares the filter for fail2ban with the log. */
const CHAT = 'apps/chat/README.md'
const COMPILED = ['ts', 'js', 'html']

/** What checks a block, in a word; undefined where nothing does. */
function checkOf({ document, language, text, before }: Block): string | undefined {
  if (COMPILED.includes(language)) return 'compiled'
  if (language === 'sh') return 'read'
  if (language === 'text' && before?.language === 'ts') return 'output'
  if (language === 'log') return 'record'
  if (['json', 'yaml'].includes(language) && /@ws\/compat/.test(text)) return 'override'
  if (language in PROXIES && document === GUIDE) return 'proxy'
  if (['ini', 'dockerfile'].includes(language) && document === DEPLOYING) return 'linted'
  if (language === 'ini' && document === CHAT) return 'filter'
  if (language === '' && before?.language === 'sh' && text.startsWith('ws-')) return 'greeting'
  if (language === '' && /[─│►]/.test(text)) return 'drawing'
  return undefined
}

function blocksOf(check: string | undefined): Block[] {
  return documents.flatMap(({ blocks }) => blocks).filter(block => checkOf(block) === check)
}

/** Comments, strings, imports, and lines of HTML. */
const NO_CODE = /\/\/.*|'[^']*'|"[^"]*"|^(?:import|export [*{]).*|^\s*<.*/g
const PLEASING = /\bvoid [\w$(]|[\w)\]}>] as (?!const\b)[\w({[]|[\w)\]]!(?!=)/

const place = ({ document, line }: Block) => `${document}:${line}`
const byPlace = (check: string) => blocksOf(check).map(block => [place(block), block] as const)
const documentOf = (block: Block): Document => documents.find(({ path }) => path === block.document)!

test('there is no block that nothing checks', () => {
  expect(blocksOf(undefined).map(block => `${place(block)}: ${block.language || 'no language'}`)).toEqual([])
})

test('programs, and the scripts of pages, have the right types', () => {
  expect(compile(blocksOf('compiled'))).toBe('')
})

test('no program has the operator void, a cast, or a non-null assertion, to please the compiler', () => {
  const lines = blocksOf('compiled').flatMap(block =>
    block.text.split('\n').map((line, i) => ({ line, where: `${block.document}:${block.line + i + 1}` })),
  )
  const pleasing = lines.filter(({ line }) => PLEASING.test(line.replaceAll(NO_CODE, '')))
  expect(pleasing.map(({ line, where }) => `${where}: ${line}`)).toEqual([])
})

test.each(byPlace('output'))('%s: the program before it prints that', async (_, block) => {
  const { path, blocks } = documentOf(block)
  const program = blocks.filter(({ language }) => language === 'ts').indexOf(block.before!)
  const [, folder, name] = /^(.*?)([^/]+)$/.exec(path)!
  const result = await runReadme(join(ROOT, folder!), program, { document: name! })
  expect(result).toMatchObject({ stdout: `${block.text}\n`, stderr: '', exitCode: 0 })
})

test.each(byPlace('greeting'))('%s: the command before it says that', async (_, block) => {
  const file = `apps/${block.before!.text.split(' ').at(-1)!}/src/main.ts`
  const isChat = file.startsWith('apps/chat')
  const folder = mkdtempSync(join(tmpdir(), 'greeting-'))
  try {
    const args = isChat ? ['--data', join(folder, 'chat.db'), '--log', 'pretty'] : []
    await using app = await startApp(file, args, /:(\d+)\n[\s\S]*Ctrl-C[^\n]*\n/)
    const inGeneral = (text: string) =>
      text
        .replaceAll(/localhost:\d+/g, 'localhost:PORT')
        .replace(/(data +)\S+/, '$1FILE')
        .trimEnd()
    expect(inGeneral(app.output.slice(app.output.indexOf('ws-')))).toBe(inGeneral(block.text))
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.each(byPlace('override'))('%s: ws is overridden by a version of @ws/compat that exists', (_, block) => {
  const manifest = readFileSync(join(ROOT, 'packages/compat/package.json'), 'utf8')
  const [major] = (JSON.parse(manifest) as { version: string }).version.split('.')
  const lines = block.text.split('\n').filter(line => line.includes('@ws/compat'))
  const override = new RegExp(`^ *"?(?:@types/)?ws"?: "?npm:@ws/compat@\\^${major}"?,?$`)
  const inOneLine = new RegExp(
    `^ *"(?:overrides|resolutions)": {( "(?:@types/)?ws": "npm:@ws/compat@\\^${major}",?)+ }$`,
  )
  for (const line of lines) expect(override.test(line) || inOneLine.test(line), line).toBe(true)
  if (block.language === 'json') JSON.parse(block.text)
})

test.each(byPlace('drawing'))('%s: what is named in it exists', (_, block) => {
  const names = globSync('{packages,apps}/*', { cwd: ROOT }).map(path => path.replace('packages/', '@ws/'))
  const named = block.text.match(/@ws\/[a-z]+|apps\/[a-z]+/g) ?? []
  expect(named.filter(name => !names.includes(name))).toEqual([])
})

test.each(byPlace('record'))('%s: what printed it is named there, and exists', (_, block) => {
  const commands = documentOf(block).codes.filter(code => code.startsWith('pnpm '))
  expect(commands.length).toBeGreaterThan(0)
})

test.each(Object.keys(PROXIES))('the guide has one block for %s, which its tests run', language => {
  const text = documents
    .find(({ path }) => path === GUIDE)!
    .blocks.filter(block => block.language === language)
  expect(text).toHaveLength(1)
})

describe('a wrong block is seen', () => {
  const fence = '```'
  const read = (language: string, text: string) =>
    readDocument('docs/x.md', `# X\n\n${fence}${language}\n${text}\n${fence}\n`)

  test.each(['toml', '', 'nginx', 'text'])('%j: nothing checks it', language => {
    expect(checkOf(read(language, 'x').blocks[0]!)).toBeUndefined()
  })

  test('a program with a wrong type, by its document and its line', () => {
    const said = compile([
      ...read('ts', "import { WebSocketServer } from '@ws/server'\nnew WebSocketServer({ port: 1 })").blocks,
      ...read('js', 'new WebSocket().sned("x")').blocks,
      ...readDocument('y.md', `${fence}html\n<script>\n  no()\n</script>\n${fence}\n`).blocks,
    ])
    expect(said).toMatch(/docs-x-line-3\.ts\(2,23\): error TS2353/)
    expect(said).toContain("'sned' does not exist")
    expect(said).toMatch(/y-line-1\.js\(\d,3\): error TS2304: Cannot find name 'no'/)
  })

  test('findFence and the reader of documents see the same', () => {
    const text = `a\n\n${fence}sh\nls\n${fence}\n\n- b\n${fence}sh\nmore\n\nlines\n${fence}\n`
    const { blocks } = readDocument('docs/x.md', text)
    expect(blocks.map(block => block.line)).toEqual([3, 8])
    expect(blocks.map(block => `${block.text}\n`)).toEqual([
      findFence(text, 'sh', 0),
      findFence(text, 'sh', 1),
    ])
  })
})
