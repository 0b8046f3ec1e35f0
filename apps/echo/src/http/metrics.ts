// The counters of the server in the text format of Prometheus.

import type { Stats } from '@ws/server'

const NAMES = {
  sockets: ['gauge', 'WebSockets that are open or closing'],
  buffered: ['gauge', 'Unsent bytes of all sockets'],
  unread: ['gauge', 'Memory in bytes of data that was received and not delivered'],
  opened: ['counter', 'WebSockets that were opened'],
  closed: ['counter', 'WebSockets that were closed'],
  refused: ['counter', 'Upgrade requests that were not answered with 101'],
  messagesReceived: ['counter', 'Messages received'],
  messagesSent: ['counter', 'Messages sent'],
  bytesReceived: ['counter', 'Bytes received, without handshakes'],
  bytesSent: ['counter', 'Bytes sent, without handshakes'],
  backpressure: ['counter', 'Times that a socket reached its high-water mark'],
  dropped: ['counter', 'Messages dropped for slow subscribers'],
  overflowed: ['counter', 'WebSockets closed because all of them buffered too much'],
  errors: ['counter', 'Errors thrown by handlers'],
} as const satisfies Record<keyof Stats, readonly ['gauge' | 'counter', string]>

/** The media type of the format. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** The text of `GET /metrics`. */
export function formatMetrics(stats: Stats): string {
  return Object.entries(NAMES)
    .map(([name, [type, help]]) => {
      const snake = name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
      const metric = `ws_echo_${snake}${type === 'counter' ? '_total' : ''}`
      return `# HELP ${metric} ${help}.\n# TYPE ${metric} ${type}\n${metric} ${stats[name as keyof Stats]}\n`
    })
    .join('')
}
