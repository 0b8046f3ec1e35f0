// `pnpm --filter @ws/release rehearse`: a whole release, for real, against a registry on this machine. All is done in a copy of the work tree and in empty
// folders, which are gone at the end. `--update` writes the lists of files that go out.

import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromiumPath, launchChromium } from '@ws/testing'
import { bundledSize, runInBrowser } from './browser.ts'
import { plainEnvironment, run, Served } from './commands.ts'
import { checkRequire, checkTypes, echoes, installAlone, overrideWs, runFirstProgram } from './consumer.ts'
import { commit, copyTree } from './copy.ts'
import { publishOthers } from './others.ts'
import { startRegistry } from './registry.ts'
import { judgeSize, judgeTarball, readBudgets, type Unpacked, unpack } from './tarballs.ts'
import { listPublished, type Published } from './workspace.ts'

const ROOT = join(import.meta.dirname, '../..')
/** What is bundled for browsers, and so needs no types of Node. */
const PORTABLE = ['@ws/handshake', '@ws/frame', '@ws/protocol']
/** What is changed for the second release. */
const CHANGED = '@ws/frame'

const { update } = parseArgs({ options: { update: { type: 'boolean', default: false } } }).values
const began = performance.now()
const folder = mkdtempSync(join(tmpdir(), 'ws-release-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))

const copy = join(folder, 'copy')
await using registry = await startRegistry(join(folder, 'registry'))
const inCopy = { cwd: copy, env: registry.env }
const outside = { env: registry.env }

await step('a copy of the work tree, installed', async () => {
  await copyTree(ROOT, copy, plainEnvironment())
  // From what this machine already has: the registry here knows none of it.
  await run({ cwd: copy, env: plainEnvironment() }, 'pnpm', 'install', '--offline', '--frozen-lockfile')
  return `${readdirSync(copy).length} entries`
})
await version()
let tarballs = await release('the first release')
const first = listPublished(copy)
await step('tarballs: files, manifests, sizes', async () => {
  const budgets = readBudgets()
  const wrong = tarballs.flatMap(one => judgeTarball(one, budgets, update))
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
  return tarballs.map(({ manifest, packed }) => `${manifest.name} ${kilobytes(packed)}`).join(', ')
})
const folders = new Map<string, string>()
for (const { folder: at, manifest } of first)
  if (at.startsWith('packages/')) folders.set(manifest.name, await useAlone(manifest.name))
await step('ws overridden by @ws/compat, as the guide says', async () => {
  const guide = readFileSync(join(ROOT, 'docs/guides/coming-from-ws.md'), 'utf8')
  await overrideWs(outside, guide, mkdtempSync(join(folder, 'override-')))
  return 'a library that depends on ws, with npm and with pnpm'
})
await bundleAll(folders)
await step('third-party dependencies of programs', async () => {
  const programs = first.filter(({ folder: at }) => at.startsWith('apps/'))
  const others = await publishOthers(
    registry.env,
    programs.map(({ folder: at }) => join(copy, at)),
  )
  return [...others].join(' ') || 'nothing'
})
await runProgram('@ws/echo', /ws:\/\/localhost:\d+\S*/, async url => {
  await echoes(url)
  await talkTo(url)
})
await step('npx @ws/conformance', async () => {
  const at = mkdtempSync(join(folder, 'program-'))
  const place = { ...outside, cwd: at }
  await run(place, 'npm', 'install', '@ws/conformance', '@ws/echo')
  await using echo = new Served(place, 'npx', 'ws-echo', '--port', '0')
  const [url] = await echo.says(/ws:\/\/localhost:\d+\S*/)
  await run(place, 'npx', 'ws-conformance', 'server', url, '--exclude', '9.*,12.*,13.*')
  await echo.stop()
  return url
})
await runProgram('@ws/chat', /http:\/\/localhost:\d+/, url => greet(url), '--memory', '--log', 'pretty')

await step(`a change to ${CHANGED}, and a changeset`, async () => {
  const { folder: at } = first.find(({ manifest }) => manifest.name === CHANGED)!
  appendFileSync(
    join(copy, at, 'src/index.ts'),
    '\n/** Since the second release. */\nexport const SECOND: boolean = true\n',
  )
  writeFileSync(
    join(copy, '.changeset/second.md'),
    `---\n'${CHANGED}': minor\n---\n\n\`SECOND\`, for a rehearsal.\n`,
  )
  await commit(inCopy, 'A change')
  return '1 file'
})
await version()
tarballs = await release('the second release')
await step('only what follows from the change has a new version', async () => {
  const second = listPublished(copy)
  const expected = followersOf(CHANGED, first)
  const published = tarballs.map(({ manifest }) => manifest.name)
  const raised = second
    .filter(one => one.manifest.version !== versionIn(first, one.manifest.name))
    .map(one => one.manifest.name)
  const isAll = published.length === expected.length && expected.every(name => published.includes(name))
  if (String(raised) !== String(expected) || !isAll)
    throw new Error(
      `raised: ${raised.join(', ')}; published: ${published.join(', ')}; expected: ${expected.join(', ')}`,
    )
  return expected.map(name => `${name} ${versionIn(first, name)} → ${versionIn(second, name)}`).join(', ')
})
for (const name of ['@ws/frame', '@ws/server']) await useAlone(name)

console.log(`\nrehearsed in ${seconds(began)}: all of it would have gone well`)
process.exit()

/** What has a new version with it: before 1.0 a minor change leaves the ranges of what depends on it, which is raised by a patch. */
function followersOf(name: string, all: readonly Published[]): string[] {
  return all
    .filter(({ manifest }) => manifest.name === name || name in (manifest.dependencies ?? {}))
    .map(({ manifest }) => manifest.name)
}

async function version(): Promise<void> {
  await step('versions and changelogs', async () => {
    const before = listPublished(copy)
    if (!hasChangesets()) return 'no changeset waits: they stay as they are'
    await run(inCopy, 'pnpm', 'exec', 'changeset', 'version')
    await commit(inCopy, 'Versions')
    return listPublished(copy)
      .filter(({ manifest }) => manifest.version !== versionIn(before, manifest.name))
      .map(({ manifest }) => `${manifest.name} ${manifest.version}`)
      .join(', ')
  })
}

/** Whether there is something to make versions of; `changeset version` takes it as a mistake if there is not. */
function hasChangesets(): boolean {
  return readdirSync(join(copy, '.changeset')).some(file => file.endsWith('.md') && file !== 'README.md')
}

/** Builds, packs and publishes, as the pipeline does: what is published is what was packed. */
async function release(name: string): Promise<Unpacked[]> {
  const packed = join(folder, name.replaceAll(' ', '-'))
  const unpacked: Unpacked[] = []
  await step(`${name}: built and packed`, async () => {
    await run(inCopy, 'pnpm', '--recursive', 'run', 'build')
    await run(inCopy, 'pnpm', 'exec', 'changeset', 'pack', '--out-dir', packed)
    for (const file of readdirSync(join(packed, 'packages')))
      unpacked.push(await unpack(inCopy, join(packed, 'packages', file), join(packed, file)))
    return `${unpacked.length} tarballs`
  })
  await step(`${name}: published`, async () => {
    await run(inCopy, 'pnpm', 'exec', 'changeset', 'publish', '--from-pack-dir', packed)
    return unpacked.map(({ manifest }) => `${manifest.name}@${manifest.version}`).join(' ')
  })
  return unpacked
}

/** The folder that it was done in. */
async function useAlone(name: string): Promise<string> {
  const at = mkdtempSync(join(folder, 'consumer-'))
  await step(`${name} alone, in an empty folder`, async () => {
    await installAlone(outside, name, at)
    await runFirstProgram(at)
    await checkTypes(outside, at, !PORTABLE.includes(name))
    await checkRequire(outside, name, at, !PORTABLE.includes(name))
    return 'installed, its first program run, its types checked, required'
  })
  return at
}

async function bundleAll(folders: ReadonlyMap<string, string>): Promise<void> {
  const budgets = readBudgets()
  await step('in a bundle for browsers', async () => {
    const sizes: string[] = []
    const wrong: string[] = []
    await using browser = chromiumPath() === undefined ? undefined : await launchChromium()
    for (const name of PORTABLE) {
      const at = folders.get(name)!
      const size = await bundledSize(at, name)
      sizes.push(`${name} ${kilobytes(size)}`)
      wrong.push(
        ...judgeSize('in a bundle', size, budgets[name]?.bundled ?? 0).map(
          sentence => `${name}: ${sentence}`,
        ),
      )
      if (browser !== undefined) await runInBrowser(browser, at)
    }
    if (wrong.length > 0) throw new Error(wrong.join('\n'))
    return `${sizes.join(', ')}; ${browser === undefined ? 'not run: there is no Chromium' : 'run in Chromium'}`
  })
}

/** Runs a program from its tarball, which is what the registry has, and ends it. */
async function runProgram(
  name: string,
  says: RegExp,
  use: (url: string) => Promise<void>,
  ...options: readonly string[]
): Promise<void> {
  await step(`npx ${name}`, async () => {
    const at = mkdtempSync(join(folder, 'program-'))
    await using program = new Served({ ...outside, cwd: at }, 'npx', '--yes', name, '--port', '0', ...options)
    const [url] = await program.says(says)
    await use(url)
    await program.stop()
    return url
  })
}

/** Sends a message by the program of `@ws/connect`, which must print the echo. */
async function talkTo(url: string): Promise<void> {
  const at = mkdtempSync(join(folder, 'program-'))
  const printed = await run({ ...outside, cwd: at }, 'npx', '--yes', '@ws/connect', '-x', 'hello', url)
  if (printed !== 'hello\n') throw new Error(`npx @ws/connect printed ${printed}`)
}

/** Says hello to a chat, and looks at its page. */
async function greet(url: string): Promise<void> {
  const page = await (await fetch(url)).text()
  if (!page.includes('<script')) throw new Error(`${url} has no page: ${page}`)
  const socket = new WebSocket(url.replace('http', 'ws'), 'chat.v1.json')
  const reply = await new Promise<string>((resolve, reject) => {
    socket.onopen = () => socket.send(JSON.stringify({ t: 'hello', id: 1, v: 1, nick: 'somebody' }))
    socket.onmessage = ({ data }) => resolve(String(data))
    socket.onclose = ({ code }) => reject(new Error(`${url} closed with ${code}`))
  })
  socket.onclose = null
  socket.close()
  if (!reply.includes('"t":"ok"')) throw new Error(`${url} answered ${reply}`)
}

async function step(name: string, work: () => Promise<string>): Promise<void> {
  const start = performance.now()
  process.stdout.write(`── ${name} … `)
  try {
    const result = await work()
    console.log(`${seconds(start)}\n   ${result}`)
  } catch (error) {
    console.log(`failed\n\n${(error as Error).message}`)
    process.exit(1)
  }
}

function versionIn(all: readonly Published[], name: string): string {
  return all.find(({ manifest }) => manifest.name === name)!.manifest.version
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}
