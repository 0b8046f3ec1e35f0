import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Unavailable } from '../engine.ts'
import { Access } from './access.ts'

let folder: string
let database: DatabaseSync
let access: Access
let states: string[]
let changed: () => void

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ws-chat-access-'))
  database = open()
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE number (value INTEGER UNIQUE) STRICT')
  states = []
  changed = () => {}
  access = new Access(database, state => {
    states.push(state)
    changed()
  })
})

afterEach(() => {
  if (database.isOpen) access.close()
  rmSync(folder, { recursive: true })
})

function open(): DatabaseSync {
  return new DatabaseSync(join(folder, 'numbers.db'), { timeout: 10 })
}

function add(value: number): Promise<number> {
  return access.write(() => {
    database.prepare('INSERT INTO number VALUES (?)').run(value)
    return value
  })
}

/** The committed state, as another connection sees it. */
function stored(): readonly unknown[] {
  const other = open()
  const rows = other.prepare('SELECT value FROM number ORDER BY value').all()
  other.close()
  return rows.map(({ value }) => value)
}

/** By another connection, as another program would. */
function meanwhile(query: string): void {
  const other = open()
  other.exec(query)
  other.close()
}

function up(): Promise<void> {
  return new Promise(resolve => {
    changed = () => states.at(-1) === 'up' && resolve()
  })
}

describe('a turn of the event loop', () => {
  test('is one transaction, and callers are notified once it is on disk', async () => {
    const seen: unknown[] = []
    const writes = [1, 2, 3].map(async value => {
      await add(value)
      seen.push(stored())
    })
    expect(stored()).toEqual([])
    await Promise.all(writes)
    expect(seen).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ])
  })

  test('more than a thousand writes are several transactions, in order', async () => {
    const values = Array.from({ length: 2500 }, (_, index) => index)
    const order: number[] = []
    await Promise.all(values.map(value => add(value).then(done => order.push(done))))
    expect(order).toEqual(values)
    expect(stored()).toEqual(values)
  })

  test('an error of one write undoes that one, and nothing else', async () => {
    const failing = access.write(() => {
      database.exec('INSERT INTO number VALUES (99)')
      throw new RangeError('no')
    })
    const settled = await Promise.allSettled([add(1), failing, add(1), add(2)])
    expect(settled).toMatchObject([
      { value: 1 },
      { reason: expect.any(RangeError) },
      { reason: expect.any(Unavailable) },
      { value: 2 },
    ])
    expect(stored()).toEqual([1, 2])
    expect(states).toEqual([])
  })

  test.each(['ABORT', 'FAIL', 'ROLLBACK'])('a write that ends in RAISE(%s) is not stored', async action => {
    meanwhile(
      `CREATE TRIGGER no BEFORE INSERT ON number WHEN new.value = 2 BEGIN SELECT RAISE(${action}, 'no'); END`,
    )
    const settled = await Promise.allSettled([add(1), add(2), add(3)])
    const lost = action === 'ROLLBACK' ? [1, 2, 3] : [2]
    expect(settled.map(({ status }) => status)).toEqual(
      [1, 2, 3].map(value => (lost.includes(value) ? 'rejected' : 'fulfilled')),
    )
    expect(settled[1]).toMatchObject({ reason: { name: 'Unavailable', message: 'the store failed: no' } })
    expect(stored()).toEqual([1, 2, 3].filter(value => !lost.includes(value)))
    expect(await add(4)).toBe(4)
  })

  test('that fails at COMMIT was not stored', async () => {
    meanwhile('CREATE TABLE word (number REFERENCES number(value) DEFERRABLE INITIALLY DEFERRED)')
    database.exec('PRAGMA foreign_keys = ON')
    const orphan = access.write(() => database.exec('INSERT INTO word VALUES (7)'))
    const settled = await Promise.allSettled([add(1), orphan, add(2)])
    expect(settled).toMatchObject(Array(3).fill({ reason: expect.any(Unavailable) }))
    expect(stored()).toEqual([])
    expect(await add(7)).toBe(7)
  })
})

describe('a disk that refuses all writes', () => {
  test('is reported once, and its end once', async () => {
    const { page_count: pages } = database.prepare('PRAGMA page_count').get()!
    database.exec(`PRAGMA max_page_count = ${pages}`)
    const text = 'x'.repeat(5000)
    const more = () => access.write(() => database.exec(`CREATE TABLE more AS SELECT '${text}'`))
    await expect(Promise.all([more(), add(1)])).rejects.toThrow('the store failed: database or disk is full')
    await expect(more()).rejects.toBeInstanceOf(Unavailable)
    expect(states).toEqual(['down'])
    database.exec('PRAGMA max_page_count = 1000')
    await up()
    expect(states).toEqual(['down', 'up'])
    await expect(more()).resolves.toBeUndefined()
    expect(states).toEqual(['down', 'up'])
  })

  test('or that is locked by another program rejects all writes of a turn', async () => {
    const other = open()
    other.exec('BEGIN IMMEDIATE')
    const settled = await Promise.allSettled([add(1), add(2)])
    expect(settled).toMatchObject(Array(2).fill({ reason: expect.any(Unavailable) }))
    expect(states).toEqual(['down'])
    expect(await access.read(() => database.prepare('SELECT count(*) AS count FROM number').get())).toEqual({
      count: 0,
    })
    other.exec('ROLLBACK')
    other.close()
    await up()
    expect(await add(3)).toBe(3)
    expect(stored()).toEqual([3])
  })
})

describe('the end', () => {
  test('waiting writes are performed, and later ones are rejected', async () => {
    const before = add(1)
    access.close()
    expect(await before).toBe(1)
    expect(stored()).toEqual([1])
    await expect(add(2)).rejects.toBeInstanceOf(Unavailable)
    await expect(access.read(() => database.prepare('SELECT 1'))).rejects.toBeInstanceOf(Unavailable)
    expect(states).toEqual([])
  })
})

test('a read that fails on its own is not a failure of the store', async () => {
  const fail = () => {
    throw new TypeError('no')
  }
  await expect(access.read(fail)).rejects.toThrow(TypeError)
  await expect(access.read(() => database.exec('SELECT nothing'))).rejects.toBeInstanceOf(Unavailable)
})
