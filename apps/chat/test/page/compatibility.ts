// Compares scripts and style sheets with MDN's data about browsers: lists the features in them that
// a supported browser lacks. Without types, a member such as `x.parse` counts as supported when any
// interface has a supported member of that name.

import { createRequire } from 'node:module'
import type {
  CompatData,
  CompatStatement,
  Identifier,
  SimpleSupportStatement,
} from '@mdn/browser-compat-data'
import { parseAst, transformWithOxc } from 'vite'

/** Versions by the browser's name in MDN's data. */
export type Browsers = Readonly<Record<string, string>>

const data = createRequire(import.meta.url)('@mdn/browser-compat-data') as CompatData

interface Node {
  readonly type: string
  readonly [key: string]: unknown
}

/** Regular expressions cannot be compiled to older syntax. */
const REGEXP_FLAGS: Readonly<Record<string, string>> = { v: 'unicodeSets', d: 'hasIndices', s: 'dotAll' }

/** Every feature of a script that one of the browsers lacks, each with the browsers. */
export async function findScriptFaults(
  code: string,
  browsers: Browsers,
  targets: string[],
): Promise<string[]> {
  const faults = new Set<string>()
  const check = (name: string, ...features: (Identifier | undefined)[]) => {
    const missing = lackingIn(features, browsers)
    if (missing.length > 0) faults.add(`${name}: ${missing.join(', ')}`)
  }
  const tree = parseAst(code) as unknown as Node
  const defined = definedIn(tree)
  walk(tree, node => {
    if (node.type === 'Identifier') check(String(node.name), ...globals(String(node.name)))
    if (node.type === 'MemberExpression' && node.computed === false) checkMember(node, defined, check)
    const { regex } = node as { regex?: { flags: string; pattern: string } }
    if (regex !== undefined) checkRegExp(regex, check)
  })
  const lowered = await transformWithOxc(code, 'page.js', { target: targets, sourcemap: false })
  const after = countTypes(parseAst(lowered.code) as unknown as Node)
  for (const [type, count] of countTypes(tree)) if (after.get(type) !== count) faults.add(`syntax: ${type}`)
  return [...faults].sort((one, other) => one.localeCompare(other))
}

/** Compiling to older syntax changes these counts. */
function countTypes(tree: Node): Map<string, number> {
  const counts = new Map<string, number>()
  walk(tree, ({ type }) => counts.set(type, (counts.get(type) ?? 0) + 1))
  counts.delete('ParenthesizedExpression')
  return counts
}

/** The members that the script defines itself, in classes and in object literals. */
function definedIn(tree: Node): Set<string> {
  const names = new Set<string>()
  walk(tree, node => {
    const isDefinition = ['Property', 'MethodDefinition', 'PropertyDefinition'].includes(node.type)
    if (isDefinition && node.computed === false) names.add(String((node.key as Node).name))
  })
  return names
}

type Check = (name: string, ...features: (Identifier | undefined)[]) => void

function checkMember(node: Node, defined: ReadonlySet<string>, check: Check): void {
  const name = String((node.property as Node).name)
  const object = node.object as Node
  const owner = object.type === 'Identifier' ? String(object.name) : ''
  const [global] = globals(owner)
  const own = global?.[`${name}_static`] ?? (/^[A-Z]/.test(owner) ? global?.[name] : undefined)
  if (own?.__compat !== undefined) check(`${owner}.${name}`, own)
  else if (!defined.has(name)) check(`.${name}`, ...(members.get(name) ?? []))
}

