// The machine that measures: whether it can, which cores it has, and what to tell the reader of it. Knows Linux only.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'

/** The reader's idea of the machine. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memory: string
  readonly system: string
}

/** Throws an `Error` that says why, unless this machine can run what is measured with. */
export function checkMachine(): void {
  if (!existsSync('/proc/self/schedstat'))
    throw new Error('these benchmarks read CPU times from /proc/PID/task/*/schedstat, as Linux has them')
  if (spawnSync('taskset', ['--version']).error)
    throw new Error('these benchmarks give each process a core of its own by `taskset` (of util-linux)')
  chooseCores()
}

/** A core for the server and another for the load. Throws an `Error` if there is only one. */
export function chooseCores(): { server: string; load: string } {
  const [server, ...others] = coresOf('self')
  // Two threads of one core would take each other's time.
  const threads = siblingsOf(server!)
  const load = others.find(core => !threads.includes(core)) ?? others[0]
  if (load === undefined)
    throw new Error('these benchmarks need two cores, one for the server and one for the load')
  return { server: String(server), load: String(load) }
}

/** The cores that a process may run on. */
export function coresOf(pid: number | 'self'): number[] {
  const [, list] = /^Cpus_allowed_list:\s+(\S+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))!
  return parseCpuList(list!)
}

/** Numbers as Linux lists them: `0-2,8` are 0, 1, 2 and 8. */
export function parseCpuList(list: string): number[] {
  return list.split(',').flatMap(part => {
    const [first, last] = part.split('-').map(Number)
    return Array.from({ length: (last ?? first!) - first! + 1 }, (_, index) => first! + index)
  })
}

/** Files that a process has open besides its connections, and some to spare. */
const OTHER_FILES = 100

/** How many connections a process may have open here, of those that are wanted; says so if they are fewer. */
export function affordConnections(wanted: number): number {
  const limit = openFilesLimit()
  if (wanted + OTHER_FILES <= limit) return wanted
  const fewer = Math.max(1, limit - OTHER_FILES)
  console.log(
    `${fewer} connections in place of ${wanted}: a process may have ${limit} files open (ulimit -n)`,
  )
  return fewer
}

function openFilesLimit(): number {
  const [, soft] = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))!
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft)
}

/** For the reader. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]!.model.trim(),
    cores: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${distribution()}, Linux ${release()}`,
  }
}

/** The commit that is measured, with a `+` if files differ from it; `unknown` without git. */
export function describeCommit(): string {
  const git = (...args: string[]): string => spawnSync('git', args, { encoding: 'utf8' }).stdout?.trim() ?? ''
  const commit = git('rev-parse', '--short', 'HEAD')
  if (commit === '') return 'unknown'
  return git('status', '--porcelain', '--untracked-files=no') === '' ? commit : `${commit}+`
}

function siblingsOf(core: number): number[] {
  const file = `/sys/devices/system/cpu/cpu${core}/topology/thread_siblings_list`
  return existsSync(file) ? parseCpuList(readFileSync(file, 'latin1').trim()) : [core]
}

function distribution(): string {
  if (!existsSync('/etc/os-release')) return 'unknown distribution'
  return (
    /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown distribution'
  )
}
