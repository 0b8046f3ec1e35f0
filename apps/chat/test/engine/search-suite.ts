// Search, for every engine.

import { expect, test } from 'vitest'
import type { Engine, SearchQuery } from '../../src/engine/engine.ts'
import { SEARCH_CHARACTERS, SEARCH_SLICE } from '../../src/engine/search/search-budget.ts'
import { ANN, deletion, edit, message, messages, reaction, topic } from './drafts.ts'
import { type EngineKind, publishAll, run } from './kinds.ts'
import { numbers } from './recorder.ts'

/** The positions of the results, in `lobby` and elsewhere. */
async function find(
  engine: Engine,
  text: string,
  more: Partial<SearchQuery> = {},
): Promise<readonly number[]> {
  const { hits } = await engine.search({ text, limit: 50, ...more })
  return hits.map(({ entry }) => entry.seq)
}

/** A message, queries that find it, and queries that do not. */
const FOUND: readonly [body: string, by: readonly string[], notBy: readonly string[]][] = [
  [
    'The quick brown fox',
    ['fox', 'FOX', 'fo', 'quick fox', 'fox quick', 'the  br'],
    ['ox', 'quic fox', 'fox dog'],
  ],
  ['Crème brûlée à la carte', ['creme', 'crème', 'BRULEE', 'bru', 'brûlee a'], ['creme b c']],
  ['Straße ΌΣΟΣ I\u0307stanbul', ['straße', 'STRASSE', 'stras', 'οσος', 'οσοσ', 'οσ', 'istanbul'], []],
  ['ﬁne ＡＢＣ x²', ['fine', 'abc', 'x2'], []],
  [
    'say "AND" or NOT, near* (b)-c: d',
    ['AND', 'and or', 'not near', 'b', 'say b c d', 'd*'],
    ['NOT x', 'OR y'],
  ],
  ['東京都に行く。記憶', ['東京', '都', '行', '記憶 東京', '京都に行'], ['京東', '憶記', '東都', 'く記']],
  ['회의록은 서버에 있다', ['회의', '의록', '서버 회의', '록은'], ['의회', '은서', '회록']],
  ['เขากินข้าวแล้ว', ['กิน', 'ข้าว', 'กินข้าว', 'แล้ว กิน'], ['กัน', 'ขาว', 'ข้าวกิน']],
  ['ສະບາຍດີ ខ្ញុំស្រឡាញ់ မြန်မာနိုင်ငံ', ['ບາຍ', 'ស្រឡាញ់', 'နိုင်ငံ မာ'], ['ດີສ', 'ញ់ស្រ']],
  ['Node서버 v2 किताब', ['node서버', '서버', 'no', 'किताब', 'किता'], ['서버v', 'node서바', 'कतब']],
  [
    'ship it 🚀👍🏽 👩‍🚀 🇩🇪',
    ['🚀', '👍', '👍🏿', 'ship 👍', '👩‍🚀', '👩', '🇩🇪', '🚀\uFE0F'],
    ['🎉', '🇪🇩', '👎 ship'],
  ],
  ['version 2.0.1 of foo_bar', ['2', '0.1', 'foo', 'bar', 'foo_bar'], ['21']],
  ["don't DROP TABLE entry; --", ["don't", "'; DROP TABLE", 'drop t'], []],
]

/** Texts that would mean something to FTS5 or to SQL; here they are words, or no word at all. */
const HOSTILE = [
  '"',
  '""',
  "'",
  '*',
  'a*',
  '^a',
  'body : x',
  'room:1',
  '-x',
  '{a b}',
  'NEAR(a b, 3)',
  'a AND',
  'NOT',
]
const NOTHING = ['', ' ', '"', '*', '\0', '¦', '()', '\u0301', '\u200D\uFE0F']

