// Lines in a plane as SVG, to be read on a light ground and on a dark one. Knows numbers and names only.

import { formatNumber } from './number.ts'

/** A plot: one line for each series. */
export interface Plot {
  readonly title: string
  /** What the horizontal axis counts, on a logarithmic scale; and the vertical one. */
  readonly x: string
  readonly y: string
  /** Linear, and from zero, if left out. */
  readonly yScale?: 'linear' | 'log'
  readonly series: readonly Series[]
}

/** A line, from left to right. All numbers are above zero. */
export interface Series {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

const WIDTH = 760
const HEIGHT = 400
/** Where the axes meet and where they end; the names of the lines stand to the right. */
const LEFT = 70
const RIGHT = 620
const TOP = 60
const BOTTOM = 340
/** The least distance of two names. */
const NAME_HEIGHT = 17

/** For a light ground and for a dark one; in this order, ours first. */
const COLOURS = [
  ['#0550ae', '#79c0ff'],
  ['#bc4c00', '#ffa657'],
  ['#1a7f37', '#56d364'],
  ['#8250df', '#d2a8ff'],
  ['#6e7781', '#9aa4ae'],
] as const

/** Draws it. */
export function plot({ title, x, y, yScale = 'linear', series }: Plot): string {
  const xs = series.flatMap(({ points }) => points.map(([value]) => value))
  const ys = series.flatMap(({ points }) => points.map(([, value]) => value))
  const across = logScale(Math.min(...xs), Math.max(...xs), LEFT, RIGHT)
  const up = yScale === 'log' ? decades(ys) : fromZero(ys)
  const names = placeNames(series.map(({ points }) => up.at(points.at(-1)![1])))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img">`,
    `<title>${escapeText(title)}</title>`,
    style(series.length),
    `<text class="title" x="${LEFT}" y="24">${escapeText(title)}</text>`,
    `<text x="${LEFT}" y="${TOP - 14}">${escapeText(y)}</text>`,
    `<text x="${(LEFT + RIGHT) / 2}" y="${HEIGHT - 14}" text-anchor="middle">${escapeText(x)}</text>`,
    ...up.ticks.map(tick => {
      const at = round(up.at(tick))
      return `<line class="grid" x1="${LEFT}" x2="${RIGHT}" y1="${at}" y2="${at}"/><text x="${LEFT - 8}" y="${at + 4}" text-anchor="end">${formatTick(tick)}</text>`
    }),
    ...[...new Set(xs)].map(tick => {
      const at = round(across(tick))
      return `<line class="axis" x1="${at}" x2="${at}" y1="${BOTTOM}" y2="${BOTTOM + 5}"/><text x="${at}" y="${BOTTOM + 20}" text-anchor="middle">${formatTick(tick)}</text>`
    }),
    `<line class="axis" x1="${LEFT}" x2="${RIGHT}" y1="${BOTTOM}" y2="${BOTTOM}"/>`,
    ...series.map(({ name, points }, index) => {
      const places = points.map(([px, py]) => [round(across(px)), round(up.at(py))] as const)
      const [endX, endY] = places.at(-1)!
      const nameY = names[index]!
      return [
        `<g class="s${index}">`,
        `<polyline points="${places.map(place => place.join(',')).join(' ')}"/>`,
        ...places.map(([px, py]) => `<circle cx="${px}" cy="${py}" r="3"/>`),
        `<line class="lead" x1="${endX + 5}" y1="${endY}" x2="${RIGHT + 14}" y2="${nameY}"/>`,
        `<text x="${RIGHT + 18}" y="${nameY + 4}">${escapeText(name)}</text>`,
        '</g>',
      ].join('')
    }),
    '</svg>',
    '',
  ].join('\n')
}

/** A vertical axis. */
interface Axis {
  readonly ticks: readonly number[]
  at(value: number): number
}

function fromZero(values: readonly number[]): Axis {
  const step = niceStep(Math.max(...values) / 5)
  const count = Math.ceil(Math.max(...values) / step)
  return {
    ticks: Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12))),
    at: value => BOTTOM - (value / (count * step)) * (BOTTOM - TOP),
  }
}

/** From a power of ten to another. */
function decades(values: readonly number[]): Axis {
  const first = Math.floor(Math.log10(Math.min(...values)))
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))))
  return {
    ticks: Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index)),
    at: logScale(10 ** first, 10 ** last, BOTTOM, TOP),
  }
}

function logScale(first: number, last: number, from: number, to: number): (value: number) => number {
  const length = Math.log(last / first) || 1
  return value => from + (Math.log(value / first) / length) * (to - from)
}

/** The next of 1, 2, 5, 10, 20, … */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return [1, 2, 5, 10].map(factor => factor * power).find(step => step >= least * 0.999)!
}

/** Beside the ends of the lines, but never over each other. */
function placeNames(wanted: readonly number[]): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => wanted[a]! - wanted[b]!)
  const placed = [...wanted]
  let lowest = Number.NEGATIVE_INFINITY
  for (const index of order) {
    placed[index] = round(Math.max(wanted[index]!, lowest + NAME_HEIGHT))
    lowest = placed[index]!
  }
  const above = Math.max(0, lowest - BOTTOM)
  return placed.map(place => round(place - above))
}

function style(count: number): string {
  const rules = (ground: 0 | 1): string =>
    Array.from({ length: count }, (_, index) => {
      const colour = COLOURS[index % COLOURS.length]![ground]
      return `.s${index}{fill:${colour};stroke:${colour}}`
    }).join('')
  return `<style>
text{font:13px system-ui,sans-serif;fill:#57606a;stroke:none}.title{font-weight:600;font-size:15px;fill:#1f2328}
polyline{fill:none;stroke-width:2}.s0 polyline{stroke-width:3}g text{fill:inherit;font-weight:600}
.grid{stroke:#8c959f;stroke-opacity:.25}.axis{stroke:#8c959f}.lead{stroke-opacity:.4}${rules(0)}
@media (prefers-color-scheme:dark){text{fill:#9198a1}.title{fill:#f0f6fc}g text{fill:inherit}${rules(1)}}
</style>`
}

function formatTick(value: number): string {
  return value >= 1e6 ? `${formatPlain(value / 1e6)} M` : formatPlain(value)
}

function formatPlain(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en-US') : formatNumber(value).replace(/0+$/, '')
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
