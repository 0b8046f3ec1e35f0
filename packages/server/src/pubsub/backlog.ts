// The messages that wait for one slow subscriber, each under the policy it was published with.

import type { PreparedMessage } from '@ws/protocol'
import { LinkedList, type ListNode } from './linked-list.ts'

/** The fate of a message for a subscriber above its high-water mark, by how much is lost. */
export type SlowPolicy =
  /** It is sent all the same: it waits in the subscriber's own buffer, under the same cap. */
  | 'queue'
  /** It waits until the subscriber has room; of such messages only the newest `keep` are kept. */
  | 'drop-oldest'
  /** It waits until the subscriber has room, and replaces an older one of the same `key`. */
  | 'latest'
  /** The subscriber is closed. */
  | 'close'

/** A published message and its policy. */
export interface Publication {
  readonly topic: string
  readonly message: PreparedMessage
  readonly slow: SlowPolicy
  /** Identifies what it is the `'latest'` of, within its topic. */
  readonly key: string
  /** Number of `'drop-oldest'` messages that may wait in this topic. */
  readonly keep: number
}

/** Size of a waiting message besides its data. */
const OVERHEAD = 256

interface Waiting {
  readonly topic: string
  readonly message: PreparedMessage
  readonly size: number
  /** Its node among all messages of the subscriber. */
  node: ListNode<Waiting> | undefined
  /** Its node among the messages of its topic that may be dropped, if it may. */
  droppableNode: ListNode<Waiting> | undefined
  /** Set if a later message of this key replaces it. */
  readonly key: string | undefined
}

/** The waiting messages of one topic, at least one. */
interface TopicBacklog {
  length: number
  droppable: LinkedList<Waiting> | undefined
  latest: Map<string, Waiting> | undefined
}

/** The waiting messages of all topics, in the order in which they were published. */
export class Backlog {
  readonly #messages = new LinkedList<Waiting>()
  readonly #topics = new Map<string, TopicBacklog>()
  #size = 0

  /** As `maxBacklog` counts it. */
  get size(): number {
    return this.#size
  }

  get isEmpty(): boolean {
    return this.#messages.length === 0
  }

  has(topic: string): boolean {
    return this.#topics.has(topic)
  }

  /** Adds a message at the end. Returns the number of older ones that its policy drops for it. */
  add({ topic, message, slow, key, keep }: Publication): number {
    const waiting: Waiting = {
      topic,
      message,
      size: message.data.length + OVERHEAD,
      node: undefined,
      droppableNode: undefined,
      key: slow === 'latest' ? key : undefined,
    }
    waiting.node = this.#messages.add(waiting)
    this.#size += waiting.size
    const ofTopic = this.#topics.get(topic) ?? this.#addTopic(topic)
    ofTopic.length++
    if (slow === 'latest') return this.#replace(ofTopic, key, waiting)
    if (slow === 'drop-oldest') return this.#dropOldest(ofTopic, keep, waiting)
    return 0
  }

  /** Removes the oldest message, of which there must be one. */
  takeFirst(): PreparedMessage {
    const waiting = this.#messages.first!
    this.#remove(waiting)
    return waiting.message
  }

  /** Removes all messages of a topic. */
  removeTopic(topic: string): void {
    if (!this.#topics.has(topic)) return
    for (const waiting of this.#messages) if (waiting.topic === topic) this.#remove(waiting)
  }

  #addTopic(topic: string): TopicBacklog {
    const ofTopic: TopicBacklog = { length: 0, droppable: undefined, latest: undefined }
    this.#topics.set(topic, ofTopic)
    return ofTopic
  }

  /** In the older message's position the newer one would overtake those published between them. */
  #replace(ofTopic: TopicBacklog, key: string, waiting: Waiting): number {
    ofTopic.latest ??= new Map()
    const older = ofTopic.latest.get(key)
    if (older !== undefined) this.#remove(older)
    ofTopic.latest.set(key, waiting)
    return older === undefined ? 0 : 1
  }

  #dropOldest(ofTopic: TopicBacklog, keep: number, waiting: Waiting): number {
    ofTopic.droppable ??= new LinkedList()
    waiting.droppableNode = ofTopic.droppable.add(waiting)
    let dropped = 0
    for (; ofTopic.droppable.length > keep; dropped++) this.#remove(ofTopic.droppable.first!)
    return dropped
  }

  #remove(waiting: Waiting): void {
    const ofTopic = this.#topics.get(waiting.topic)!
    this.#messages.remove(waiting.node!)
    this.#size -= waiting.size
    ofTopic.length--
    if (waiting.droppableNode !== undefined) ofTopic.droppable!.remove(waiting.droppableNode)
    if (waiting.key !== undefined) ofTopic.latest!.delete(waiting.key)
    if (ofTopic.length === 0) this.#topics.delete(waiting.topic)
  }
}
