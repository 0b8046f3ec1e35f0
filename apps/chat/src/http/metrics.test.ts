import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { type ChatStats, Counts } from '../context/stats.ts'
import { metrics } from './metrics.ts'

const GAUGES = ['connections', 'users', 'rooms', 'lagging', 'pending', 'buffered'] as const
const FACTS = {
  memory: { rss: 1000, heapTotal: 900, heapUsed: 800, external: 70, arrayBuffers: 6 },
  cpu: { user: 1_500_000, system: 250_000 },
  startedAt: 1_800_000_000_500,
}

/** Every number of the chat, each another one. */
function everyStat(): ChatStats {
  const zeros = Object.keys(new Counts().read())
  const names = [...GAUGES, 'refused', 'messagesReceived', 'messagesSent', ...zeros]
  return Object.fromEntries(names.map((name, i) => [name, 1001 + i])) as unknown as ChatStats
}

function textOf(stats: ChatStats): string {
  const { body } = metrics(
    () => stats,
    () => FACTS,
  )({} as IncomingMessage)
  return String(body)
}

test('the metrics contain every counter', () => {
  const stats = everyStat()
  const values = new Set([...textOf(stats).matchAll(/ (\S+)$/gm)].map(([, value]) => value))
  for (const [name, value] of Object.entries(stats)) {
    const shown = name === 'publish_ms' ? value / 1000 : value
    expect(values, name).toContain(String(shown))
  }
})

test('have HELP and TYPE once for each name, then values; names of counters end in _total', () => {
  const text = textOf(everyStat())
  expect(text.endsWith('\n')).toBe(true)
  const seen = new Set<string>()
  let current = ''
  let type = ''
  for (const line of text.trimEnd().split('\n')) {
    const help = /^# HELP ([a-z_]+) \S.*\.$/.exec(line)
    const typed = /^# TYPE ([a-z_]+) (gauge|counter|histogram)$/.exec(line)
    if (help) {
      expect(seen).not.toContain(help[1])
      current = help[1]!
      seen.add(current)
    } else if (typed) {
      expect(typed[1]).toBe(current)
      type = typed[2]!
      expect(current.endsWith('_total')).toBe(type === 'counter')
    } else {
      const [, name, suffix] =
        /^([a-z_]+?)(_bucket|_sum|_count)?(?:\{[a-z]+="[\w.+]+"\})? \d+(?:\.\d+)?$/.exec(line)!
      expect(name).toBe(current)
      expect(suffix !== undefined).toBe(type === 'histogram')
    }
  }
})

test('the metrics have labels, and durations in seconds with cumulative classes', () => {
  const counts = new Counts()
  counts.published('msg', 3)
  counts.published('edit', 40)
  counts.published('msg', 5000)
  counts.add('error_busy')
  const text = textOf({ ...everyStat(), ...counts.read() })
  for (const line of [
    'chat_published_total{kind="msg"} 2',
    'chat_published_total{kind="edit"} 1',
    'chat_errors_total{code="busy"} 1',
    'chat_errors_total{code="gap"} 0',
    'chat_publish_duration_seconds_bucket{le="0.002"} 0',
    'chat_publish_duration_seconds_bucket{le="0.005"} 1',
    'chat_publish_duration_seconds_bucket{le="0.05"} 2',
    'chat_publish_duration_seconds_bucket{le="2"} 2',
    'chat_publish_duration_seconds_bucket{le="+Inf"} 3',
    'chat_publish_duration_seconds_sum 5.043',
    'chat_publish_duration_seconds_count 3',
    'process_resident_memory_bytes 1000',
    'process_cpu_seconds_total 1.75',
    'process_start_time_seconds 1800000000.5',
  ]) {
    expect(text).toContain(`\n${line}\n`)
  }
})
