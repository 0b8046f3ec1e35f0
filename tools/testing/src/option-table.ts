// Generates a README's table of options: names and defaults from the option tables, descriptions
// from the doc comments in their sources.

import { readFileSync, writeFileSync } from 'node:fs'

export interface OptionTables {
  /** Objects with one property per option, each with a `default`, or one in words. */
  readonly tables: readonly object[]
  readonly sources: readonly URL[]
  readonly readme: URL
}

interface DocumentedOption {
  readonly default: unknown
  readonly defaultInWords?: string
}

const BEGIN = '<!-- options: written by `pnpm -r options` -->'
const END = '<!-- /options -->'

/** The README with a current table. Throws an `Error` for a missing doc comment or marker. */
export function readmeWithOptions({ tables, sources, readme }: OptionTables): string {
  const sentences = new Map(sources.flatMap(source => findSentences(readFileSync(source, 'utf8'))))
  const options = Object.entries(Object.assign({}, ...tables)) as [string, DocumentedOption][]
  const rows = options.map(([name, option]) => {
    const sentence = sentences.get(name)
    if (sentence === undefined) throw new Error(`the option ${name} has no doc comment in its source`)
    return `| \`${name}\` | ${option.defaultInWords ?? showDefault(option.default)} | ${sentence} |`
  })
  const [before, rest = ''] = readFileSync(readme, 'utf8').split(BEGIN)
  const [, after] = rest.split(END)
  if (after === undefined) throw new Error(`${readme.pathname} lacks ${BEGIN} … ${END}`)
  const table = ['| option | default | meaning |', '| --- | --- | --- |', ...rows].join('\n')
  return `${before}${BEGIN}\n${table}\n${END}${after}`
}

export function writeOptions(options: OptionTables): void {
  writeFileSync(options.readme, readmeWithOptions(options))
}

/** The name and the first sentence of each documented property, without its full stop. */
function findSentences(source: string): [string, string][] {
  return [...source.matchAll(/\/\*\*((?:(?!\*\/).)*)\*\/\s+readonly (\w+): Option</gs)].map(
    ([, comment, name]) => {
      const lines = comment!.split('\n').map(line => line.trim().replace(/^\* ?/, ''))
      const text = lines.join(' ').trim()
      return [name!, text.split(/\.(?= [A-Z`'])/, 1)[0]!.replace(/\.$/, '')]
    },
  )
}

function showDefault(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return `\`'${value}'\``
  return 'none'
}
