import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { open, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { Unavailable } from '../../src/engine/engine.ts'
import { backup } from '../../src/engine/sqlite/backup.ts'
import { SqliteEngine } from '../../src/engine/sqlite/sqlite-engine.ts'
import { ANN, edit, message, messages, topic } from './drafts.ts'
import { makeFolder, publishAll } from './kinds.ts'
import { numbers, Recorder } from './recorder.ts'
import { Writer } from './writer-process.ts'

const BACKUP = new URL('../../src/engine/sqlite/backup.ts', import.meta.url)

async function start(file: string, sink = new Recorder()): Promise<SqliteEngine> {
  const engine = new SqliteEngine(file)
  await engine.start(sink)
  await engine.createRoom('lobby')
  return engine
}

/** A file with five messages in `lobby`, of which Ann has read all. */
async function makeFile(file: string): Promise<{ readonly epoch: string }> {
  await using engine = await start(file)
  await publishAll(engine, 'lobby', messages(5))
  await engine.accounts.create({ ...ANN, guest: false })
  await engine.accounts.enter(ANN.id, 'lobby')
  await engine.accounts.read(ANN.id, 'lobby', 5)
  return (await engine.room('lobby'))!
}

function change(file: string, query: string): void {
  const database = new DatabaseSync(file)
  database.exec(query)
  database.close()
}

/** The bytes of a database with nonsense in the page where its entries begin. */
function withoutEntries(whole: Buffer, file: string): Buffer {
  const database = new DatabaseSync(file, { readOnly: true })
  const page = Number(
    database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'entry'").get()?.rootpage,
  )
  database.close()
  return Buffer.from(whole).fill(0xaa, (page - 1) * 4096, page * 4096)
}

/** An error of one line that names the file. */
async function refused(file: string, because: string | RegExp): Promise<void> {
  const failure: Error = await start(file).then(
    () => new Error('it was opened'),
    error => error,
  )
  expect(failure.message).toMatch(because)
  expect(failure.message).toMatch(/^cannot open .*chat\.db: [^\n]+$/)
}

describe('a file', () => {
  test('is readable by its owner only', async () => {
    await using folder = await makeFolder()
    const file = join(folder.path, 'chat.db')
    await using engine = await start(file)
    await engine.publish('lobby', message('hi'))
    for (const name of [file, `${file}-wal`]) expect((await stat(name)).mode & 0o777).toBe(0o600)
  })

  test('that is not a database', async () => {
    await using folder = await makeFolder()
    const file = join(folder.path, 'chat.db')
    await writeFile(file, 'Dear diary, '.repeat(1000))
    await refused(file, 'file is not a database')
    expect(await readFile(file, 'utf8')).toMatch(/^Dear diary/)
  })

  test('of another program is not changed', async () => {
    await using folder = await makeFolder()
    const file = join(folder.path, 'chat.db')
    change(file, 'CREATE TABLE recipe (title TEXT)')
    const before = await readFile(file)
    await refused(file, 'another program')
    expect((await readFile(file)).equals(before)).toBe(true)
  })

  test('of a later version is not changed', async () => {
    await using folder = await makeFolder()
    const file = join(folder.path, 'chat.db')
    await makeFile(file)
    change(file, 'PRAGMA user_version = 999')
    const before = await readFile(file)
    await refused(file, 'its version is 999, and this program knows versions up to 7')
    expect((await readFile(file)).equals(before)).toBe(true)
  })

  test('whose chat ends during the deletion of a removed room continues when it is opened again', async () => {
    await using folder = await makeFolder()
    const file = join(folder.path, 'chat.db')
    const count = () => {
      const database = new DatabaseSync(file, { readOnly: true })
      const rows = ['entry', 'room'].map(
        table => database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n,
      )
      database.close()
      return rows
    }
    const first = await start(file)
    await Promise.all(messages(1000).map(draft => first.publish('lobby', draft)))
    await first.createRoom('den')
    await first.publish('den', message('kept'))
    await first.removeRoom('lobby')
    await first[Symbol.asyncDispose]()
    expect(Number(count()[0])).toBeGreaterThan(1)
    await using second = new SqliteEngine(file)
    await second.start(new Recorder())
    expect(await second.rooms(9)).toEqual(['den'])
    await expect.poll(count).toEqual([1, 1])
    expect((await second.search({ text: 'kept', limit: 9 })).hits).toHaveLength(1)
  })

  test('that is damaged', async () => {
    await using folder = await makeFolder()
    const file = join(folder.path, 'chat.db')
    await makeFile(file)
    const handle = await open(file, 'r+')
    await handle.write(Buffer.alloc(4000, 0xaa), 0, 4000, 100)
    await handle.close()
    await refused(file, 'it is damaged: ')
  })

  test('that is damaged in a page that is read later, or that ends too early', async () => {
    await using folder = await makeFolder()
    const file = join(folder.path, 'chat.db')
    await makeFile(file)
    const whole = await readFile(file)
    await writeFile(file, withoutEntries(whole, file))
    await refused(file, 'it is damaged: ')
    await writeFile(file, whole.subarray(0, whole.length - 4096))
    await refused(file, 'it is damaged: ')
    await writeFile(file, whole)
    await using engine = await start(file)
    expect((await engine.room('lobby'))?.seq).toBe(5)
  })

  test('with damaged values is read with an error that does not contain them', async () => {
    await using folder = await makeFolder()
    const file = join(folder.path, 'chat.db')
    await makeFile(file)
    change(file, "UPDATE entry SET data = 'a secret word', fold = 'a secret word'")
    await using engine = await start(file)
    for (const after of [undefined, 0]) {
      const query = { limit: 10, ...(after !== undefined && { after }) }
      const failure: Error = await engine.history('lobby', query).then(
        () => new Error('it was read'),
        error => error,
      )
      expect(failure.message).toMatch(/not the JSON it should be$/)
      expect(failure.stack).not.toContain('secret')
    }
  })

  test('that is a folder, or in a missing folder', async () => {
    await using folder = await makeFolder()
    await refused(join(folder.path, 'nowhere', 'chat.db'), /unable to open|no such file/i)
    await using outer = await makeFolder()
    await refused(join(outer.path, '..', 'chat.db', 'chat.db'), /unable to open|no such file/i)
  })

  test('can be opened after a failed attempt', async () => {
    await using folder = await makeFolder()
    const file = join(folder.path, 'chat.db')
    await writeFile(file, 'no database'.repeat(500))
    await refused(file, 'not a database')
    await writeFile(file, '')
    await using engine = await start(file)
    expect((await engine.publish('lobby', message('hi'))).entry.seq).toBe(1)
  })
})

describe('a lock on a file', () => {
  test('in one process, by any name', async () => {
    await using folder = await makeFolder()
    const file = join(folder.path, 'chat.db')
    await makeFile(file)
    const alias = join(folder.path, 'alias-chat.db')
    await symlink(file, alias)
    await using engine = await start(file)
    await refused(file, 'it is in use by another server')
    await refused(alias, 'it is in use by another server')
    await engine[Symbol.asyncDispose]()
    await using next = await start(alias)
    expect((await next.room('lobby'))?.seq).toBe(5)
  })

  test('excludes other processes until its holder ends, in any way', async () => {
    await using folder = await makeFolder()
    const file = join(folder.path, 'chat.db')
    const writer = await Writer.start(file, 'first', 5)
    try {
      await refused(file, 'it is in use by another server')
      await expect(Writer.start(file, 'second', 1)).rejects.toThrow(
        `cannot open ${file}: it is in use by another server`,
      )
    } finally {
      await writer.kill()
    }
    await using engine = await start(file)
    await expect(Writer.start(file, 'third', 1)).rejects.toThrow('it is in use by another server')
    expect((await engine.room('lobby'))?.seq).toBeGreaterThanOrEqual(5)
  })
})

describe('a log that has lost its end gets a new epoch', () => {
  test.each([
    ['lost its end', 'DELETE FROM entry WHERE seq > 3', { seq: 3, oldest: 1 }, 3],
    ['lost its beginning', 'DELETE FROM entry WHERE seq < 3', { seq: 5, oldest: 3 }, 5],
    ['lost everything', 'DELETE FROM entry', { seq: 0, oldest: 1 }, 0],
    ['has more than it knows of', 'UPDATE room SET top = 3', { seq: 5, oldest: 1 }, 5],
  ])('a lock works where it %s', async (_, query, ends, read) => {
    await using folder = await makeFolder()
    const file = join(folder.path, 'chat.db')
    const { epoch } = await makeFile(file)
    change(file, query)
    await using engine = await start(file)
    const room = await engine.room('lobby')
    expect(room).toMatchObject(ends)
    expect(room?.epoch).not.toBe(epoch)
    expect(await engine.accounts.memberships(ANN.id)).toEqual(new Map([['lobby', read]]))
    expect((await engine.publish('lobby', message('on'))).entry).toMatchObject({
      epoch: room?.epoch,
      seq: ends.seq + 1,
    })
    await engine[Symbol.asyncDispose]()
    await using again = await start(file)
    expect((await again.room('lobby'))?.epoch).toBe(room?.epoch)
  })
})

describe('a transaction', () => {
  test('stores the entry, the fold, the index and the state, or nothing', async () => {
    await using folder = await makeFolder()
    const file = join(folder.path, 'chat.db')
    const sink = new Recorder()
    await using engine = await start(file, sink)
    await engine.subscribe('lobby')
    await engine.publish('lobby', message('one'))
    change(file, "CREATE TRIGGER no BEFORE INSERT ON room_state BEGIN SELECT RAISE(ABORT, 'no'); END")
    for (const draft of [topic('news'), message('two'), edit(1, 'three')])
      await expect(engine.publish('lobby', draft, { patch: { topic: 'news' } })).rejects.toBeInstanceOf(
        Unavailable,
      )
    expect(await engine.room('lobby')).toMatchObject({ seq: 1, state: new Map() })
    expect(await engine.entry('lobby', 1)).not.toHaveProperty('fold')
    expect((await engine.search({ text: 'two', limit: 1 })).hits).toEqual([])
    expect((await engine.search({ text: 'three', limit: 1 })).hits).toEqual([])
    expect((await engine.search({ text: 'one', limit: 1 })).hits).toHaveLength(1)
    change(file, 'DROP TRIGGER no')
    expect((await engine.publish('lobby', topic('news'), { patch: { topic: 'news' } })).entry.seq).toBe(2)
    expect(sink.seqs()).toEqual([1, 2])
    expect(sink.states).toEqual(['up'])
  })

  test('that fails: the store is down until it succeeds', async () => {
    await using folder = await makeFolder()
    const file = join(folder.path, 'chat.db')
    const sink = new Recorder()
    await using engine = await start(file, sink)
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    await expect(engine.publish('lobby', message('one', ANN, 'c'))).rejects.toBeInstanceOf(Unavailable)
    expect(sink.states).toEqual(['up', 'down'])
    expect(await engine.room('lobby')).toMatchObject({ seq: 0 })
    other.exec('ROLLBACK')
    other.close()
    await sink.until(({ states }) => states.length === 3)
    expect(sink.states).toEqual(['up', 'down', 'up'])
    expect(await engine.publish('lobby', message('one', ANN, 'c'))).toMatchObject({
      dup: false,
      entry: { seq: 1 },
    })
  })
})

describe('a backup', () => {
  test('is complete, readable by its owner only, and gets new epochs once', async () => {
    await using folder = await makeFolder()
    const [file, copy] = [join(folder.path, 'chat.db'), join(folder.path, 'copy.db')]
    const { epoch } = await makeFile(file)
    const steps: [number, number][] = []
    await backup(file, copy, (done, total) => steps.push([done, total]))
    for (const [done, total] of steps) expect(done).toBeLessThanOrEqual(total)
    expect((await stat(copy)).mode & 0o777).toBe(0o600)
    expect(['.part', '.part-lock', '-wal', '-shm', '-journal'].filter(end => existsSync(copy + end))).toEqual(
      [],
    )
    await using engine = await start(copy)
    const room = await engine.room('lobby')
    expect(room).toMatchObject({ seq: 5, oldest: 1 })
    expect(room?.epoch).not.toBe(epoch)
    expect(await engine.accounts.memberships(ANN.id)).toEqual(new Map([['lobby', 5]]))
    await engine[Symbol.asyncDispose]()
    await using again = await start(copy)
    expect((await again.room('lobby'))?.epoch).toBe(room?.epoch)
    await using original = await start(file)
    expect((await original.room('lobby'))?.epoch).toBe(epoch)
  })

  test('during writes of another process is a consistent state', async () => {
    await using folder = await makeFolder()
    const [file, copy] = [join(folder.path, 'chat.db'), join(folder.path, 'copy.db')]
    const writer = await Writer.start(file, 'live', 200)
    const before = writer.acknowledged.size
    try {
      await backup(file, copy)
    } finally {
      await writer.kill()
    }
    await using engine = await start(copy)
    const { seq } = (await engine.room('lobby'))!
    expect(seq).toBeGreaterThanOrEqual(before)
    const { entries } = await engine.history('lobby', { after: 0, limit: seq })
    expect(entries.map(entry => entry.seq)).toEqual(numbers(seq))
    for (const { seq: at, cid } of entries.slice(0, before)) expect(writer.acknowledged.get(at)).toBe(cid)
  })

  test('during writes in this process is a consistent state', async () => {
    await using folder = await makeFolder()
    const [file, copy] = [join(folder.path, 'chat.db'), join(folder.path, 'copy.db')]
    await using engine = await start(file)
    await publishAll(engine, 'lobby', messages(20))
    const body = 'x'.repeat(4000)
    await Promise.all(numbers(2500).map(() => engine.publish('lobby', message(body))))
    let writing: Promise<unknown> = Promise.resolve()
    await backup(file, copy, () => {
      writing = engine.publish('lobby', message('meanwhile'))
    })
    await writing
    await using other = await start(copy)
    expect((await other.room('lobby'))?.seq).toBe(2520)
  })

  test('never overwrites a file', async () => {
    await using folder = await makeFolder()
    const [file, copy] = [join(folder.path, 'chat.db'), join(folder.path, 'copy.db')]
    await makeFile(file)
    await writeFile(copy, 'precious')
    await expect(backup(file, copy)).rejects.toThrow(`cannot write ${copy}: the file already exists`)
    await expect(backup(file, file)).rejects.toThrow(`cannot write ${file}: the file already exists`)
    expect(await readFile(copy, 'utf8')).toBe('precious')
    expect(existsSync(`${copy}.part`)).toBe(false)
  })

  test('to a name that another one is writing is an error', async () => {
    await using folder = await makeFolder()
    const [file, copy] = [join(folder.path, 'chat.db'), join(folder.path, 'copy.db')]
    await makeFile(file)
    const settled = await Promise.allSettled([backup(file, copy), backup(file, copy)])
    expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(settled).toContainEqual({
      status: 'rejected',
      reason: expect.objectContaining({
        message: `cannot write ${copy}: another backup is just being made under this name`,
      }),
    })
    await using engine = await start(copy)
    expect((await engine.room('lobby'))?.seq).toBe(5)
  })

  test('that was interrupted blocks no other, and leaves no files', async () => {
    await using folder = await makeFolder()
    const [file, copy] = [join(folder.path, 'chat.db'), join(folder.path, 'copy.db')]
    await makeFile(file)
    change(file, 'CREATE TABLE ballast (bytes BLOB); INSERT INTO ballast VALUES (zeroblob(16777216))')
    const script = `import { backup } from ${JSON.stringify(BACKUP)}
      await backup(${JSON.stringify(file)}, ${JSON.stringify(copy)}, () => process.kill(process.pid, 'SIGKILL'))`
    const broken = spawnSync(process.execPath, ['--input-type=module-typescript', '--eval', script])
    expect(broken.signal).toBe('SIGKILL')
    expect(existsSync(`${copy}.part`)).toBe(true)
    expect(existsSync(copy)).toBe(false)
    // A journal of another state of the file.
    await writeFile(`${copy}.part-journal`, 'of another time')
    await backup(file, copy)
    expect((await readdir(folder.path)).filter(name => name.startsWith('copy.db'))).toEqual(['copy.db'])
    await using engine = await start(copy)
    expect((await engine.room('lobby'))?.seq).toBe(5)
  })

  test('of a damaged file is refused', async () => {
    await using folder = await makeFolder()
    const [file, copy] = [join(folder.path, 'chat.db'), join(folder.path, 'copy.db')]
    await makeFile(file)
    const whole = await readFile(file)
    await writeFile(file, withoutEntries(whole, file))
    await expect(backup(file, copy)).rejects.toThrow(`cannot write ${copy}: it is damaged: `)
    expect((await readdir(folder.path)).filter(name => name.startsWith('copy.db'))).toEqual([])
  })

  test('of a missing or foreign file, or to a missing folder: an error of one line', async () => {
    await using folder = await makeFolder()
    const [file, copy] = [join(folder.path, 'chat.db'), join(folder.path, 'copy.db')]
    await expect(backup(file, copy)).rejects.toThrow(/^cannot open [^\n]*chat\.db: [^\n]+$/)
    expect(existsSync(file)).toBe(false)
    change(file, 'CREATE TABLE recipe (title TEXT)')
    await expect(backup(file, copy)).rejects.toThrow(/it is not the database of a chat$/)
    expect(existsSync(copy)).toBe(false)
    const good = join(folder.path, 'good.db')
    await makeFile(good)
    const nowhere = join(folder.path, 'nowhere', 'copy.db')
    await expect(backup(good, nowhere)).rejects.toThrow(/^cannot write [^\n]*copy\.db: [^\n]+$/)
  })
})
