// What is in the tarballs that go out: their files against the lists in `contents/`, their manifests, and their sizes against the
// budget. Says what is wrong in sentences.

import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Place, run } from './commands.ts'
import { type Manifest, readManifest } from './workspace.ts'

/** Kilobytes (1,000 bytes) that a package may have at most; its README quotes them. */
interface Budget {
  /** To download. */
  readonly packed: number
  /** On disk. */
  readonly unpacked: number
  /** In a bundle that uses all of it, minified and compressed; only what runs in browsers is bundled. */
  readonly bundled?: number
}

/** By names of packages. */
export type Budgets = Readonly<Record<string, Budget>>

/** A tarball that was unpacked. */
export interface Unpacked {
  /** Of its files. */
  readonly folder: string
  readonly manifest: Manifest
  /** Relative to the folder, sorted. */
  readonly files: readonly string[]
  /** Bytes of the tarball and of its files. */
  readonly packed: number
  readonly unpacked: number
}

const CONTENTS = join(import.meta.dirname, 'contents')
/** Scripts that run where somebody installs. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare']

/** The budgets that were agreed on. */
export function readBudgets(): Budgets {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'budget.json'), 'utf8')) as Budgets
}

/** Unpacks a tarball into a folder of its own below `folder`. */
export async function unpack(place: Place, tarball: string, folder: string): Promise<Unpacked> {
  mkdirSync(folder, { recursive: true })
  await run(place, 'tar', '-xzf', tarball, '-C', folder, '--strip-components=1')
  const listed = await run(place, 'tar', '-tzf', tarball)
  const files = listed
    .split('\n')
    .filter(name => name !== '' && !name.endsWith('/'))
    .map(name => name.slice(name.indexOf('/') + 1))
    .sort((a, b) => (a < b ? -1 : 1))
  const unpacked = files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0)
  return { folder, manifest: readManifest(folder), files, packed: statSync(tarball).size, unpacked }
}

/** What is wrong with it. With `update` the list of its files is written anew instead of compared. */
export function judgeTarball(unpacked: Unpacked, budgets: Budgets, update: boolean): string[] {
  const { name } = unpacked.manifest
  return [
    ...judgeFiles(unpacked, update),
    ...judgeManifest(unpacked.manifest),
    ...judgeSizes(unpacked, budgets[name]),
  ].map(sentence => `${name}: ${sentence}`)
}

function judgeFiles({ manifest, files }: Unpacked, update: boolean): string[] {
  const file = join(CONTENTS, `${manifest.name.replace('@ws/', '')}.txt`)
  // A bundler names files by what is in them.
  const names = files.map(name => name.replace(/-[\w-]{8}\.(js|css)$/, '-HASH.$1'))
  if (update) writeFileSync(file, `${names.join('\n')}\n`)
  const expected = readFileSync(file, 'utf8').trimEnd().split('\n')
  const added = names.filter(one => !expected.includes(one))
  const missing = expected.filter(one => !names.includes(one))
  return [
    ...added.map(one => `${one} goes out, and is not in tools/release/contents`),
    ...missing.map(one => `${one} is in tools/release/contents, and does not go out`),
  ]
}

/** The faults of a published manifest. Only programs may have third-party dependencies. */
export function judgeManifest({ name, scripts = {}, ...manifest }: Manifest): string[] {
  const {
    dependencies = {},
    optionalDependencies = {},
    peerDependencies = {},
    peerDependenciesMeta = {},
    bin,
  } = manifest
  const all = { ...dependencies, ...optionalDependencies, ...peerDependencies }
  return [
    ...INSTALL_SCRIPTS.filter(script => script in scripts).map(script => `it has a script ${script}`),
    ...Object.keys(all)
      .filter(one => !one.startsWith('@ws/') && peerDependenciesMeta[one]?.optional !== true && !bin)
      .map(one => `it depends on ${one}`),
    ...Object.entries(all)
      .filter(([, range]) => range.includes(':'))
      .map(
        ([one, range]) => `its range for ${one} is ${range}, which means nothing outside of this repository`,
      ),
    ...('private' in manifest ? [`${name} is private`] : []),
  ]
}

function judgeSizes({ packed, unpacked }: Unpacked, budget: Budget | undefined): string[] {
  if (budget === undefined) return ['it has no budget in tools/release/budget.json']
  return [
    ...judgeSize('to download', packed, budget.packed),
    ...judgeSize('on disk', unpacked, budget.unpacked),
  ]
}

/** A sentence if these bytes are more than so many kilobytes. */
export function judgeSize(what: string, bytes: number, kilobytes: number): string[] {
  return bytes <= kilobytes * 1000
    ? []
    : [`${(bytes / 1000).toFixed(1)} kB ${what}, where ${kilobytes} kB are the budget`]
}
