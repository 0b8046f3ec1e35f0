import { describe, expect, it } from 'vitest'
import { EXAMPLE } from './example.ts'
import { CPU, RATE } from './figures.ts'
import { seriesOf } from './growth.ts'
import { type Plot, plot } from './plot.ts'

const example: Plot = {
  title: 'Cost < price & more',
  x: 'connections',
  y: 'CPU, µs',
  series: [
    {
      name: 'ours',
      points: [
        [10, 1],
        [100, 2],
        [1000, 3.7],
      ],
    },
    {
      name: 'theirs',
      points: [
        [10, 1],
        [100, 2],
        [1000, 3.6],
      ],
    },
  ],
}

describe('plot', () => {
  it.each(['linear', 'log'] as const)('is SVG, on a %s scale', yScale => {
    const svg = plot({ ...example, yScale })
    expect(unbalanced(svg)).toEqual([])
    expect(svg).not.toMatch(/NaN|Infinity|undefined/)
    expect(svg).toContain('Cost &lt; price &amp; more')
  })

  it('can be read on a dark ground', () => {
    expect(plot(example)).toContain('prefers-color-scheme:dark')
  })

  it('stays within the picture, also with one point, on a round number or far below 1', () => {
    for (const points of [
      [[10, 5]],
      [
        [10, 0.001],
        [20, 0.0012],
      ],
      [
        [1, 1e6],
        [15_000, 5e6],
      ],
    ] as const) {
      for (const yScale of ['linear', 'log'] as const) {
        const svg = plot({ ...example, yScale, series: [{ name: 'one', points }] })
        expect(svg).not.toMatch(/NaN|Infinity/)
        for (const [, x, y] of svg.matchAll(/<circle cx="(.+?)" cy="(.+?)"/g)) {
          expect(Number(x)).toBeGreaterThanOrEqual(70)
          expect(Number(x)).toBeLessThanOrEqual(620)
          expect(Number(y)).toBeGreaterThanOrEqual(60)
          expect(Number(y)).toBeLessThanOrEqual(340)
        }
      }
    }
  })

  it('names the lines beside their ends, and not one over the other', () => {
    const svg = plot(example)
    const [first, second] = ['ours', 'theirs'].map(name =>
      Number(new RegExp(`y="([\\d.]+)">${name}<`).exec(svg)![1]),
    )
    expect(second! - first!).toBeGreaterThanOrEqual(17)
  })

  it('puts more further up and to the right', () => {
    const places = [...plot(example).matchAll(/<circle cx="(.+?)" cy="(.+?)"/g)].slice(0, 3)
    const [x, y] = [1, 2].map(group => places.map(place => Number(place[group])))
    expect(x).toEqual([70, 345, 620])
    expect(y!.toSorted((a, b) => b - a)).toEqual(y)
  })
})

describe('seriesOf', () => {
  it('has a line for each contender', () => {
    expect(seriesOf(EXAMPLE, CPU)).toEqual([
      {
        name: 'ours',
        points: [
          [10, 1],
          [100, 1],
        ],
      },
      {
        name: 'theirs',
        points: [
          [10, 2],
          [100, 2],
        ],
      },
    ])
  })

  it('leaves out who has less than two points', () => {
    const [first, second] = EXAMPLE.cases
    const cases = [first!, { ...second!, contenders: second!.contenders.slice(0, 1) }]
    expect(seriesOf({ ...EXAMPLE, cases }, RATE).map(({ name }) => name)).toEqual(['ours'])
  })
})

/** The tags of an XML text that are not closed, or closed and not opened. */
function unbalanced(xml: string): string[] {
  const open: string[] = []
  for (const [, close, name, empty] of xml.matchAll(
    /<(\/?)([a-z]+)(?: [a-zA-Z0-9:-]+="[^"<>]*")*(\/?)>|<|&(?!lt;|gt;|amp;)/g,
  )) {
    if (name === undefined) return ['something that is not escaped']
    if (close === '/') {
      if (open.pop() !== name) return [name]
    } else if (empty !== '/') open.push(name)
  }
  return open
}
