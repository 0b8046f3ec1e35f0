// docs/chat-guarantees.md: replaces the text between two markers by an outcome, and leaves the rest
// alone.

import type { Machine } from '@ws/testing/machine'
import { formatMarkdown } from '@ws/testing/table'
import { measureRecoveries } from '../judge/fault-rules.ts'
import { VERDICTS } from '../judge/verdict.ts'
import type { Outcome } from '../run.ts'
import { countVerdicts } from './summary.ts'

/** The place and the subject of an outcome. */
export interface Circumstances {
  readonly machine: Machine
  /** Of Node. */
  readonly version: string
  readonly commit: string
  /** `2026-11-24`. */
  readonly date: string
}

const number = new Intl.NumberFormat('en-US')

/** Replaces the section of the outcome's kind. Throws an `Error` if the document has none. */
export function writeOutcome(document: string, outcome: Outcome, circumstances: Circumstances): string {
  const name = sectionOf(outcome)
  const [begin, end] = [`<!-- verify:${name} -->`, '<!-- /verify -->']
  const start = document.indexOf(begin)
  const stop = document.indexOf(end, start)
  if (start < 0 || stop < 0) throw new Error(`the document has no ${begin} … ${end}`)
  const section = formatOutcome(outcome, circumstances)
  return `${document.slice(0, start)}${begin}\n\n${section}\n\n${document.slice(stop)}`
}

function sectionOf({ options: { engine, mayLose } }: Outcome): string {
  return mayLose ? 'loss' : engine
}

function formatOutcome(outcome: Outcome, circumstances: Circumstances): string {
  return [
    formatRun(outcome, circumstances),
    formatMarkdown([['result', ''], ...countsOf(outcome)]),
    formatMarkdown([['fault', 'times', 'median, ms', 'longest, ms'], ...faultsOf(outcome)]),
    formatMarkdown([['violation', 'found'], ...verdictsOf(outcome)]),
  ].join('\n\n')
}

function formatRun({ options, seconds }: Outcome, { machine, version, commit, date }: Circumstances): string {
  const { engine, nodes, rooms, publishers, seed } = options
  const { cpu, cores, system } = machine
  const minutes = (seconds / 60).toFixed(1)
  return `\`pnpm ${commandOf(options)}\`: ${engine}, ${nodes} ${nodes === 1 ? 'node' : 'nodes'}, ${rooms} rooms, ${publishers} publishers, seed ${seed}; ${minutes} minutes on ${date}. ${cpu}, ${cores} cores, ${system}, Node ${version}, commit ${commit}.`
}

function commandOf(options: Outcome['options']): string {
  const { engine, nodes, messages, kills, redisKills, rooms, publishers, seed, mayLose } = options
  const ofRedis = engine === 'redis' ? ` --nodes ${nodes} --redis-kills ${redisKills}` : ''
  return `--filter @ws/chat-checker start --engine ${engine}${ofRedis} --messages ${messages} --kills ${kills} --rooms ${rooms} --publishers ${publishers} --seed ${seed}${mayLose ? ' --loss' : ''}`
}

function countsOf({ counts, options }: Outcome): string[][] {
  const rows: [string, number][] = [
    ['messages acknowledged', counts.acknowledged],
    ['messages sent', counts.messages],
    ['requests, retries included', counts.tries],
    ['requests refused temporarily (`temporary`)', counts.refused],
    ['acknowledged as stored earlier (`dup`)', counts.duplicates],
    ['connections lost', counts.cuts],
    ['entries in the logs', counts.entries],
    ['entries received by subscribers', counts.seen],
    ['times a subscriber was told to start again', counts.told],
    ...(options.mayLose
      ? [['acknowledged, lost by Redis, revealed by a new epoch', counts.lostWithEpoch] as const]
      : []),
  ].map(([what, count]) => [String(what), Number(count)])
  return rows.map(([what, count]) => [what, number.format(count)])
}

function faultsOf({ faults }: Outcome): string[][] {
  return measureRecoveries(faults).map(({ kind, count, median, longest }) => [
    kind,
    number.format(count),
    number.format(Math.round(median)),
    number.format(Math.round(longest)),
  ])
}

function verdictsOf({ violations }: Outcome): string[][] {
  return [...countVerdicts(violations)].map(([kind, count]) => [
    `**${kind}**: ${VERDICTS[kind]}`,
    count === 0 ? '0' : `**${number.format(count)}**`,
  ])
}
