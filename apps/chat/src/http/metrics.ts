// Metrics in the text format 0.0.4 of Prometheus. Numbers only, without identities.

import { type ChatStats, PUBLISH_CLASSES } from '../context/stats.ts'
import { plainText, type Resource } from './resource.ts'

/** Facts of the process. */
export interface ProcessFacts {
  readonly memory: NodeJS.MemoryUsage
  /** Of all threads, in microseconds. */
  readonly cpu: NodeJS.CpuUsage
  /** In milliseconds since 1970. */
  readonly startedAt: number
}

/** One name with all its numbers. */
interface Family {
  readonly name: string
  readonly type: 'gauge' | 'counter' | 'histogram'
  readonly help: string
  /** The label between name and number, such as `{kind="msg"}`. */
  readonly samples: readonly (readonly [suffix: string, value: number])[]
}

const TYPE = { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }

/** The current metrics. */
export function metrics(stats: () => ChatStats, facts: () => ProcessFacts): Resource {
  return () =>
    plainText(200, [...chatFamilies(stats()), ...processFamilies(facts())].map(write).join(''), TYPE)
}

function chatFamilies(stats: ChatStats): Family[] {
  return [
    gauge('chat_connections', 'Open connections.', stats.connections),
    gauge('chat_users', 'Connected users.', stats.users),
    gauge('chat_rooms', 'Rooms with members on this node.', stats.rooms),
    gauge(
      'chat_lagging',
      'Room memberships that are served from the log because the client reads too slowly.',
      stats.lagging,
    ),
    gauge('chat_pending', 'Writes in progress in the store.', stats.pending),
    gauge('chat_buffered_bytes', 'Unsent bytes for all clients.', stats.buffered),
    counter('chat_refused_total', 'Refused connections.', stats.refused),
    counter('chat_messages_received_total', 'WebSocket messages from clients.', stats.messagesReceived),
    counter('chat_messages_sent_total', 'WebSocket messages to clients.', stats.messagesSent),
    counter('chat_duplicates_total', 'Retries of stored messages.', stats.duplicates),
    counter('chat_syncs_total', 'Pages of missed entries sent.', stats.syncs),
    counter('chat_gaps_total', 'Gaps reported to clients.', stats.gaps),
    counter('chat_failures_total', 'Internal errors.', stats.failures),
    labelled('chat_published_total', 'Stored entries, by kind.', 'kind', 'published_', stats),
    labelled('chat_errors_total', 'Error replies, by code.', 'code', 'error_', stats),
    publishDurations(stats),
  ]
}

function processFamilies({ memory, cpu, startedAt }: ProcessFacts): Family[] {
  return [
    gauge('process_resident_memory_bytes', 'Resident memory of the process.', memory.rss),
    gauge('process_heap_bytes', 'Used JavaScript heap.', memory.heapUsed),
    gauge('process_external_memory_bytes', 'Memory outside the heap, mostly buffers.', memory.external),
    counter('process_cpu_seconds_total', 'CPU time of the process.', (cpu.user + cpu.system) / 1e6),
    gauge('process_start_time_seconds', 'Start time since 1970.', startedAt / 1000),
  ]
}

function gauge(name: string, help: string, value: number): Family {
  return { name, type: 'gauge', help, samples: [['', value]] }
}

function counter(name: string, help: string, value: number): Family {
  return { name, type: 'counter', help, samples: [['', value]] }
}

/** One metric with a label, from all counters whose names begin alike. */
function labelled(name: string, help: string, label: string, prefix: string, stats: ChatStats): Family {
  const samples = Object.entries(stats)
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [`{${label}="${key.slice(prefix.length)}"}`, value] as const)
  return { name, type: 'counter', help, samples }
}

function publishDurations(stats: ChatStats): Family {
  const classes = PUBLISH_CLASSES.map(
    end => [`_bucket{le="${end / 1000}"}`, stats[`publish_le_${end}`]] as const,
  )
  return {
    name: 'chat_publish_duration_seconds',
    type: 'histogram',
    help: 'Time to store an entry.',
    samples: [
      ...classes,
      ['_bucket{le="+Inf"}', stats.publish_count],
      ['_sum', stats.publish_ms / 1000],
      ['_count', stats.publish_count],
    ],
  }
}

function write({ name, type, help, samples }: Family): string {
  const lines = samples.map(([suffix, value]) => `${name}${suffix} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}
