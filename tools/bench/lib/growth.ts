// Results whose cases grow, as a plot.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Figure } from './figures.ts'
import { type Plot, plot, type Series } from './plot.ts'
import { type Results, resultsFolder } from './results.ts'

/** A line for each contender that took part in more than one case. */
export function seriesOf({ contenders, cases }: Results, { key }: Figure): Series[] {
  return contenders
    .map(({ name }) => ({
      name,
      points: cases.flatMap(({ at, contenders }) => {
        const value = contenders.find(contender => contender.name === name)?.medians[key]
        return at === undefined || value === undefined ? [] : [[at, value] as const]
      }),
    }))
    .filter(({ points }) => points.length > 1)
}

/** Draws one figure of them beside the results; gives the name of the file. */
export function writePlot(
  name: string,
  results: Results,
  figure: Figure,
  words: Pick<Plot, 'title' | 'x' | 'yScale'>,
): string {
  const file = join(resultsFolder(results.quick), `${name}.svg`)
  writeFileSync(file, plot({ ...words, y: figure.label, series: seriesOf(results, figure) }))
  return file
}
