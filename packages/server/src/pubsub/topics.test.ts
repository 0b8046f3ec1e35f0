import { decodeFrames } from '@ws/frame'
import { type PreparedMessage, Protocol, prepare, type State } from '@ws/protocol'
import { concat, randomFrom } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import type { Publication, SlowPolicy } from './backlog.ts'
import type { SocketPublishOptions } from './publish-options.ts'
import { type Subscriber, Topics } from './topics.ts'

/** A subscriber that records its messages. It is slow once it has received `room` messages. */
class Reader implements Subscriber {
  room: number
  state: State = 'open'
  closes = 0
  sends = 0
  onSend: (() => void) | undefined
  readonly chunks: Uint8Array[] = []
  readonly #protocol = new Protocol('server', { message: () => undefined, close: () => undefined })

  constructor(room = Number.POSITIVE_INFINITY) {
    this.room = room
  }

  requestRoom(): boolean {
    return this.room > 0
  }

  get received(): string[] {
    const { frames } = decodeFrames('client', concat(...this.chunks))
    return frames.map(({ payload }) => Buffer.from(payload).toString())
  }

  send(message: PreparedMessage): boolean {
    this.sends++
    this.room--
    this.#protocol.send(message)
    this.chunks.push(...this.#protocol.takeOutput())
    this.onSend?.()
    return this.requestRoom()
  }

  close(): void {
    this.closes++
  }
}

function subscribed(...rooms: number[]): { topics: Topics<Reader>; readers: Reader[] } {
  const topics = new Topics<Reader>({ maxTopics: 256 })
  const readers = rooms.map(room => new Reader(room))
  for (const reader of readers) topics.subscribe(reader, 't')
  return { topics, readers }
}

/** Gives a reader room for more messages, and reports it as drained. */
function drain(topics: Topics<Reader>, reader: Reader, room = Number.POSITIVE_INFINITY): string[] {
  reader.room = room
  topics.drained(reader)
  return reader.received
}

const ALL = Number.POSITIVE_INFINITY

describe('Topics.subscribe and Topics.unsubscribe', () => {
  test('return whether the subscription changed', () => {
    const topics = new Topics<Reader>({ maxTopics: 256 })
    const reader = new Reader()
    expect(topics.topicsOf(reader)).toEqual(new Set())
    expect(topics.subscribe(reader, 'a')).toBe(true)
    expect(topics.subscribe(reader, 'a')).toBe(false)
    expect(topics.subscribe(reader, 'b')).toBe(true)
    expect(topics.topicsOf(reader)).toEqual(new Set(['a', 'b']))
    expect([topics.size, topics.subscribers('a').size, topics.subscribers('c').size]).toEqual([2, 1, 0])
    expect(topics.unsubscribe(reader, 'a')).toBe(true)
    expect(topics.unsubscribe(reader, 'a')).toBe(false)
    expect(topics.unsubscribe(new Reader(), 'b')).toBe(false)
    expect(topics.topicsOf(reader)).toEqual(new Set(['b']))
  })

  test('remove a topic without subscribers', () => {
    const { topics, readers } = subscribed(ALL, ALL)
    const [one, two] = readers
    topics.subscribe(one!, 'u')
    topics.leave(one!)
    expect([topics.size, topics.subscribers('t').size]).toEqual([1, 1])
    expect(topics.topicsOf(one!)).toEqual(new Set())
    topics.unsubscribe(two!, 't')
    expect(topics.size).toBe(0)
    topics.leave(one!)
    expect(topics.size).toBe(0)
  })

  test('R10: limit the topics of one subscriber to maxTopics', () => {
    const topics = new Topics<Reader>({ maxTopics: 50 })
    const reader = new Reader()
    let refused = 0
    for (let i = 0; i < 65_536; i++) {
      try {
        topics.subscribe(reader, `room ${i}`)
      } catch (error) {
        expect(error).toEqual(new RangeError('a subscriber may listen to at most 50 topics (maxTopics)'))
        refused++
      }
    }
    expect([refused, topics.size, topics.topicsOf(reader).size]).toEqual([65_486, 50, 50])
    // An existing subscription does not count again, and others have limits of their own.
    expect(topics.subscribe(reader, 'room 0')).toBe(false)
    expect(topics.subscribe(new Reader(), 'room 60000')).toBe(true)
    topics.unsubscribe(reader, 'room 0')
    expect(topics.subscribe(reader, 'room 60000')).toBe(true)
  })
})

describe('Topics.publish', () => {
  test('sends to all subscribers of the topic and to no others', () => {
    const { topics, readers } = subscribed(ALL, ALL, ALL)
    const outsider = new Reader()
    topics.subscribe(outsider, 'u')
    expect(topics.publish('t', 'to all')).toBe(3)
    expect(topics.publish('t', 'to two', undefined, readers[0]!)).toBe(2)
    expect(topics.publish('t', 'to three', {}, outsider)).toBe(3)
    expect(topics.publish('unknown', 'to none')).toBe(0)
    expect(readers[0]!.received).toEqual(['to all', 'to three'])
    expect(readers[1]!.received).toEqual(['to all', 'to two', 'to three'])
    expect(outsider.received).toEqual([])
  })

  test('encodes a message once and sends the same buffer to all subscribers', () => {
    const { topics, readers } = subscribed(ALL, ALL, ALL)
    const message = prepare('prepared')
    topics.publish('t', 'text')
    topics.publish('t', Uint8Array.of(0x62))
    topics.publish('t', message)
    topics.publish('t', message)
    for (const { received, chunks } of readers) {
      expect(received).toEqual(['text', 'b', 'prepared', 'prepared'])
      for (const [i, chunk] of chunks.entries()) expect(chunk).toBe(readers[0]!.chunks[i])
      expect(chunks[3]).toBe(chunks[2])
    }
  })

  test('handles subscribers that join and leave during a send', () => {
    const { topics, readers } = subscribed(ALL, ALL, ALL, ALL)
    const [one, two, three, four] = readers
    const late = new Reader()
    one!.onSend = () => {
      topics.leave(two!)
      topics.unsubscribe(three!, 't')
      topics.subscribe(late, 't')
      // Subscribing again must not repeat the message or loop.
      topics.unsubscribe(one!, 't')
      topics.subscribe(one!, 't')
    }
    expect(topics.publish('t', 'x')).toBe(2)
    expect(readers.map(({ sends }) => sends)).toEqual([1, 0, 0, 1])
    expect(late.sends).toBe(0)
    one!.onSend = undefined
    expect(topics.publish('t', 'y')).toBe(3)
    expect([four!.received, late.received]).toEqual([['x', 'y'], ['y']])
  })

  test('skips subscribers that are closing, and does not count one that closes in its send', () => {
    const { topics, readers } = subscribed(ALL, 0, ALL, ALL)
    const [closing, slow, ending, last] = readers as [Reader, Reader, Reader, Reader]
    closing.state = 'closing'
    slow.state = 'closing'
    ending.onSend = () => {
      ending.state = 'closed'
    }
    expect(topics.publish('t', 'a')).toBe(1)
    expect(topics.publish('t', 'b', { slow: 'latest' })).toBe(1)
    expect(topics.publish('t', 'c', { slow: 'close' })).toBe(1)
    expect([closing.received, slow.received, ending.received, last.received]).toEqual([
      [],
      [],
      ['a'],
      ['a', 'b', 'c'],
    ])
    expect([topics.dropped, slow.closes]).toEqual([0, 0])
  })

  test('does not reach subscribers that joined after it, even if the topic was empty in between', () => {
    const { topics, readers } = subscribed(ALL, ALL)
    const [one, two] = readers
    one!.onSend = () => {
      one!.onSend = undefined
      for (const reader of readers) topics.leave(reader)
      topics.subscribe(two!, 't')
      expect(topics.publish('t', 'second')).toBe(1)
    }
    expect(topics.publish('t', 'first')).toBe(1)
    expect([one!.received, two!.received]).toEqual([['first'], ['second']])
  })

  test('delivers a message published during a send after the first one, to every subscriber', () => {
    const { topics, readers } = subscribed(ALL, ALL, ALL)
    const counts: number[] = []
    for (const [i, reader] of readers.entries()) {
      reader.onSend = () => {
        reader.onSend = undefined
        counts.push(topics.publish('t', `of ${i}`))
      }
    }
    expect(topics.publish('t', 'first')).toBe(3)
    expect(counts).toEqual([3, 3, 3])
    for (const { received } of readers) {
      expect(received[0]).toBe('first')
      expect(received).toEqual(readers[0]!.received)
    }
  })

  test('returns 0 during a send that empties the topic', () => {
    const { topics, readers } = subscribed(ALL)
    readers[0]!.onSend = () => {
      topics.leave(readers[0]!)
      expect(topics.publish('t', 'second')).toBe(0)
    }
    expect(topics.publish('t', 'first')).toBe(1)
    expect(topics.size).toBe(0)
  })

  test('works again after a send that threw', () => {
    const { topics, readers } = subscribed(ALL, ALL)
    readers[0]!.onSend = () => {
      throw new Error('broken')
    }
    expect(() => topics.publish('t', 'one')).toThrow('broken')
    readers[0]!.onSend = undefined
    expect(topics.publish('t', 'two')).toBe(2)
    expect(readers[1]!.received).toEqual(['two'])
  })
})

describe('Topics.publish to a slow subscriber', () => {
  test("'queue' sends nevertheless", () => {
    const { topics, readers } = subscribed(0)
    expect(topics.publish('t', 'a')).toBe(1)
    expect(topics.publish('t', 'b', { slow: 'queue' })).toBe(1)
    expect(readers[0]!.received).toEqual(['a', 'b'])
    expect(topics.dropped).toBe(0)
  })

  test("'close' closes it once and ends its subscriptions", () => {
    const { topics, readers } = subscribed(0, 1)
    const [slow, quick] = readers
    topics.subscribe(slow!, 'u')
    topics.publish('u', 'kept', { slow: 'latest' })
    expect(topics.publish('t', 'a', { slow: 'close' })).toBe(1)
    expect([slow!.closes, slow!.received, topics.topicsOf(slow!).size, topics.size]).toEqual([1, [], 0, 1])
    expect(topics.publish('t', 'b', { slow: 'close' })).toBe(0)
    expect([slow!.closes, quick!.closes, quick!.received, topics.size]).toEqual([1, 1, ['a'], 0])
    expect(drain(topics, slow!)).toEqual([])
    expect(topics.dropped).toBe(0)
  })

  test("'drop-oldest' keeps the newest 16 messages, or as many as `keep` says", () => {
    const { topics, readers } = subscribed(1)
    for (let i = 0; i < 20; i++) expect(topics.publish('t', `${i}`, { slow: 'drop-oldest' })).toBe(1)
    expect(topics.dropped).toBe(3)
    topics.publish('t', '20', { slow: 'drop-oldest', keep: 3 })
    expect(topics.dropped).toBe(17)
    expect(drain(topics, readers[0]!)).toEqual(['0', '18', '19', '20'])
  })

  test("'latest' keeps the newest message of each key, which is the topic by default", () => {
    const { topics, readers } = subscribed(0)
    for (let i = 0; i < 3; i++) {
      topics.publish('t', `x${i}`, { slow: 'latest', key: 'x' })
      topics.publish('t', `y${i}`, { slow: 'latest', key: 'y' })
      topics.publish('t', `t${i}`, { slow: 'latest' })
    }
    topics.publish('t', 't3', { slow: 'latest', key: 't' })
    expect(topics.dropped).toBe(7)
    expect(drain(topics, readers[0]!)).toEqual(['x2', 'y2', 't3'])
  })

  test('does not let a newer message overtake an older one', () => {
    const { topics, readers } = subscribed(0)
    topics.publish('t', 'old', { slow: 'latest' })
    topics.publish('t', 'queued')
    topics.publish('t', 'new', { slow: 'latest' })
    expect(drain(topics, readers[0]!)).toEqual(['queued', 'new'])
  })

  test('keeps later messages of a topic behind its backlog, and sends those of other topics', () => {
    const { topics, readers } = subscribed(0)
    const [reader] = readers
    topics.subscribe(reader!, 'u')
    topics.publish('t', '1', { slow: 'latest' })
    topics.publish('t', '2')
    topics.publish('u', 'other')
    reader!.room = 5
    topics.publish('t', '3')
    topics.publish('t', '4', { slow: 'close' })
    topics.publish('t', '5', { slow: 'drop-oldest', keep: 1 })
    expect(reader!.received).toEqual(['other'])
    expect(drain(topics, reader!, 2)).toEqual(['other', '1', '2'])
    topics.publish('t', '6')
    topics.publish('t', '7', { slow: 'drop-oldest', keep: 1 })
    expect(topics.dropped).toBe(1)
    expect(drain(topics, reader!)).toEqual(['other', '1', '2', '3', '4', '6', '7'])
    topics.publish('t', '8')
    expect(reader!.received.at(-1)).toBe('8')
  })

  test('sends the backlog of several topics in the order of publishing, until it is slow again', () => {
    const { topics, readers } = subscribed(0)
    topics.subscribe(readers[0]!, 'u')
    for (let i = 0; i < 3; i++) {
      topics.publish('t', `t${i}`, { slow: 'drop-oldest' })
      topics.publish('u', `u${i}`, { slow: 'drop-oldest' })
    }
    topics.drained(readers[0]!)
    expect(readers[0]!.received).toEqual([])
    expect(drain(topics, readers[0]!, 3)).toEqual(['t0', 'u0', 't1'])
    expect(drain(topics, readers[0]!)).toEqual(['t0', 'u0', 't1', 'u1', 't2', 'u2'])
  })

  test('drops the backlog of a topic when the subscription ends', () => {
    const { topics, readers } = subscribed(0)
    const [reader] = readers
    topics.subscribe(reader!, 'u')
    for (const topic of ['t', 'u', 't', 'u']) {
      topics.publish(topic, `${topic} 1`, { slow: 'drop-oldest' })
      topics.publish(topic, `${topic} 2`, { slow: 'latest' })
    }
    const { dropped } = topics
    topics.unsubscribe(reader!, 't')
    topics.subscribe(reader!, 't')
    topics.subscribe(reader!, 'v')
    topics.unsubscribe(reader!, 'v')
    topics.publish('t', 'again')
    expect(drain(topics, reader!)).toEqual(['again', 'u 1', 'u 1', 'u 2'])
    expect(topics.dropped).toBe(dropped)
    reader!.room = 0
    topics.publish('t', 'never', { slow: 'latest' })
    topics.unsubscribe(reader!, 't')
    topics.unsubscribe(reader!, 'u')
    expect(drain(topics, reader!)).toHaveLength(4)
  })

  test('stops sending the backlog to a subscriber that leaves during a send', () => {
    const { topics, readers } = subscribed(0)
    const [reader] = readers
    for (let i = 0; i < 3; i++) topics.publish('t', `${i}`, { slow: 'drop-oldest' })
    reader!.onSend = () => topics.leave(reader!)
    expect(drain(topics, reader!)).toEqual(['0'])
  })

  test('sends a message that is published during a send of the backlog after the backlog', () => {
    const { topics, readers } = subscribed(0)
    const [reader] = readers
    for (let i = 0; i < 3; i++) topics.publish('t', `${i}`, { slow: 'drop-oldest' })
    reader!.onSend = () => {
      reader!.onSend = undefined
      topics.publish('t', 'last')
      topics.drained(reader!)
    }
    expect(drain(topics, reader!)).toEqual(['0', '1', '2', 'last'])
  })

  test('closes a subscriber whose backlog exceeds maxBacklog, under every policy', () => {
    for (const slow of ['queue', 'latest', 'drop-oldest'] as const) {
      const topics = new Topics<Reader>({ maxTopics: 256, maxBacklog: 10 * (256 + 10) })
      const reader = new Reader(0)
      const other = new Reader(0)
      topics.subscribe(reader, 't')
      topics.publish('t', '0123456789', { slow: 'latest' })
      const publish = (key: string) => topics.publish('t', '0123456789', optionsOf({ slow, key, keep: 1000 }))
      for (let i = 1; i < 10; i++) expect(publish(`${i}`)).toBe(1)
      topics.subscribe(other, 't')
      expect(publish('one too many')).toBe(1)
      expect([reader.closes, reader.received, topics.topicsOf(reader).size, topics.dropped]).toEqual([
        1,
        [],
        0,
        0,
      ])
      expect(other.closes).toBe(0)
      expect(drain(topics, reader)).toEqual([])
    }
  })

  test('keeps one of a million messages per policy, and drops the others', () => {
    const { topics, readers } = subscribed(0)
    for (let i = 0; i < 500_000; i++) {
      topics.publish('t', `${i}`, { slow: 'latest' })
      topics.publish('t', `${i}`, { slow: 'drop-oldest', keep: 1 })
    }
    expect(topics.dropped).toBe(2 * 499_999)
    expect(drain(topics, readers[0]!)).toEqual(['499999', '499999'])
  })
})

describe('Topics with random events', () => {
  const POLICIES: readonly SlowPolicy[] = ['queue', 'drop-oldest', 'latest', 'close']
  const TOPICS = ['t', 'u', 'v']

  interface Sent {
    readonly topic: string
    readonly text: string
    readonly slow: SlowPolicy
    readonly key: string
    readonly keep: number
  }

  class Model {
    waiting: Sent[] = []
    received: string[] = []
    dropped = 0
    closed = false

    /** Returns whether the message was sent or kept. */
    publish(sent: Sent, reader: Reader): boolean {
      const { topic, slow, key, keep } = sent
      if (slow === 'close' && !reader.requestRoom()) {
        this.closed = true
        this.waiting = []
        return false
      }
      const mustWait = this.waiting.some(other => other.topic === topic)
      if (!mustWait && (slow === 'queue' || slow === 'close' || reader.requestRoom())) {
        this.received.push(sent.text)
        return true
      }
      const before = this.waiting.length
      const same = this.waiting.filter(other => other.topic === topic && other.slow === slow)
      const replaced = new Set(
        slow === 'latest'
          ? same.filter(other => other.key === key)
          : slow === 'drop-oldest'
            ? same.slice(0, Math.max(0, same.length + 1 - keep))
            : [],
      )
      this.waiting = this.waiting.filter(other => !replaced.has(other))
      this.dropped += before - this.waiting.length
      this.waiting.push(sent)
      return true
    }

    drained(room: number): void {
      this.received.push(...this.waiting.splice(0, room).map(({ text }) => text))
    }
  }

  test.each(Array.from({ length: 60 }, (_, seed) => seed))('agrees with the model (seed %s)', seed => {
    const random = randomFrom(seed)
    const below = (limit: number) => Math.floor(random() * limit)
    const topics = new Topics<Reader>({ maxTopics: 256 })
    const readers = Array.from({ length: 4 }, () => new Reader(below(4)))
    const models = readers.map(() => new Model())
    // Half of the seeds never close subscribers, so that these live long. A quarter use one policy.
    const policies = POLICIES.slice(
      seed % 4 === 3 ? seed % 3 : 0,
      seed % 4 === 3 ? (seed % 3) + 1 : 3 + (seed % 2),
    )
    for (let step = 0; step < 400; step++) {
      const which = below(readers.length)
      const [reader, model] = [readers[which]!, models[which]!]
      const topic = TOPICS[below(TOPICS.length)]!
      const event = random()
      if (event < 0.1) {
        if (!model.closed) topics.subscribe(reader, topic)
      } else if (event < 0.13) {
        topics.unsubscribe(reader, topic)
        model.waiting = model.waiting.filter(sent => sent.topic !== topic)
      } else if (event < 0.14) {
        topics.leave(reader)
        model.waiting = []
      } else if (event < 0.25) {
        const room = below(6)
        model.drained(room)
        drain(topics, reader, room)
      } else {
        const slow = policies[below(policies.length)]!
        const sent = { topic, text: `${topic} ${step}`, slow, key: `${below(3)}`, keep: 1 + below(4) }
        const except = random() < 0.2 ? reader : undefined
        let count = 0
        for (const [i, listener] of readers.entries()) {
          if (listener === except || !topics.topicsOf(listener).has(topic)) continue
          if (models[i]!.publish(sent, listener)) count++
        }
        expect(topics.publish(topic, sent.text, optionsOf(sent), except)).toBe(count)
      }
    }
    for (const [i, reader] of readers.entries()) {
      models[i]!.drained(ALL)
      expect(drain(topics, reader)).toEqual(models[i]!.received)
      expect(reader.closes).toBe(models[i]!.closed ? 1 : 0)
      for (const topic of TOPICS) expectRising(reader.received.filter(text => text.startsWith(topic)))
      topics.leave(reader)
    }
    expect(topics.dropped).toBe(models.reduce((sum, { dropped }) => sum + dropped, 0))
    expect(topics.size).toBe(0)
  })

  test.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'delivers the messages that each policy guarantees (seed %s)',
    seed => {
      const random = randomFrom(1000 + seed)
      const below = (limit: number) => Math.floor(random() * limit)
      const topics = new Topics<Reader>({ maxTopics: 256 })
      const readers = Array.from({ length: 5 }, () => new Reader(below(3)))
      for (const reader of readers) for (const topic of TOPICS) topics.subscribe(reader, topic)
      const published: Sent[] = []
      let counted = 0
      for (let step = 0; step < 600; step++) {
        const reader = readers[below(readers.length)]!
        if (random() < 0.15) drain(topics, reader, below(8))
        else {
          const sent = {
            topic: TOPICS[below(TOPICS.length)]!,
            text: '',
            slow: POLICIES[below(3)]!,
            key: `${below(3)}`,
            keep: 5,
          }
          published.push({ ...sent, text: `${sent.topic} ${sent.slow} ${sent.key} ${step}` })
          const { topic, text, slow, key, keep } = published.at(-1)!
          counted += topics.publish(topic, text, optionsOf({ slow, key, keep }))
        }
      }
      for (const reader of readers) {
        const received = new Set(drain(topics, reader))
        expect(reader.received).toHaveLength(received.size)
        for (const topic of TOPICS) {
          const ofTopic = published.filter(sent => sent.topic === topic)
          expectRising([...received].filter(text => text.startsWith(topic)))
          const texts = (slow: SlowPolicy, key?: string) =>
            ofTopic
              .filter(sent => sent.slow === slow && (key === undefined || sent.key === key))
              .map(({ text }) => text)
          expect(texts('queue').filter(text => !received.has(text))).toEqual([])
          expect(
            texts('drop-oldest')
              .slice(-5)
              .filter(text => !received.has(text)),
          ).toEqual([])
          for (const key of ['0', '1', '2']) expect(received).toContain(texts('latest', key).at(-1))
        }
      }
      expect(counted).toBe(published.length * readers.length)
      expect(readers.reduce((sum, { sends }) => sum + sends, 0) + topics.dropped).toBe(counted)
    },
  )

  function expectRising(texts: readonly string[]): void {
    const numbers = texts.map(text => Number(text.split(' ').at(-1)))
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  }
})

