// Checks whether a Redis can store a chat, what to warn of, and whether acknowledged writes are
// durable.

import { Refusal, type Reply } from './connection.ts'
import type { Ask } from './link.ts'

/** A process of Redis. */
export interface Server {
  /** Another one after each start of Redis. */
  readonly run: string
  /** Acknowledged writes survive a crash. */
  readonly keepsAll: boolean
  /** It was a replica, and may lack writes that its primary had acknowledged. */
  readonly wasReplica: boolean
  /** Warnings for the operator, each a sentence. */
  readonly warnings: readonly string[]
}

/** The least version of Redis that the chat is tested with. */
const LEAST_MAJOR = 7

const NO_REPLICA = /^0*$/

/**
 * Asks a Redis about itself. Rejects with {@link Refusal} where the chat cannot be kept in it, or
 * not now.
 */
export async function readServer(ask: Ask): Promise<Server> {
  const facts = readFacts(await ask(['INFO']))
  if (facts.cluster_enabled === '1')
    throw new Refusal('CLUSTER', 'it is a cluster, and the chat needs one that is none')
  if (facts.loading === '1') throw new Refusal('LOADING', 'it is loading its data')
  if (facts.role !== 'master') throw new Refusal('READONLY', `it is a ${facts.role}, not the master`)
  const disk = await readDisk(ask, facts)
  return {
    run: facts.run_id ?? '',
    keepsAll: disk === 'all',
    wasReplica: !NO_REPLICA.test(facts.master_replid2 ?? ''),
    warnings: [...warnOfVersion(facts), ...warnOfEviction(facts), ...warnOfDisk(disk)],
  }
}

type Facts = Readonly<Record<string, string>>

/** Which acknowledged writes survive a crash. */
type Disk = 'all' | 'most' | 'nothing' | 'unknown'

function readFacts(info: Reply): Facts {
  const lines = String(info).matchAll(/^(\w+):([^\r\n]*)\r?$/gm)
  return Object.fromEntries(Array.from(lines, ([, name, value]) => [name, value]))
}

async function readDisk(ask: Ask, { aof_enabled }: Facts): Promise<Disk> {
  if (aof_enabled !== '1') return 'nothing'
  try {
    const [always, pauses] = await Promise.all(
      ['appendfsync', 'no-appendfsync-on-rewrite'].map(name => ask(['CONFIG', 'GET', name])),
    )
    return only(always) === 'always' && only(pauses) === 'no' ? 'all' : 'most'
  } catch (error) {
    // A hosted Redis may not permit the question.
    if (error instanceof Refusal) return 'unknown'
    throw error
  }
}

function only(config: Reply | undefined): Reply | undefined {
  return Object.values((config ?? {}) as Record<string, Reply>)[0]
}

function warnOfVersion({ redis_version = '' }: Facts): string[] {
  if (Number.parseInt(redis_version, 10) >= LEAST_MAJOR) return []
  return [`this is Redis ${redis_version}: the chat is tested with ${LEAST_MAJOR}.0 and later`]
}

function warnOfEviction({ maxmemory_policy = '' }: Facts): string[] {
  if (maxmemory_policy === 'noeviction') return []
  return [`Redis may throw away what the chat keeps: maxmemory-policy is ${maxmemory_policy}, set noeviction`]
}

function warnOfDisk(disk: Disk): string[] {
  const text: Record<Disk, string | undefined> = {
    all: undefined,
    most: 'after a crash of Redis the last second may be lost, and after each start of it all clients begin anew: set appendfsync always',
    nothing:
      'Redis does not write what the chat acknowledges to a disk: set appendonly yes and appendfsync always',
    unknown:
      'Redis does not say how it writes to its disk (CONFIG GET appendfsync): after each start of it all clients begin anew',
  }
  return text[disk] === undefined ? [] : [text[disk]]
}
