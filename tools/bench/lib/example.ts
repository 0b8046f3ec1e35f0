// Results that a test can do something with.

import { CPU, RATE } from './figures.ts'
import type { Results } from './results.ts'

/** Two cases, two contenders, a goal that is missed. */
export const EXAMPLE: Results = {
  name: 'example',
  title: 'An example',
  notes: ['It is made up.'],
  date: '2026-01-02T03:04:05.678Z',
  commit: 'abc1234',
  machine: { cpu: 'A processor', cores: 2, memory: '8 GiB', system: 'Linux' },
  quick: false,
  rounds: 2,
  warmup: 1,
  duration: 1,
  contenders: [
    { name: 'ours', description: 'ours 1.0' },
    { name: 'theirs', description: 'theirs 2.0' },
  ],
  leftOut: [{ name: 'absent', why: 'it is not there.\nReally.' }],
  figures: [RATE, CPU],
  cases: [10, 100].map(at => ({
    name: `${at} connections`,
    at,
    contenders: [
      {
        name: 'ours',
        rounds: [{}, {}],
        medians: { rate: at * 2, cpu: 1 },
        spreads: { rate: 0.01, cpu: 0.02 },
        ratios: { rate: 1, cpu: 1 },
      },
      {
        name: 'theirs',
        rounds: [{}, {}],
        medians: { rate: at, cpu: 2, load: 100, server: 50 },
        spreads: { rate: 0.03, cpu: 0.04 },
        ratios: { rate: 2, cpu: 0.5 },
      },
    ],
  })),
  goals: [
    {
      work: 'an example: messages per second',
      figure: RATE,
      against: 'theirs',
      goal: 5,
      aim: 10,
      ratio: 2,
      range: [1.9, 2.1],
      verdict: 'missed',
    },
  ],
}
