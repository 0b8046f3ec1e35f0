// Who listens to what. Knows no socket: whatever can be sent to may subscribe.

import { checkCount, checkNames } from '@ws/connection'
import { CloseCode, type PreparedMessage, prepare, type SendOptions, type State } from '@ws/protocol'
import { Backlog, type SlowPolicy } from './backlog.ts'

/** What may subscribe. */
export interface Subscriber {
  /** Only who is open is given anything. */
  readonly state: State
  /** Sends; false above the high-water mark. Does not throw, whatever has become of the connection. */
  send(message: PreparedMessage): boolean
  /** Above the high-water mark. When it no longer is, `Topics.drained` is to be called. */
  readonly isSlow: boolean
  /** Called for a subscriber that reads too slowly, after it has been removed. */
  close(code: number, reason: string): void
}

/** ResolvedPublishOptions for one message. */
export interface PublishOptions<S> extends SendOptions {
  /** Who does not get it: mostly the one from whom it came. */
  readonly except?: S
  /** For subscribers above their high-water mark; `'queue'`. */
  readonly slow?: SlowPolicy
  /** What it is the `'latest'` of, within its topic; the topic itself. */
  readonly key?: string
  /** How many messages to `'drop-oldest'` of wait, for each subscriber and topic; 16. */
  readonly keep?: number
}

/** The limits of each subscriber, `Infinity` for none. */
export interface TopicsOptions {
  /** Topics that it may subscribe to. */
  readonly maxTopics: number
  /**
   * Size of its backlog above which it is closed; 16 MiB. A message counts 256 and its bytes (a text
   * its UTF-16 units), although all subscribers share it.
   */
  readonly maxBacklog?: number
}

/** The subscribers of one topic, at least one. */
interface Topic<S> {
  readonly subscribers: Set<S>
  /** The message that is being handed to them. There are more only if a `send` publishes, and the older are then done. */
  delivery: Delivery<S> | undefined
}

/** A message on its way to those who were subscribed when it was published. */
interface Delivery<S> extends Required<Omit<PublishOptions<S>, 'except' | 'compress'>> {
  readonly topic: string
  readonly message: PreparedMessage
  readonly except: S | undefined
  /** Who listens now: in a `send` anybody may leave, and come anew. */
  readonly listening: ReadonlySet<S>
  /** Who listened when it was published, and the next of them. */
  readonly subscribers: readonly S[]
  at: number
  /** How many have got it, or will. */
  count: number
}

const NO_OPTIONS: PublishOptions<never> = {}
const NO_TOPICS: ReadonlySet<string> = new Set()

/**
 * Topics and their subscribers. A topic exists while somebody listens to it. Each subscriber gets the messages of a topic in the
 * order in which they were published: while one of them waits for it here, later ones wait behind, whatever their policy.
 */
export class Topics<S extends Subscriber> {
  readonly #maxTopics: number
  readonly #maxBacklog: number
  readonly #topics = new Map<string, Topic<S>>()
  /** The topics of each subscriber that has some. */
  readonly #subscriptions = new Map<S, Set<string>>()
  /** What waits for each subscriber for which something does. */
  readonly #backlogs = new Map<S, Backlog>()
  #dropped = 0

  constructor({ maxTopics, maxBacklog = 16 * 1024 * 1024 }: TopicsOptions) {
    this.#maxTopics = maxTopics
    this.#maxBacklog = maxBacklog
  }

  /** Topics that somebody listens to. */
  get size(): number {
    return this.#topics.size
  }

  /**
   * How many messages were given up for a slow subscriber, by `'drop-oldest'` and `'latest'`, each counted once for each
   * subscriber. What waited for one that was closed, left or unsubscribed is not among them.
   */
  get dropped(): number {
    return this.#dropped
  }

  /** How many listen to this topic. */
  subscribers(topic: string): number {
    return this.#topics.get(topic)?.subscribers.size ?? 0
  }

  /** What it listens to, as of now: copy it to keep it. */
  topicsOf(subscriber: S): ReadonlySet<string> {
    return this.#subscriptions.get(subscriber) ?? NO_TOPICS
  }

  // ── who listens ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Gives it the messages that will be published to this topic. False if it had them before. Throws a `RangeError` if it
   * listens to `maxTopics` already.
   */
  subscribe(subscriber: S, topic: string): boolean {
    checkTopic(topic)
    const topics = this.#subscriptions.get(subscriber)
    if (topics === undefined) this.#subscriptions.set(subscriber, new Set([topic]))
    else if (topics.has(topic)) return false
    else if (topics.size >= this.#maxTopics) {
      throw new RangeError(`a subscriber may listen to at most ${this.#maxTopics} topics (maxTopics)`)
    } else topics.add(topic)
    const { subscribers } = this.#topics.get(topic) ?? this.#createTopic(topic)
    subscribers.add(subscriber)
    return true
  }

  /** Gives it no more messages of this topic, not even those that wait for it. False if it did not listen to it. */
  unsubscribe(subscriber: S, topic: string): boolean {
    checkTopic(topic)
    const topics = this.#subscriptions.get(subscriber)
    if (!topics?.delete(topic)) return false
    if (topics.size === 0) this.#subscriptions.delete(subscriber)
    this.#remove(subscriber, topic)
    const backlog = this.#backlogs.get(subscriber)
    backlog?.forget(topic)
    if (backlog?.isEmpty) this.#backlogs.delete(subscriber)
    return true
  }

  /** It has gone: everything of it is forgotten, what waits for it too. Call it for everyone who goes. */
  leave(subscriber: S): void {
    for (const topic of this.topicsOf(subscriber)) this.#remove(subscriber, topic)
    this.#subscriptions.delete(subscriber)
    this.#backlogs.delete(subscriber)
  }