function checkRegExp({ flags, pattern }: { flags: string; pattern: string }, check: Check): void {
  const { builtins, regular_expressions: syntax } = data.javascript as Identifier
  for (const flag of flags) {
    const name = REGEXP_FLAGS[flag]
    if (name !== undefined) check(`/${flag}`, builtins!.RegExp![name])
  }
  if (/\(\?<[=!]/.test(pattern)) check('(?<=', syntax!.lookbehind_assertion)
  if (/\(\?-?[a-z]{1,8}[-:]/.test(pattern)) check('(?i:', syntax!.modifier)
}

function globals(name: string): Identifier[] {
  const found = [
    own(data.api, name),
    own((data.javascript as Identifier).builtins, name),
    /^[a-z]/.test(name) && name.length > 4 ? own(data.api.Window, name) : undefined,
  ]
  return found.filter(each => each?.__compat !== undefined) as Identifier[]
}

function own(object: Identifier | undefined, name: string): Identifier | undefined {
  return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined
}

/** All features of the web and of the language that are members of something, by their names. */
const members = new Map<string, Identifier[]>()
const builtins = (data.javascript as Identifier).builtins as Identifier
for (const owner of [data.api, builtins, builtins.Intl as Identifier])
  for (const type of Object.values(owner))
    for (const [name, feature] of Object.entries(type as Record<string, Identifier>))
      if (name !== '__compat') members.set(name, [...(members.get(name) ?? []), feature])

function walk(node: Node, visit: (node: Node) => void): void {
  visit(node)
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value])
      if (typeof child === 'object' && child !== null && typeof (child as Node).type === 'string')
        walk(child as Node, visit)
  }
}

/**
 * Every property, function, selector and at-rule of a style sheet that one of the browsers lacks.
 */
export function findStyleFaults(css: string, browsers: Browsers): string[] {
  const faults = new Set<string>()
  const {
    properties,
    selectors,
    types,
    'at-rules': rules,
  } = data.css as unknown as Record<string, Identifier>
  const check = (name: string, ...features: (Identifier | undefined)[]) => {
    const missing = lackingIn(features, browsers)
    if (missing.length > 0) faults.add(`${name}: ${missing.join(', ')}`)
  }
  for (const [, property, value] of css.matchAll(/[{;]([a-z][-a-z]*):([^;{}]+)/g)) {
    const feature = own(properties, property!)
    const isPrefixed = css.includes(`-webkit-${property}:${value}`)
    if (!isPrefixed) check(property!, feature)
    for (const [word] of value!.matchAll(/[a-z][-a-z]*/g)) check(`${property}: ${word}`, own(feature, word))
    for (const [, name] of value!.matchAll(/\b([a-z][-a-z]{0,40})\(/g))
      check(`${name}()`, own(types, name!), own(own(types, 'color'), name!))
  }
  for (const selector of css
    .split('{')
    .map(text => text.slice(Math.max(text.lastIndexOf(';'), text.lastIndexOf('}')) + 1)))
    for (const [, name] of selector.matchAll(/:([a-z][-a-z]{0,40})/g))
      check(`:${name}`, own(selectors, name!))
  for (const [, name] of css.matchAll(/@([a-z][-a-z]*)/g)) check(`@${name}`, own(rules, name!))
  return [...faults].sort((one, other) => one.localeCompare(other))
}

/** The browsers that have none of the features; empty without data. */
function lackingIn(features: readonly (Identifier | undefined)[], browsers: Browsers): string[] {
  const known = features.map(each => each?.__compat).filter(each => each !== undefined)
  if (known.length === 0) return []
  return Object.entries(browsers)
    .filter(([name, version]) => !known.some(compat => isSupported(compat, name, version)))
    .map(([name, version]) => `${name} ${version}`)
}

function isSupported({ support }: CompatStatement, browser: string, version: string): boolean {
  const found = (support as Readonly<Record<string, unknown>>)[browser] ?? []
  const statements = (Array.isArray(found) ? found : [found]) as SimpleSupportStatement[]
  return statements.some(
    ({ version_added: added, version_removed: removed, flags, prefix, alternative_name: other }) =>
      typeof added === 'string' &&
      added !== 'preview' &&
      removed === undefined &&
      flags === undefined &&
      prefix === undefined &&
      other === undefined &&
      Number.parseFloat(added.replace('≤', '')) <= Number.parseFloat(version),
  )
}
