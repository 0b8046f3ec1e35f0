import { describe, expect, test } from 'vitest'
import { Refusal } from './connection.ts'
import type { Ask } from './link.ts'
import { readServer } from './server.ts'

const GOOD = {
  redis_version: '7.0.15',
  run_id: 'abc',
  role: 'master',
  cluster_enabled: '0',
  loading: '0',
  aof_enabled: '1',
  maxmemory_policy: 'noeviction',
  master_replid2: '0'.repeat(40),
}

/** A server with this INFO; `config` undefined if CONFIG is not permitted. */
function server(facts: Partial<typeof GOOD>, config?: Readonly<Record<string, string>>): Ask {
  return async ([command, , name = '']) => {
    const lines = Object.entries({ ...GOOD, ...facts }).map(([key, value]) => `${key}:${value}`)
    if (command === 'INFO') return `# Server\r\n${lines.join('\r\n')}\r\n`
    if (config === undefined) throw new Refusal('NOPERM', 'this user has no permissions')
    return { [name]: config[name] ?? 'no' }
  }
}

const ALWAYS = { appendfsync: 'always' }

describe('readServer', () => {
  test('a durable Redis', async () => {
    expect(await readServer(server({}, ALWAYS))).toEqual({
      run: 'abc',
      keepsAll: true,
      wasReplica: false,
      warnings: [],
    })
  })

  test.each([
    [{}, { appendfsync: 'everysec' }],
    [{}, { ...ALWAYS, 'no-appendfsync-on-rewrite': 'yes' }],
    [{}, undefined],
    [{ aof_enabled: '0' }, ALWAYS],
  ])('a Redis that is not durable: %j %j', async (facts, config) => {
    const { keepsAll, warnings } = await readServer(server(facts, config))
    expect(keepsAll).toBe(false)
    expect(warnings).toHaveLength(1)
  })

  test('a Redis that was a replica', async () => {
    const { wasReplica } = await readServer(server({ master_replid2: `${'0'.repeat(39)}1` }, ALWAYS))
    expect(wasReplica).toBe(true)
  })

  test('a Redis of an earlier version', async () => {
    const { warnings } = await readServer(server({ redis_version: '6.2.9' }, ALWAYS))
    expect(warnings).toEqual(['this is Redis 6.2.9: the chat is tested with 7.0 and later'])
  })

  test.each([
    [{ cluster_enabled: '1' }, 'CLUSTER'],
    [{ loading: '1' }, 'LOADING'],
    [{ role: 'slave' }, 'READONLY'],
  ])('a Redis is not suitable for a chat: %j', async (facts, code) => {
    await expect(readServer(server(facts, ALWAYS))).rejects.toMatchObject({ name: 'Refusal', code })
  })
})
