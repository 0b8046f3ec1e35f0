// Which packages have changed since their version did, and which of those no changeset names. Asks git; changes nothing.

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import parseChangeset from '@changesets/parse'
import { listPublished, type Published } from './workspace.ts'

/** What of a manifest its users never see. */
const OURS_ALONE = ['devDependencies', 'scripts', 'version']
/** What is published of a package, beside its manifest; no tests. */
const SOURCES = ['src', 'page']
const TEST = /\.test\.tsx?$|\/test\//

/** A package that has changed. */
interface Change {
  readonly name: string
  /** Relative to the root. */
  readonly files: readonly string[]
}

/** What was found. */
export interface Judgement {
  readonly changed: readonly Change[]
  /** Of those, the ones that nothing is said of. */
  readonly unsaid: readonly Change[]
}

/**
 * Judges what is committed at `root`. A change is said by a changeset that names its package, or by one without packages whose text has
 * the name: that nobody needs to hear of it. Undefined where the history is not there: in a shallow clone.
 */
export function judgeChanges(root: string): Judgement | undefined {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  if (git('rev-parse', '--is-shallow-repository').trim() === 'true') return undefined
  const said = namesSaid(root)
  const changed = listPublished(root)
    .map(one => ({ name: one.manifest.name, files: filesChanged(one, git) }))
    .filter(({ files }) => files.length > 0)
  return { changed, unsaid: changed.filter(({ name }) => !said(name)) }
}

/** The files of a package that are not as they were when its version was set. */
function filesChanged({ folder }: Published, git: (...args: readonly string[]) => string): string[] {
  const file = `${folder}/package.json`
  const [since] = git('log', '--format=%H', '-G', '"version":', '--', file).split('\n')
  if (since === undefined || since === '') return [file]
  const files = git('diff', '--name-only', since, 'HEAD', '--', ...SOURCES.map(name => `${folder}/${name}`))
    .split('\n')
    .filter(name => name !== '' && !TEST.test(name))
  return publishedPart(git('show', `${since}:${file}`)) === publishedPart(git('show', `HEAD:${file}`))
    ? files
    : [file, ...files]
}

function publishedPart(manifest: string): string {
  const entries = Object.entries(JSON.parse(manifest) as object)
  return JSON.stringify(entries.filter(([key]) => !OURS_ALONE.includes(key)))
}

/** Whether a pending changeset speaks of a package. */
function namesSaid(root: string): (name: string) => boolean {
  const folder = join(root, '.changeset')
  const changesets = readdirSync(folder)
    .filter(file => file.endsWith('.md') && file !== 'README.md')
    .map(file => parseChangeset(readFileSync(join(folder, file), 'utf8')))
  const named = new Set(changesets.flatMap(({ releases }) => releases.map(({ name }) => name)))
  const excused = changesets.filter(({ releases }) => releases.length === 0).map(({ summary }) => summary)
  return name => named.has(name) || excused.some(text => text.includes(name))
}
