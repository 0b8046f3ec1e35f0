// What the chat does on this machine, with SQLite and with a Redis: members in rooms who write at a rate, as fast as they can, and beside
// others who read nothing. The chat and its load are processes of their own, each on a core; all nodes and their Redis have one together.

import { spawnSync } from 'node:child_process'
import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findRedis, RedisServer } from '@ws/testing'
import { Child, endByExit } from '@ws/testing/child'
import { chooseCores, describeCommit, describeMachine } from '@ws/testing/machine'
import { formatMarkdown, type Table } from '@ws/testing/table'
import type { ChatJob, ChatResult } from './chat/job.ts'
import { startScript } from './lib/compare.ts'
import { formatNumber } from './lib/number.ts'
import { showProgress } from './lib/progress.ts'
import { resultsFolder } from './lib/results.ts'
import { percentilesOf } from './load/rate.ts'

const CHAT = join(import.meta.dirname, '../..', 'apps', 'chat', 'src', 'main.ts')
const LOAD = join(import.meta.dirname, 'chat', 'load.ts')

const settings = startScript()
endByExit()

const usual: Omit<ChatJob, 'ports' | 'metrics' | 'pid'> = {
  rooms: 20,
  members: 1000,
  stalled: 0,
  rate: 0,
  firstRoomOnly: false,
  size: 100,
  warmup: settings.warmup,
  duration: settings.quick ? 1000 : 10_000,
}
/** `nodes`: so many on one Redis; without it one on a file. */
interface Case {
  readonly name: string
  readonly job: Partial<ChatJob>
  readonly nodes?: 1 | 2
}

const CASES: readonly Case[] = [
  ...[100, 300, 1000].map(rate => ({ name: `${formatNumber(rate)} messages a second`, job: { rate } })),
  { name: 'as fast as they are acknowledged', job: {} },
  { name: 'one room, 50 a second of 4,000 characters', job: { rate: 50, firstRoomOnly: true, size: 4000 } },
  {
    name: 'the same, and 100 in it who read nothing',
    job: { rate: 50, firstRoomOnly: true, size: 4000, stalled: 100 },
  },
]
const REDIS_CASES: readonly Case[] = [
  { name: '300 messages a second, two nodes on one Redis', job: { rate: 300 }, nodes: 2 },
  { name: 'as fast as they are acknowledged, one node on Redis', job: {}, nodes: 1 },
  { name: 'as fast as they are acknowledged, two nodes on one Redis', job: {}, nodes: 2 },
]
const cases = findRedis() === undefined ? CASES : [...CASES, ...REDIS_CASES]
if (cases === CASES) console.error('chat: without what two nodes do: there is no redis-server on PATH')

/** A chat that stores before it acknowledges is not faster than its disk, whose bad moments are its own. */
const disk = percentilesOf(timesOfDisk(1000))
const rows: string[][] = []
{
  using progress = showProgress(cases.length)
  for (const each of cases) {
    progress.next(each.name)
    rows.push([each.name, ...(await measureCase(each))])
  }
}
const table: Table = [
  [
    'load',
    'stored/s',
    'delivered/s',
    'delivery p50, ms',
    'p99, ms',
    'stored p99, ms',
    'CPU',
    'memory at its peak',
  ],
  ...rows,
]
const { cpu, cores, system } = describeMachine()
const section = [
  formatMarkdown(table),
  `1,000 members in 20 rooms, 100 characters a message, SQLite on this machine's disk; every member was given every message of the room. The nodes on Redis have their members half and half; it has on its disk what it acknowledges (\`appendfsync always\`), and shares their core: CPU and memory are of all of them. A thousand writes of 4 KiB, each followed by fsync, took this disk ${formatNumber(disk.p50)} ms (p50) and ${formatNumber(disk.p99)} ms (p99) just before. ${cpu}, ${cores} cores, ${system}, Node ${process.versions.node}, commit ${describeCommit()}.`,
].join('\n\n')
const file = join(resultsFolder(settings.quick), 'chat.md')
writeFileSync(file, `${section}\n`)
console.log(`${section}\n${file}`)

