// What is to be reached, and whether it was.

import { type Figure, isLimited, type Numbers } from './figures.ts'
import { median, range } from './statistics.ts'

/** A figure of ours against that of another; the ratio is ours divided by theirs. */
export interface Goal {
  /** What is done, for the reader of the list of goals. */
  readonly work: string
  readonly figure: Figure
  /** The name of the other. */
  readonly against: string
  /** The name of the case; the first if left out. */
  readonly case?: string
  /** The ratio that must be reached: at least this if more is better, at most if less is. */
  readonly goal: number
  /** The ratio that is hoped for. */
  readonly aim?: number
}

/** What came of a goal. */
type Verdict = 'aim reached' | 'met' | 'missed' | 'not measured'

/** A goal, and what was measured. */
export interface Judged extends Goal {
  /** Of the medians; and of the rounds, the least and the greatest. Undefined: not measured. */
  readonly ratio?: number
  readonly range?: readonly [number, number]
  readonly verdict: Verdict
  /** The load generator limited one of the two. */
  readonly limited?: boolean
}

/** Holds a goal against what each round gave. */
export function judge(
  goal: Goal,
  ours: readonly Numbers[] | undefined,
  theirs: readonly Numbers[] | undefined,
): Judged {
  if (!ours?.length || !theirs?.length) return { ...goal, verdict: 'not measured' }
  const ratio = ratioOf(goal.figure, ours, theirs)
  const limited = [ours, theirs].some(rounds => isLimited(goal.figure, mediansOf(rounds)))
  const range = rangeOf(goal.figure, ours, theirs)
  return { ...goal, ratio, range, verdict: verdictOf(goal, ratio), ...(limited && { limited }) }
}

/** The median of each figure. */
export function mediansOf(rounds: readonly Numbers[]): Numbers {
  const keys = Object.keys(rounds[0] ?? {})
  return Object.fromEntries(keys.map(key => [key, median(rounds.map(round => round[key]!))]))
}

/** The ratio of the medians, ours divided by theirs. */
export function ratioOf({ key }: Figure, ours: readonly Numbers[], theirs: readonly Numbers[]): number {
  return median(ours.map(one => one[key]!)) / median(theirs.map(one => one[key]!))
}

/** The ratios round by round: those of one round were measured next to each other. */
function rangeOf(
  { key }: Figure,
  ours: readonly Numbers[],
  theirs: readonly Numbers[],
): readonly [number, number] {
  return range(theirs.map((one, round) => ours[round]![key]! / one[key]!))
}

function verdictOf({ figure, goal, aim }: Goal, ratio: number): Verdict {
  const reaches = (wanted: number): boolean => (figure.better === 'less' ? ratio <= wanted : ratio >= wanted)
  if (!reaches(goal)) return 'missed'
  return aim !== undefined && reaches(aim) ? 'aim reached' : 'met'
}