export function searchSuite(kind: EngineKind): void {
  test('messages are found by words, and by phrases in scripts without spaces', async () => {
    await using running = await run(kind)
    const { engine } = running
    await publishAll(
      engine,
      'lobby',
      FOUND.map(([body]) => message(body)),
    )
    for (const [index, [, by, notBy]] of FOUND.entries()) {
      for (const text of by)
        expect([text, await find(engine, text)]).toEqual([text, expect.arrayContaining([index + 1])])
      for (const text of notBy)
        expect([text, await find(engine, text)]).toEqual([text, expect.not.arrayContaining([index + 1])])
    }
  })

  test('no query is an error', async () => {
    await using running = await run(kind)
    const { engine } = running
    await publishAll(
      engine,
      'lobby',
      HOSTILE.map(text => message(text)),
    )
    for (const text of HOSTILE) await expect(engine.search({ text, limit: 5 })).resolves.toBeDefined()
    for (const text of NOTHING) expect(await engine.search({ text, limit: 5 })).toEqual({ hits: [] })
    expect(await find(engine, 'NEAR(a b, 3)')).toEqual([11])
    expect(await find(engine, 'room:1')).toEqual([8])
  })

  test('only messages are found, in their current form', async () => {
    await using running = await run(kind)
    const { engine } = running
    await publishAll(engine, 'lobby', [message('old words'), topic('old topic'), message('older')])
    await publishAll(engine, 'lobby', [edit(1, 'new words'), reaction(1, '👍')])
    expect(await find(engine, 'old')).toEqual([3])
    expect(await find(engine, 'topic')).toEqual([])
    const { hits } = await engine.search({ text: 'new', limit: 5 })
    expect(hits).toMatchObject([
      { entry: { seq: 1, data: { body: 'old words' }, fold: { body: 'new words' } } },
    ])
    expect(hits[0]?.snippet).toEqual([
      ['new', true],
      [' words', false],
    ])
    await publishAll(engine, 'lobby', [edit(1, 'newest words'), edit(1, 'new'), edit(1, 'new')])
    expect(await find(engine, 'newest')).toEqual([])
    expect(await find(engine, 'new')).toEqual([1])
  })

  test('deleted messages are not found, even after later changes', async () => {
    await using running = await run(kind)
    const { engine } = running
    await publishAll(engine, 'lobby', [
      message('secret'),
      message('another secret'),
      edit(2, 'mended secret'),
    ])
    await publishAll(engine, 'lobby', [deletion(1), deletion(2), edit(1, 'secret'), deletion(1)])
    expect(await find(engine, 'secret')).toEqual([])
  })

  test('an edit may remove all words, and a later one add some', async () => {
    await using running = await run(kind)
    const { engine } = running
    await publishAll(engine, 'lobby', [message('word'), edit(1, '…')])
    expect(await find(engine, 'word')).toEqual([])
    await publishAll(engine, 'lobby', [edit(1, 'word')])
    expect(await find(engine, 'word')).toEqual([1])
  })

  test('results are newest first, in pages, from all rooms or some', async () => {
    await using running = await run(kind)
    const { engine } = running
    await engine.createRoom('den')
    await engine.createRoom('attic')
    for (const draft of messages(4))
      for (const room of ['lobby', 'den', 'attic']) await engine.publish(room, draft)
    const pages = async (query: Partial<SearchQuery>) => {
      const found: string[][] = []
      for (let before: number | undefined, first = true; first || before !== undefined; first = false) {
        const answer = await engine.search({ text: 'message', limit: 3, ...query, ...(before && { before }) })
        found.push(answer.hits.map(({ entry }) => `${entry.room} ${entry.seq}`))
        before = answer.next
      }
      return found
    }
    const rounds = numbers(4).toReversed()
    expect(await pages({})).toEqual(rounds.map(seq => [`attic ${seq}`, `den ${seq}`, `lobby ${seq}`]))
    expect(await pages({ rooms: ['den'] })).toEqual([['den 4', 'den 3', 'den 2'], ['den 1']])
    expect(await pages({ except: ['den', 'lobby', 'nowhere'], limit: 4 })).toEqual([
      ['attic 4', 'attic 3', 'attic 2', 'attic 1'],
    ])
    expect(await pages({ rooms: ['den', 'lobby', 'den', 'nowhere'], except: ['lobby'], limit: 9 })).toEqual([
      ['den 4', 'den 3', 'den 2', 'den 1'],
    ])
    expect(await pages({ rooms: [] })).toEqual([[]])
    expect(await pages({ rooms: ['nowhere'] })).toEqual([[]])
  })

  test('names of rooms and words of messages are independent', async () => {
    await using running = await run(kind)
    const { engine } = running
    await engine.createRoom('den')
    await publishAll(engine, 'den', [message('1 2 lobby')])
    expect(await find(engine, '1', { rooms: ['lobby'] })).toEqual([])
    expect(await find(engine, 'den')).toEqual([])
    expect(await find(engine, 'lobby', { rooms: ['den'] })).toEqual([1])
  })

  test('thousands of rooms are searched', async () => {
    await using running = await run(kind)
    const { engine } = running
    const rooms = numbers(3000).map(number => `room ${number}`)
    await Promise.all(rooms.map(room => engine.createRoom(room)))
    await engine.publish('room 2999', message('needle'))
    await engine.publish('lobby', message('needle'))
    expect(await find(engine, 'needle', { rooms })).toEqual([1])
    expect(await find(engine, 'needle', { except: rooms })).toEqual([1])
    expect(await find(engine, 'needle', { rooms, except: ['room 2999'] })).toEqual([])
  })

  test('a snippet of a long text is around the first hit', async () => {
    await using running = await run(kind)
    const { engine } = running
    const body = `${'lorem ipsum '.repeat(50)}<b>Needle</b> in ${'hay '.repeat(200)}`
    await engine.publish('lobby', message(body, ANN))
    const { snippet } = (await engine.search({ text: 'needle', limit: 1 })).hits[0]!
    const text = snippet.map(([piece]) => piece).join('')
    expect(snippet.filter(([, hit]) => hit)).toEqual([['Needle', true]])
    expect(text.length).toBeLessThan(200)
    expect(body).toContain(text.replaceAll('…', ''))
  })

  test('the event loop turns during a long search', async () => {
    await using running = await run(kind)
    const { engine } = running
    // Each ideograph is a word: the text that takes the longest.
    const text = han(1, 1).repeat(4000)
    await Promise.all(numbers(100).map(() => engine.publish('lobby', message(text))))
    await find(engine, 'warm')
    const counted = countTurns()
    await find(engine, `${han(1, 1)} ${han(2, 1)}`)
    expect(counted()).toBeGreaterThan(kind.name === 'sqlite' ? 0 : (100 * text.length) / SEARCH_SLICE / 2)
  })

  test('a search that has read enough text returns where to continue', async () => {
    await using running = await run(kind)
    const { engine } = running
    const text = 'hay '.repeat(1000).trim()
    await engine.publish('lobby', message('needle'))
    await Promise.all(numbers(600).map(() => engine.publish('lobby', message(text))))
    const pages: (readonly number[])[] = []
    let before: number | undefined
    do {
      const query = { text: 'needle', limit: 5, ...(before !== undefined && { before }) }
      const { hits, next } = await engine.search(query)
      pages.push(hits.map(({ entry }) => entry.seq))
      before = next
    } while (before !== undefined)
    expect(pages.flat()).toEqual([1])
    if (kind.name !== 'sqlite') expect(pages.length).toBeGreaterThan((600 * 4000) / SEARCH_CHARACTERS)
  })

  test('a search ends early when its client leaves', async () => {
    await using running = await run(kind)
    const { engine } = running
    await publishAll(engine, 'lobby', messages(50))
    const left = new AbortController()
    left.abort()
    const { hits, next } = await engine.search({ text: 'message', limit: 50, signal: left.signal })
    expect(hits.length).toBeLessThan(50)
    expect(next).toBeDefined()
    const later = await engine.search({ text: 'message', limit: 50, before: next! })
    expect([...hits, ...later.hits].map(({ entry }) => entry.seq)).toEqual(numbers(50).toReversed())
  })
}

/** `count` Chinese characters from a place on. */
function han(from: number, count: number): string {
  return String.fromCodePoint(...numbers(count).map(number => 0x4e00 + from + number))
}

/** Counts the turns of the event loop until the returned function is called. */
function countTurns(): () => number {
  let turns = 0
  let next = setImmediate(function turn() {
    turns++
    next = setImmediate(turn)
  })
  return () => {
    clearImmediate(next)
    return turns
  }
}
