// The time of many echoes: percentiles, and a plot.

import { countInWords, timeInWords } from '../decode/words.ts'
import { button, element } from './element.ts'

const COUNT = 1000

/** Bytes of each message. */
const SIZE = 32

const WIDTH = 600
const HEIGHT = 160

/** The panel. `measure` begins; its answer goes to `show`. */
export class TimingView {
  readonly element: HTMLElement
  readonly #result = element('div', { className: 'timing-result' })
  readonly #start: HTMLButtonElement

  constructor(measure: (count: number, size: number) => void) {
    this.#result.role = 'status'
    this.#start = button(`Send × ${countInWords(COUNT)}`, 'primary', () => {
      this.#start.disabled = true
      this.#result.textContent = 'Measuring…'
      measure(COUNT, SIZE)
    })
    this.#start.id = 'measure'
    this.element = element(
      'article',
      { className: 'timing' },
      element('h2', { textContent: 'Timing' }),
      element('p', {
        className: 'soft',
        textContent: `Sends ${countInWords(COUNT)} texts of ${SIZE} bytes, each when the one before is back, on a connection of its own that is not recorded. A worker takes the times, so the work of the page is not in them.`,
      }),
      element('p', {}, this.#start),
      this.#result,
    )
  }

  /** Shows the times in milliseconds, in their order. */
  show(times: readonly number[]): void {
    this.#start.disabled = false
    if (times.length === 0) {
      this.#result.textContent = 'No echo came back. Connect to a path that echoes, such as /.'
      return
    }
    const sorted = times.toSorted((a, b) => a - b)
    const at = (part: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!
    const figures = element('dl', { className: 'figures' })
    for (const [name, value] of [
      ['p50', at(0.5)],
      ['p95', at(0.95)],
      ['max', sorted.at(-1)!],
    ] as const) {
      const pair = element(
        'div',
        {},
        element('dt', { textContent: name }),
        element('dd', { textContent: timeInWords(value) }),
      )
      figures.append(pair)
    }
    const total = times.reduce((sum, time) => sum + time, 0)
    const rate = countInWords(Math.round((times.length / total) * 1000))
    const words = `${countInWords(times.length)} echoes in ${timeInWords(total)}: ${rate} per second. The clock of a browser has steps of 0.1 ms.`
    this.#result.replaceChildren(
      figures,
      plot(times, at(0.99)),
      element('p', { className: 'soft', textContent: words }),
    )
  }
}

/** Each echo is a dot; higher is slower. Above `top`, at the upper edge. */
function plot(times: readonly number[], top: number): SVGElement {
  const made = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', class: 'plot' })
  const scale = Math.max(top * 1.2, 0.1)
  made.ariaLabel = `Times of ${times.length} echoes in their order, from 0 to ${timeInWords(scale)}`
  const y = (time: number): number => HEIGHT - 4 - Math.min(1, time / scale) * (HEIGHT - 8)
  const path = times
    .map((time, i) => `M${((i / times.length) * WIDTH).toFixed(1)} ${y(time).toFixed(1)}h0`)
    .join('')
  made.append(
    svg('path', { d: `M0 ${HEIGHT - 1}H${WIDTH}`, class: 'axis' }),
    svg('path', { d: path, class: 'dots' }),
  )
  const label = svg('text', { x: '4', y: '14' })
  label.textContent = timeInWords(scale)
  made.append(label)
  return made
}

function svg(name: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  return made
}