describe('Topics without subscribers', () => {
  const topics = new Topics<Reader>({ maxTopics: 256 })
  const reader = new Reader()

  test.each([
    [{ slow: 'drop' }, new TypeError("slow must be 'queue', 'drop-oldest', 'latest' or 'close', not 'drop'")],
    [{ slow: null }, new TypeError("slow must be 'queue', 'drop-oldest', 'latest' or 'close', not null")],
    [{ key: 1 }, new TypeError('key must be a string, not number')],
    [{ key: 'x' }, new TypeError("key is for slow: 'latest', not for 'queue'")],
    [{ slow: 'drop-oldest', key: 'x' }, new TypeError("key is for slow: 'latest', not for 'drop-oldest'")],
    [{ keep: 1 }, new TypeError("keep is for slow: 'drop-oldest', not for 'queue'")],
    [{ slow: 'latest', keep: 1 }, new TypeError("keep is for slow: 'drop-oldest', not for 'latest'")],
    [{ local: 1 }, new TypeError('local must be true or false, not number')],
    [{ compress: 'no' }, new TypeError("compress must be true or false, not 'no'")],
    [{ slow: 'drop-oldest', keep: '1' }, new TypeError('keep must be a number, not string')],
    [
      { slow: 'drop-oldest', keep: 0 },
      new RangeError('keep must be a whole number above 0, or Infinity, not 0'),
    ],
    [
      { slow: 'drop-oldest', keep: 1.5 },
      new RangeError('keep must be a whole number above 0, or Infinity, not 1.5'),
    ],
    [
      { slow: 'drop-oldest', keep: Number.NaN },
      new RangeError('keep must be a whole number above 0, or Infinity, not NaN'),
    ],
    [
      { except: reader },
      new TypeError('unknown option "except" (expected one of slow, key, keep, compress, type, local)'),
    ],
    [null, new TypeError('the options must be an object')],
    ['close', new TypeError('the options must be an object')],
  ])('throws for the options %j', (options, error) => {
    expect(() => topics.publish('t', 'x', options as SocketPublishOptions)).toThrow(error)
  })

  test('throws for data that cannot be sent', () => {
    const error = 'message must be a string, an ArrayBuffer, a view of one or a prepared message, not number'
    expect(() => topics.publish('t', 7 as unknown as string)).toThrow(new TypeError(error))
  })

  test('throws for a topic that is not a string', () => {
    const error = new TypeError('a topic must be a string, not number')
    const topic = 7 as unknown as string
    expect(() => topics.publish(topic, 'x')).toThrow(error)
    expect(() => topics.subscribe(reader, topic)).toThrow(error)
    expect(() => topics.unsubscribe(reader, topic)).toThrow(error)
  })
})

/** The options of a message: `key` and `keep` go with one policy each. */
function optionsOf({ slow, key, keep }: Pick<Publication, 'slow' | 'key' | 'keep'>): SocketPublishOptions {
  if (slow === 'latest') return { slow, key }
  return slow === 'drop-oldest' ? { slow, keep } : { slow }
}
