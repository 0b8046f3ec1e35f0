// Finds the files in which proofs stand: by the texts in the test sources of a package, comments left out. Knows of a test no more
// than that its name is such a text.

import { globSync, readFileSync } from 'node:fs'
import type { Proof } from './requirements.ts'

const root = new URL('../../../', import.meta.url)

/** Comments, so that they are passed over, and then strings and templates on one line. */
const TOKENS = /\/\/.*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\\n])*`/g

const texts = new Map<Proof['package'], ReadonlyMap<string, readonly string[]>>()

/** The files, from the root of the repository, that have a test of that name or with it in its name. One, if all is well. */
export function findProof(proof: Proof): string[] {
  const files = texts.get(proof.package) ?? readTexts(proof.package)
  texts.set(proof.package, files)
  return [...files].filter(([, own]) => own.some(text => text.includes(proof.test))).map(([file]) => file)
}

function readTexts(name: Proof['package']): ReadonlyMap<string, readonly string[]> {
  const patterns = [`packages/${name}/src/**/*.test.ts`, `packages/${name}/test/*.ts`]
  const files = globSync(patterns, { cwd: root.pathname }).sort()
  return new Map(files.map(file => [file, findTexts(readFileSync(new URL(file, root), 'utf8'))]))
}

/** What stands between quotes: each escaped quote as itself, and … for what a template fills in. */
function findTexts(source: string): string[] {
  const quoted = (source.match(TOKENS) ?? []).filter(token => !token.startsWith('/'))
  return quoted.map(token =>
    token
      .slice(1, -1)
      .replace(/\\(['"`])/g, '$1')
      .replace(/\$\{[^}]*\}/g, '…'),
  )
}
