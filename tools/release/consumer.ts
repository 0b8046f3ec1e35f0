// Somebody outside of this repository: an empty folder, the one command of a README, its first program. Knows only what was published.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { findFence, runReadme, startReadme } from '@ws/testing'
import { type Place, run } from './commands.ts'

const require = createRequire(import.meta.url)
/** Compilers that users have: this major and the two before. */
export const COMPILERS: readonly string[] = ['typescript', 'typescript-6', 'typescript-5']
/** How users' compilers look for packages. */
const RESOLUTIONS = [
  { module: 'nodenext', moduleResolution: 'nodenext' },
  { module: 'esnext', moduleResolution: 'bundler' },
]
/** The same for programs that are CommonJS: NestJS has the first by default. */
const REQUIRING = [{ module: 'commonjs' }, { module: 'node16' }, { module: 'nodenext' }]
/** Where the types of Node are: nobody has published them to the registry on this machine. */
const TYPES = dirname(dirname(require.resolve('@types/node/package.json')))

const STRICT = {
  target: 'es2024',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  noEmit: true,
  typeRoots: [TYPES],
}
const ON_NODE = { lib: ['es2024', 'esnext.disposable'], types: ['node'] }
const IN_BROWSERS = { lib: ['es2024', 'dom'], types: [] }

/** Installs a package into an empty folder as its README says, and lays the README beside it, to take its programs from. */
export async function installAlone(place: Omit<Place, 'cwd'>, name: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  const here = { ...place, cwd: folder }
  await run(here, 'npm', 'install', name)
  const readme = readFileSync(join(folder, 'node_modules', name, 'README.md'), 'utf8')
  const [npm, ...words] = findFence(readme, 'sh', 0).trim().split(/\s+/)
  if (npm !== 'npm' || words[0] !== 'install' || words[1] !== name)
    throw new Error(`${name}: its README does not begin with npm install ${name}`)
  if (words.length > 2) await run(here, npm, ...words)
  cpSync(join(folder, 'node_modules', name, 'README.md'), join(folder, 'README.md'))
}

/** Runs the first program of the README there; what it prints must be what the README says it does. A server is talked to. */
export async function runFirstProgram(folder: string): Promise<void> {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  if (findFence(readme, 'ts', 0).includes('listening on')) {
    await using program = await startReadme(folder, 0, /^listening on (ws:\S+)$/)
    await echoes(program.match[1]!)
    return
  }
  const { stdout, stderr, exitCode } = await runReadme(folder, 0)
  if (exitCode !== 0 || stderr !== '') throw new Error(`the first program of the README failed: ${stderr}`)
  const promised = promisedOutput(readme)
  if (promised !== undefined && stdout !== promised)
    throw new Error(`it printed\n${stdout}where the README has\n${promised}`)
}

