// The figures in the root README are those of the generated document.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../check/documents.ts'

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

test('the README quotes the measured ratios to ws', () => {
  const quoted = /echoed at (\d+) × the rate of `ws` with (\d+) in flight, and (\d+) × with (\d+)/.exec(
    read('README.md'),
  )
  const [, first, firstInFlight, second, secondInFlight] = quoted ?? []
  const measured = (inFlight: string | undefined) => {
    const row = new RegExp(`echo of 20 B, ${inFlight} in flight: messages per second \\| ws \\| ([\\d.]+) ×`)
    return String(Math.floor(Number(row.exec(read('docs/performance.md'))?.[1])))
  }
  expect([first, second]).toEqual([measured(firstInFlight), measured(secondInFlight)])
})
