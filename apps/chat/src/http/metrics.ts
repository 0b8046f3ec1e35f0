// What has been counted, in the text format 0.0.4 of Prometheus. Numbers only: nothing in it says who anybody is.

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
  /** Each with what stands between the name and the number, such as `{kind="msg"}`. */
  readonly samples: readonly (readonly [suffix: string, value: number])[]
}

const TYPE = { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }

/** All numbers, read anew each time. */
export function metrics(stats: () => ChatStats, facts: () => ProcessFacts): Resource {
  return () =>
    plainText(200, [...chatFamilies(stats()), ...processFamilies(facts())].map(write).join(''), TYPE)
}

function chatFamilies(stats: ChatStats): Family[] {
  return [
    gauge('chat_connections', 'Connections that are open.', stats.connections),
    gauge('chat_users', 'Users who are connected, each counted once.', stats.users),
    gauge('chat_rooms', 'Rooms that somebody here is in.', stats.rooms),
    gauge(
      'chat_lagging',
      'Clients in a room that are served from its log, for they read too slowly.',
      stats.lagging,
    ),
    gauge('chat_pending', 'Writes that wait for the store.', stats.pending),
    gauge('chat_buffered_bytes', 'Bytes that wait to be taken by clients.', stats.buffered),
    counter('chat_refused_total', 'Connections that were refused.', stats.refused),
    counter('chat_messages_received_total', 'WebSocket messages from clients.', stats.messagesReceived),
    counter('chat_messages_sent_total', 'WebSocket messages to clients.', stats.messagesSent),
    counter('chat_duplicates_total', 'Sends that were stored already.', stats.duplicates),
    counter('chat_syncs_total', 'Pages of missed entries that were sent.', stats.syncs),
    counter('chat_gaps_total', 'Times that a client was told of a gap.', stats.gaps),
    counter('chat_failures_total', 'Faults of the chat itself.', stats.failures),
    labelled('chat_published_total', 'Entries that were stored, by kind.', 'kind', 'published_', stats),
    labelled(
      'chat_errors_total',
      'Requests that were answered with an error, by code.',
      'code',
      'error_',
      stats,
    ),
    publishDurations(stats),
  ]
}

function processFamilies({ memory, cpu, startedAt }: ProcessFacts): Family[] {
  return [
    gauge('process_resident_memory_bytes', 'Memory of the process.', memory.rss),
    gauge('process_heap_bytes', 'Memory of it that holds JavaScript objects in use.', memory.heapUsed),
    gauge(
      'process_external_memory_bytes',
      'Memory of it outside of the heap, buffers for the most part.',
      memory.external,
    ),
    counter('process_cpu_seconds_total', 'Time that it has computed.', (cpu.user + cpu.system) / 1e6),
    gauge('process_start_time_seconds', 'When it was started, since 1970.', startedAt / 1000),
  ]
}

function gauge(name: string, help: string, value: number): Family {
  return { name, type: 'gauge', help, samples: [['', value]] }
}

function counter(name: string, help: string, value: number): Family {
  return { name, type: 'counter', help, samples: [['', value]] }
}

/** One counter made of all numbers whose names begin alike. */
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
    help: 'Time until an entry was stored.',
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
