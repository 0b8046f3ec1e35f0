// Topics and their subscribers, which may be anything that messages can be sent to.

import { CloseCode, type PreparedMessage, prepare, type Sendable, type State } from '@ws/protocol'
import { Backlog, type Publication } from './backlog.ts'
import {
  DEFAULT_PUBLISH_OPTIONS,
  nameOf,
  resolvePublishOptions,
  type SocketPublishOptions,
} from './publish-options.ts'

/** A subscriber of topics. */
export interface Subscriber {
  /** Only open subscribers get messages. */
  readonly state: State
  /** Returns false above the high-water mark. Must not throw. */
  send(message: PreparedMessage): boolean
  /** Whether it is below its high-water mark. If not, `Topics.drained` must be called once it is. */
  requestRoom(): boolean
  /** Called for a subscriber that reads too slowly, after it has been removed. */
  close(code: number, reason: string): void
}

/** The limits of each subscriber, `Infinity` for none. */
export interface TopicsOptions {
  /** Topics that it may subscribe to. */
  readonly maxTopics: number
  /**
   * Size of its backlog above which it is closed; 16 MiB. A message counts 256 and its bytes (a
   * text its UTF-16 units), although all subscribers share it.
   */
  readonly maxBacklog?: number
}

/** The subscribers of one topic, at least one. */
interface Topic<S> {
  readonly subscribers: Set<S>
  /** The current delivery. A `send` that publishes begins another, once this one is finished. */
  delivery: Delivery<S> | undefined
}

/** The delivery of a message to those that were subscribed when it was published. */
interface Delivery<S> extends Publication {
  readonly except: S | undefined
  /** The subscribers of now: during a `send` some may unsubscribe, and subscribe again. */
  readonly listening: ReadonlySet<S>
  /** The subscribers when it was published, and the index of the next one. */
  readonly subscribers: readonly S[]
  at: number
  /** Number of subscribers that have got it, or will. */
  count: number
}

const NO_TOPICS: ReadonlySet<string> = new Set()
const NO_SUBSCRIBERS: ReadonlySet<never> = new Set()

/**
 * Topics and their subscribers. A topic exists while it has subscribers. Each of them gets the
 * messages of a topic in the order in which they were published: while one waits in its backlog,
 * later ones wait behind it, whatever their policy.
 */
export class Topics<S extends Subscriber> {
  readonly #maxTopics: number
  readonly #maxBacklog: number
  readonly #topics = new Map<string, Topic<S>>()
  /** The topics of each subscriber. */
  readonly #subscriptions = new Map<S, Set<string>>()
  /** The waiting messages of each slow subscriber. */
  readonly #backlogs = new Map<S, Backlog>()
  #dropped = 0

  constructor({ maxTopics, maxBacklog = 16 * 1024 * 1024 }: TopicsOptions) {
    this.#maxTopics = maxTopics
    this.#maxBacklog = maxBacklog
  }

  /** Number of topics with subscribers. */
  get size(): number {
    return this.#topics.size
  }

  /**
   * Number of messages dropped for slow subscribers by `'drop-oldest'` and `'latest'`, once for
   * each subscriber. Not counted are those of subscribers that closed, left or unsubscribed.
   */
  get dropped(): number {
    return this.#dropped
  }

  /** The subscribers of a topic as they are now; copy the set to keep it. */
  subscribers(topic: string): ReadonlySet<S> {
    return this.#topics.get(topic)?.subscribers ?? NO_SUBSCRIBERS
  }

  /** The topics of a subscriber as they are now; copy the set to keep it. */
  topicsOf(subscriber: S): ReadonlySet<string> {
    return this.#subscriptions.get(subscriber) ?? NO_TOPICS
  }

  // ── subscribing ───────────────────────────────────────────────────────────────────────────────

  /**
   * Subscribes to a topic. Returns false if it was subscribed already. Throws a `RangeError` above
   * `maxTopics`.
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

  /** Ends a subscription, and drops its waiting messages. Returns false if there was none. */
  unsubscribe(subscriber: S, topic: string): boolean {
    checkTopic(topic)
    const topics = this.#subscriptions.get(subscriber)
    if (!topics?.delete(topic)) return false
    if (topics.size === 0) this.#subscriptions.delete(subscriber)
    this.#remove(subscriber, topic)
    const backlog = this.#backlogs.get(subscriber)
    backlog?.removeTopic(topic)
    if (backlog?.isEmpty) this.#backlogs.delete(subscriber)
    return true
  }

  /** Removes a subscriber and its backlog. Must be called when it disconnects. */
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

  // ── publishing ────────────────────────────────────────────────────────────────────────────────

  /**
   * Sends a message, encoded once, to all subscribers of a topic but `except`. Returns the number
   * of subscribers that it was sent to or is kept for. Bytes must stay unchanged until all of them
   * are written. Throws a `TypeError` or a `RangeError` for wrong options, a `TypeError` for
   * anything but a message.
   */
  publish(topic: string, data: Sendable, options?: SocketPublishOptions, except?: S): number {
    checkTopic(topic)
    const resolved = options === undefined ? DEFAULT_PUBLISH_OPTIONS : resolvePublishOptions(options)
    const { slow, key = topic, keep, compress, type } = resolved
    const message = prepare(data, {
      ...(compress !== undefined && { compress }),
      ...(type !== undefined && { type }),
    })
    // A `send` published to the same topic: everyone gets the older message first.
    const current = this.#topics.get(topic)?.delivery
    if (current !== undefined) this.#deliver(current)
    const found = this.#topics.get(topic)
    if (found === undefined) return 0
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

  /**
   * Sends the backlog of a subscriber that has room again, oldest first, until it is slow again.
   */
  drained(subscriber: S): void {
    while (subscriber.requestRoom()) {
      // Looked up each time, because it may leave during a `send`.
      const backlog = this.#backlogs.get(subscriber)
      if (backlog === undefined) return
      const message = backlog.takeFirst()
      if (backlog.isEmpty) this.#backlogs.delete(subscriber)
      subscriber.send(message)
    }
  }

  /** Begins or continues a delivery. */
  #deliver(delivery: Delivery<S>): void {
    const { except, listening, subscribers } = delivery
    while (delivery.at < subscribers.length) {
      const subscriber = subscribers[delivery.at++]!
      if (subscriber === except || subscriber.state !== 'open' || !listening.has(subscriber)) continue
      if (this.#give(subscriber, delivery)) delivery.count++
    }
  }

  /** Sends it to a subscriber, or keeps it. Returns false if the subscriber was closed instead. */
  #give(subscriber: S, delivery: Delivery<S>): boolean {
    const { slow, topic } = delivery
    if (slow === 'close' && !subscriber.requestRoom()) {
      this.#close(subscriber)
      return false
    }
    const mayWait = slow === 'drop-oldest' || slow === 'latest'
    const mustWait = this.#backlogs.get(subscriber)?.has(topic) ?? false
    if (mustWait || (mayWait && !subscriber.requestRoom())) return this.#keep(subscriber, delivery)
    subscriber.send(delivery.message)
    // It may have been terminated because too much is buffered.
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

function checkTopic(topic: unknown): void {
  if (typeof topic !== 'string') throw new TypeError(`a topic must be a string, not ${nameOf(topic)}`)
}
