// What of this repository is published: the manifests of its packages and programs. Changes nothing.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A package.json, as far as a release looks at it. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  /** Of programs: their commands, each with its file. */
  readonly bin?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** A package that is published. */
export interface Published {
  /** Relative to the root: `packages/frame`. */
  readonly folder: string
  readonly manifest: Manifest
}

/** Where they are. */
const GROUPS = ['packages', 'apps']

/** All that are published, of the repository at `root`. */
export function listPublished(root: string): readonly Published[] {
  return GROUPS.flatMap(group =>
    readdirSync(join(root, group)).map(name => {
      const folder = `${group}/${name}`
      return { folder, manifest: readManifest(join(root, folder)) }
    }),
  ).filter(({ manifest }) => manifest.private !== true)
}

/** The package.json in a folder. */
export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}