  #createTopic(name: string): Topic<S> {
    const topic: Topic<S> = { subscribers: new Set(), delivery: undefined }
    this.#topics.set(name, topic)
    return topic
  }

  #remove(subscriber: S, topic: string): void {
    const { subscribers } = this.#topics.get(topic)!
    subscribers.delete(subscriber)
    if (subscribers.size === 0) this.#topics.delete(topic)
  }

  // ── what they get ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Sends a message, encoded once, to all who listen to this topic. Returns to how many it was sent, or for how many it is
   * kept. Bytes must stay as they are until all have them. Throws a `TypeError` or a `RangeError` for wrong options, a
   * `TypeError` for data that is no message.
   */
  publish(
    topic: string,
    data: string | Uint8Array | PreparedMessage,
    options: PublishOptions<S> = NO_OPTIONS,
  ): number {
    checkTopic(topic)
    const resolved = options === NO_OPTIONS ? DEFAULT_PUBLISH_OPTIONS : resolvePublishOptions(options)
    const { compress } = options
    const message = compress === undefined ? prepare(data) : prepare(data, { compress })
    // Published from within a `send` of the same topic: whoever has not got the older message yet gets it first.
    const current = this.#topics.get(topic)?.delivery
    if (current !== undefined) this.#deliver(current)
    const found = this.#topics.get(topic)
    if (found === undefined) return 0
    const { except } = options
    const { slow, key = topic, keep } = resolved
    const listening = found.subscribers
    const subscribers = [...listening]
    const delivery = { topic, message, except, slow, key, keep, listening, subscribers, at: 0, count: 0 }
    found.delivery = delivery
    try {
      this.#deliver(delivery)
    } finally {
      found.delivery = undefined
    }
    return delivery.count
  }

  /** It reads again: sends what waits for it, the oldest first, until it is slow again. */
  drained(subscriber: S): void {
    while (!subscriber.isSlow) {
      // Looked up again each time: it may have left in a `send`.
      const backlog = this.#backlogs.get(subscriber)
      if (backlog === undefined) return
      const message = backlog.takeFirst()
      if (backlog.isEmpty) this.#backlogs.delete(subscriber)
      subscriber.send(message)
    }
  }

  /** Begins with a delivery, or goes on with it. */
  #deliver(delivery: Delivery<S>): void {
    const { except, listening, subscribers } = delivery
    while (delivery.at < subscribers.length) {
      const subscriber = subscribers[delivery.at++]!
      if (subscriber === except || subscriber.state !== 'open' || !listening.has(subscriber)) continue
      if (this.#give(subscriber, delivery)) delivery.count++
    }
  }

  /** Sends it to one of them or keeps it for that one. False if the subscriber ended instead. */
  #give(subscriber: S, delivery: Delivery<S>): boolean {
    const { slow, topic } = delivery
    if (slow === 'close' && subscriber.isSlow) {
      this.#close(subscriber)
      return false
    }
    const mayWait = slow === 'drop-oldest' || slow === 'latest'
    const mustWait = this.#backlogs.get(subscriber)?.has(topic) ?? false
    if (mustWait || (mayWait && subscriber.isSlow)) return this.#keep(subscriber, delivery)
    subscriber.send(delivery.message)
    // More than may wait for it, and it has been torn down.
    return subscriber.state === 'open'
  }

  #keep(subscriber: S, delivery: Delivery<S>): boolean {
    let backlog = this.#backlogs.get(subscriber)
    if (backlog === undefined) {
      backlog = new Backlog()
      this.#backlogs.set(subscriber, backlog)
    }
    this.#dropped += backlog.add(delivery)
    if (backlog.size <= this.#maxBacklog) return true
    this.#close(subscriber)
    return false
  }

  #close(subscriber: S): void {
    this.leave(subscriber)
    subscriber.close(CloseCode.policyViolation, 'reads too slowly')
  }
}

// ── what may be asked for ───────────────────────────────────────────────────────────────────────────────────────────────────

/** The options that are the same for all subscribers, with what has a default for every topic filled in. */
interface ResolvedPublishOptions {
  readonly slow: SlowPolicy
  readonly key: string | undefined
  readonly keep: number
}

const DEFAULT_PUBLISH_OPTIONS: ResolvedPublishOptions = { slow: 'queue', key: undefined, keep: 16 }
const POLICIES: readonly SlowPolicy[] = ['queue', 'drop-oldest', 'latest', 'close']

function resolvePublishOptions(options: PublishOptions<unknown>): ResolvedPublishOptions {
  checkNames(options, ['except', 'slow', 'key', 'keep', 'compress'])
  const { slow = DEFAULT_PUBLISH_OPTIONS.slow, key, compress } = options
  if (!POLICIES.includes(slow)) {
    throw new TypeError(`slow must be 'queue', 'drop-oldest', 'latest' or 'close', not ${nameOf(slow)}`)
  }
  if (key !== undefined && typeof key !== 'string')
    throw new TypeError(`key must be a string, not ${nameOf(key)}`)
  if (compress !== undefined && typeof compress !== 'boolean')
    throw new TypeError(`compress must be true or false, not ${nameOf(compress)}`)
  const keep = options.keep === undefined ? DEFAULT_PUBLISH_OPTIONS.keep : checkCount('keep', options.keep)
  return { slow, key, keep }
}

function checkTopic(topic: unknown): void {
  if (typeof topic !== 'string') throw new TypeError(`a topic must be a string, not ${nameOf(topic)}`)
}

/** A wrong value as an error calls it. */
function nameOf(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  return value === null ? 'null' : typeof value
}
