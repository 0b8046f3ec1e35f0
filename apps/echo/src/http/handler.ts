// Answers the ordinary HTTP requests of the server.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { State, Stats } from '@ws/server'
import type { BenchLimits } from '../bench/limits.ts'
import type { BenchPath } from '../bench/path.ts'
import { formatHelp } from './help.ts'
import { formatMetrics, METRICS_TYPE } from './metrics.ts'
import { servePage } from './page.ts'
import { pathOf, refuse, refuseMethod, respondText } from './respond.ts'

/** The server that the answers are about. */
export interface ReportingServer {
  readonly state: State
  stats(): Stats
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/**
 * Answers `/help`, `/healthz`, `/metrics` and whether connections are recorded (`/inspect`), 426 on
 * the paths of WebSockets, and the page.
 */
export function createHttpHandler(
  findServer: () => ReportingServer,
  paths: readonly BenchPath[],
  limits: BenchLimits,
  inspection: { readonly isOn: boolean },
): Handler {
  const help = formatHelp(paths, limits)
  const texts = new Map<string, Handler>([
    ['/help', (request, response) => respondText(request, response, help)],
    [
      '/healthz',
      (request, response) => {
        const isOpen = findServer().state === 'open'
        respondText(request, response, isOpen ? 'ok\n' : 'closing\n', { status: isOpen ? 200 : 503 })
      },
    ],
    ['/inspect', (request, response) => respondText(request, response, inspection.isOn ? 'on\n' : 'off\n')],
    [
      '/metrics',
      (request, response) =>
        respondText(request, response, formatMetrics(findServer().stats()), { type: METRICS_TYPE }),
    ],
  ])
  const patterns = paths.filter(({ route }) => route !== '/').map(patternOf)
  return (request, response) => {
    const path = pathOf(request)
    const answer = texts.get(path)
    if (answer !== undefined) {
      if (!refuseMethod(request, response)) answer(request, response)
    } else if (patterns.some(pattern => pattern.test(path))) {
      const headers = { Upgrade: 'websocket', Connection: 'Upgrade, close' }
      refuse(response, 426, 'This path is a WebSocket (RFC 6455); GET /help lists all paths', headers)
    } else servePage(request, response)
  }
}

/** Routes have no characters that mean something else in a pattern. */
function patternOf({ route }: BenchPath): RegExp {
  return new RegExp(`^${route.replaceAll(/:\w+/g, '[^/]+')}$`)
}
