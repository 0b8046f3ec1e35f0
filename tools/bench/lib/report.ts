// A document whose figures come from results: what stands between two markers is written anew, the rest is left alone. Knows no file.

import { formatMarkdown } from '@ws/testing/table'
import { describeDisturbance, LIMITED } from './figures.ts'
import { formatRatio } from './number.ts'
import type { Results } from './results.ts'
import { goalsTable, resultsTable } from './tables.ts'

const UNKNOWN = 'Nothing has been measured yet.'

/**
 * Replaces what stands between `<!-- bench:NAME -->` and `<!-- /bench -->` by what `sections` has for that name. Throws an `Error` for
 * a marker without an end, or with a name that there is not.
 */
export function fillIn(document: string, sections: Readonly<Record<string, string>>): string {
  if (document.match(/^<!-- bench:/gm)?.length !== document.match(/^<!-- \/bench -->$/gm)?.length)
    throw new Error('each <!-- bench:NAME --> must have a <!-- /bench -->')
  return document.replaceAll(
    /^<!-- bench:(\S+) -->$[\s\S]*?^<!-- \/bench -->$/gm,
    (_all: string, name: string) => {
      const section = sections[name]
      if (section === undefined)
        throw new Error(`there is no section ${name}; there are ${Object.keys(sections).join(', ')}`)
      return `<!-- bench:${name} -->\n\n${section}\n\n<!-- /bench -->`
    },
  )
}

/** All sections that a document can have, of results by the names of the scripts that give them; undefined: not measured yet. */
export function createSections(all: ReadonlyMap<string, Results | undefined>): Record<string, string> {
  const found = [...all.values()].filter(results => results !== undefined)
  const goals = found.flatMap(results => results.goals)
  const missed = goals.filter(({ verdict }) => verdict === 'missed')
  return {
    machine: machineSection(found),
    goals: goals.length === 0 ? UNKNOWN : withLegend(formatMarkdown(goalsTable(goals), 2)),
    missed:
      missed.length === 0
        ? goals.length === 0
          ? UNKNOWN
          : 'None of those above is missed.'
        : missed
            .map(
              ({ work, against, ratio, goal }) =>
                `- ${work}, against ${against}: ${formatRatio(ratio!)} where ${formatRatio(goal)} was the goal`,
            )
            .join('\n'),
    ...Object.fromEntries([...all].map(([name, results]) => [name, resultsSection(name, results)])),
  }
}

/** What the results do not agree on though they should, in sentences. */
export function findDisagreements(found: readonly Results[]): string[] {
  const kinds = {
    commits: found.map(({ commit }) => commit),
    machines: found.map(({ machine }) => Object.values(machine).join(', ')),
  }
  return Object.entries(kinds)
    .map(([what, values]) => [what, [...new Set(values)]] as const)
    .filter(([, values]) => values.length > 1)
    .map(([what, values]) => `The results are of several ${what}: ${values.join('; ')}.`)
}

function machineSection(found: readonly Results[]): string {
  const [first] = found
  if (first === undefined) return UNKNOWN
  const { machine } = first
  const days = [...new Set(found.map(({ date }) => date.slice(0, 10)))].sort((a, b) => a.localeCompare(b))
  const contenders = new Map(
    found.flatMap(results => results.contenders.map(one => [one.description, one.name])),
  )
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memory}; ${machine.system}. Measured on ${days.join(', ')}, at commit ${first.commit}.`,
    ...(found.some(({ quick }) => quick)
      ? ['**Some of these figures are of quick runs: they are not to be quoted.**']
      : []),
    ...findDisagreements(found).map(sentence => `**${sentence}**`),
    [...contenders].map(([description, name]) => `- **${name}**: ${description}`).join('\n'),
    ...[
      ...new Set(
        found.flatMap(({ leftOut }) =>
          leftOut.map(({ name, why }) => `${name} was left out: ${firstLine(why)}.`),
        ),
      ),
    ],
  ].join('\n\n')
}

function resultsSection(name: string, results: Results | undefined): string {
  if (results === undefined) return `Not measured yet: \`pnpm bench ${name}\`.`
  const { title, notes, rounds, cases, commit, date } = results
  const how = `\`pnpm bench ${name}\`: ${rounds === 1 ? '1 round' : `medians of ${rounds} rounds`}, ${date.slice(0, 10)}, ${commit}.`
  const all = cases.flatMap(({ contenders }) => contenders.flatMap(one => one.rounds))
  const disturbance = describeDisturbance(all)
  return [
    `**${title}.** ${how}`,
    ...notes,
    withLegend(formatMarkdown(resultsTable(results), cases.length > 1 ? 2 : 1)),
    ...(disturbance === undefined ? [] : [disturbance]),
  ].join('\n\n')
}

function withLegend(table: string): string {
  return table.includes('*') ? `${table}\n\n${LIMITED.replace('*', '\\*')}` : table
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!.replace(/\.$/, '')
}
