// The list of paths: as text for `GET /help`, as a table for the README, and as HTML for the page.

import { DELIVERY } from '../bench/delivery.ts'
import type { BenchLimits } from '../bench/limits.ts'
import type { BenchPath } from '../bench/path.ts'
import type { Parameters } from '../bench/query.ts'

/** The text of `GET /help`. */
export function formatHelp(paths: readonly BenchPath[], limits: BenchLimits): string {
  const { maxDuration, maxBytes, rate } = limits
  return `A WebSocket server to test clients with. Each path is a WebSocket.

${paths.map(formatPath).join('\n')}
Parameters of all paths, how messages are sent:
${formatParameters(DELIVERY)}
All paths, but / without parameters, have these limits for one connection: ${maxDuration / 1000} s, ${maxBytes} bytes of messages
in both directions together, and ${rate} bytes sent per second. The parameters compress=off and inspect do not change that.

Over HTTP: GET / is a page to try it, /help this list, /healthz the health, /metrics the counters.
`
}

/** The rows of the README's table. */
export function formatTable(paths: readonly BenchPath[]): string {
  const rows = paths.map(
    ({ usage, parameters, about }) => `| \`${exampleOf(usage, parameters)}\` | ${about} |`,
  )
  return ['| path | |', '| --- | --- |', ...rows].join('\n')
}

/** The items of the list in the page. */
export function formatList(paths: readonly BenchPath[]): string {
  return paths
    .map(({ usage, parameters, about }) => {
      const example = escapeHtml(exampleOf(usage, parameters))
      const button = `<button type="button" class="quiet" data-path="${example}"><code>${example}</code></button>`
      return `<li>${button}<p>${escapeHtml(about)}</p></li>`
    })
    .join('\n        ')
}

/** The path with an example of each parameter. */
export function exampleOf(usage: string, parameters: Parameters): string {
  const query = Object.entries(parameters).map(([name, { example }]) => `${name}=${example}`)
  return query.length === 0 ? usage : `${usage}?${query.join('&')}`
}

function formatPath({ usage, about, parameters }: BenchPath): string {
  return `${exampleOf(usage, parameters)}\n    ${about}\n${formatParameters(parameters)}`
}

function formatParameters(parameters: Parameters): string {
  return Object.entries(parameters)
    .map(([name, { example, about }]) => `    ${`${name}=${example}`.padEnd(16)}  ${about}\n`)
    .join('')
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