/** What stands right behind the first program as its output. */
export function promisedOutput(readme: string): string | undefined {
  const [, , behind = ''] = readme.split(/^```ts$([\s\S]*?)^```$/m)
  return /^\s*```text\n/.test(behind) ? findFence(behind, 'text', 0) : undefined
}

/** Checks the types of the first program, with each compiler and each way to look for packages; `node`: it needs the types of Node. */
export async function checkTypes(place: Omit<Place, 'cwd'>, folder: string, node: boolean): Promise<void> {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  writeFileSync(join(folder, 'program.ts'), findFence(readme, 'ts', 0))
  for (const resolution of RESOLUTIONS) {
    const compilerOptions = { ...STRICT, ...resolution, ...(node ? ON_NODE : IN_BROWSERS) }
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, files: ['program.ts'] }, null, 2),
    )
    await Promise.all(
      COMPILERS.map(compiler => run({ ...place, cwd: folder }, process.execPath, compilerPath(compiler))),
    )
  }
}

/**
 * Checks that a program that is CommonJS gets the types of all that a package exports, with each compiler, and gets it at run time.
 * The condition `browser` is not asked.
 */
export async function checkRequire(
  place: Omit<Place, 'cwd'>,
  name: string,
  folder: string,
  node: boolean,
): Promise<void> {
  const manifest = readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')
  const { exports } = JSON.parse(manifest) as { exports: Readonly<Record<string, unknown>> }
  const paths = Object.keys(exports).filter(path => path !== './package.json')
  const here = { ...place, cwd: join(folder, 'commonjs') }
  mkdirSync(here.cwd, { recursive: true })
  writeFileSync(join(here.cwd, 'package.json'), '{ "private": true, "type": "commonjs" }\n')
  const names = paths.map(path => join(name, path))
  const imports = names.map((from, i) => `import * as all${i} from '${from}'\n`)
  const used = names.map((_, i) => `export const names${i}: string[] = Object.keys(all${i})\n`)
  writeFileSync(join(here.cwd, 'program.ts'), [...imports, ...used].join(''))
  for (const resolution of REQUIRING) {
    const compilerOptions = { ...STRICT, ...resolution, ...(node ? ON_NODE : IN_BROWSERS) }
    writeFileSync(
      join(here.cwd, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, files: ['program.ts'] }, null, 2),
    )
    await Promise.all(COMPILERS.map(compiler => run(here, process.execPath, compilerPath(compiler))))
  }
  const code = names
    .map(from => `if (Object.keys(require('${from}')).length === 0) process.exit(1)`)
    .join('\n')
  await run(here, process.execPath, '--input-type=commonjs', '--eval', code)
}

/** A library that depends on `ws`, and echoes one message with it. */
const LIBRARY = `
  const { WebSocket, WebSocketServer } = require('ws')
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' }, () => {
    server.on('connection', socket => socket.on('message', data => socket.send(String(data))))
    const socket = new WebSocket('ws://127.0.0.1:' + server.address().port)
    socket.on('open', () => socket.send('hello'))
    socket.on('message', data => {
      console.log(require('ws/package.json').name, String(data))
      socket.close()
      server.close()
    })
  })`

/**
 * Overrides `ws` as the guide says, for npm and for pnpm, in a program with a library that depends
 * on it. What the library loads must be `@ws/compat`, and must work.
 */
export async function overrideWs(place: Omit<Place, 'cwd'>, guide: string, folder: string): Promise<void> {
  const library = join(folder, 'library')
  mkdirSync(library)
  const manifest = { name: 'library', version: '1.0.0', main: 'index.js', dependencies: { ws: '^8.16.0' } }
  writeFileSync(join(library, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(library, 'index.js'), LIBRARY)
  await run({ ...place, cwd: library }, 'npm', 'pack')
  const program = { private: true, dependencies: { library: `file:${join(library, 'library-1.0.0.tgz')}` } }
  const overrides = JSON.parse(findFence(guide, 'json', 0)) as object
  for (const [tool, files] of [
    ['npm', { 'package.json': JSON.stringify({ ...program, ...overrides }) }],
    ['pnpm', { 'package.json': JSON.stringify(program), 'pnpm-workspace.yaml': findFence(guide, 'yaml', 0) }],
  ] as const) {
    const here = { ...place, cwd: join(folder, tool) }
    mkdirSync(here.cwd)
    for (const [name, text] of Object.entries(files)) writeFileSync(join(here.cwd, name), text)
    await run(here, tool, 'install')
    const printed = await run(here, process.execPath, '--eval', "require('library')")
    if (printed !== '@ws/compat hello\n') throw new Error(`with ${tool} the library printed ${printed}`)
  }
}

function compilerPath(compiler: string): string {
  return join(dirname(require.resolve(`${compiler}/package.json`)), 'bin', 'tsc')
}

/** Sends a text to a server and waits for it to come back. */
export async function echoes(url: string): Promise<void> {
  const socket = new WebSocket(url)
  try {
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => socket.send('hello')
      socket.onmessage = ({ data }) =>
        data === 'hello' ? resolve() : reject(new Error(`${url} answered ${data}`))
      socket.onclose = ({ code }) => reject(new Error(`${url} closed with ${code}`))
    })
  } finally {
    socket.onclose = null
    socket.close()
  }
}