/** A fresh chat on a fresh store, under one load: the cells of its row. */
async function measureCase({ job, nodes }: Case): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'chat-bench-'))
  try {
    const { server, load } = chooseCores()
    await using redis = nodes === undefined ? undefined : await startRedis(server)
    const store = redis === undefined ? ['--data', join(folder, 'chat.db')] : ['--redis', redis.url]
    await using first = startNode(server, store)
    await using second = nodes === 2 ? startNode(server, store) : undefined
    const chats = [first, second].filter(chat => chat !== undefined)
    const pid = [redis, ...chats].flatMap(started => started?.pid ?? [])
    const places = await Promise.all(chats.map(placesOf))
    const ports = places.map(({ port }) => port)
    const whole: ChatJob = { ...usual, ...job, ports, metrics: places.map(({ metrics }) => metrics), pid }
    await using generator = new Child('the load', load, [process.execPath, LOAD, JSON.stringify(whole)])
    const result = JSON.parse(await generator.next(whole.warmup + whole.duration)) as ChatResult
    if (result.lagging !== whole.stalled)
      throw new Error(`${result.lagging} members lag, where ${whole.stalled} do not read`)
    if (result.missing > 0) throw new Error(`${result.missing} entries were not delivered`)
    return cellsOf(
      result,
      pid.reduce((sum, each) => sum + peakBytesOf(each), 0),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function startNode(core: string, store: readonly string[]): Child {
  // The limits of a person are not what is measured.
  const limits = [
    '--rate',
    '1000:1000',
    '--address-rate',
    '1000000:1000000',
    '--room-rate',
    '1000:1000',
    '--account-rate',
    '1000000:1000',
    '--read-rate',
    '1000000:1000000',
  ]
  const options = ['--port', '0', '--metrics', '0', '--log', 'json', ...limits, ...store]
  return new Child('the chat', core, [process.execPath, CHAT, ...options])
}

/** A fresh Redis on this core, which has on its disk what it acknowledges. */
async function startRedis(core: string): Promise<RedisServer> {
  const redis = await RedisServer.start(['--appendonly', 'yes', '--appendfsync', 'always'])
  const command = ['--all-tasks', '--cpu-list', '--pid', core, String(redis.pid)]
  if (spawnSync('taskset', command).status !== 0) throw new Error('taskset does not move the Redis')
  return redis
}

/** Milliseconds that each of so many writes took until it was on the disk. */
function timesOfDisk(count: number): number[] {
  const folder = mkdtempSync(join(tmpdir(), 'chat-bench-'))
  const file = openSync(join(folder, 'written'), 'w')
  const page = new Uint8Array(4096)
  try {
    return Array.from({ length: count }, () => {
      const start = performance.now()
      writeSync(file, page)
      fsyncSync(file)
      return performance.now() - start
    })
  } finally {
    closeSync(file)
    rmSync(folder, { recursive: true })
  }
}

/** It says where it listens in its first lines. */
async function placesOf(chat: Child): Promise<{ readonly port: number; readonly metrics: number }> {
  for (;;) {
    const line = JSON.parse(await chat.next())
    if (line.event === 'listening') return line
  }
}

function cellsOf(result: ChatResult, peak: number): string[] {
  const { seconds, stored, delivered, delivery, acknowledgement, serverCpu } = result
  return [
    formatNumber(stored / seconds),
    formatNumber(delivered / seconds),
    formatNumber(delivery.p50),
    formatNumber(delivery.p99),
    formatNumber(acknowledgement.p99),
    `${Math.round((100 * serverCpu) / seconds)} %`,
    `${Math.round(peak / 2 ** 20)} MiB`,
  ]
}

function peakBytesOf(pid: number): number {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))!
  return Number(kibibytes) * 1024
}
