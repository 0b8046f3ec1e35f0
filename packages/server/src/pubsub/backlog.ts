// What waits for one subscriber that reads too slowly, under the policy that each message was published with. Knows nobody to send to.

import type { PreparedMessage } from '@ws/protocol'
import { LinkedList, type ListNode } from './linked-list.ts'

/** What becomes of a message whose subscriber is above its high-water mark, in the order of how much is lost. */
export type SlowPolicy =
  /** It is sent all the same: it waits where the subscriber's own messages wait, under the same cap. */
  | 'queue'
  /** It waits until the subscriber reads again; of those that wait so, the newest `keep`. */
  | 'drop-oldest'
  /** It waits until the subscriber reads again, instead of an older one of the same `key`. */
  | 'latest'
  /** The subscriber is closed. */
  | 'close'

/** A message that was published, and what may become of it. */
export interface Publication {
  readonly topic: string
  readonly message: PreparedMessage
  readonly slow: SlowPolicy
  /** What it is the `'latest'` of, within its topic. */
  readonly key: string
  /** How many messages to `'drop-oldest'` of wait in this topic. */
  readonly keep: number
}

/** What a waiting message costs besides its data. */
const COST_OF_WAITING = 256

/** A message that waits, and where. */
interface Waiting {
  readonly topic: string
  readonly message: PreparedMessage
  readonly size: number
  /** Where it stands among all of its subscriber. */
  place: ListNode<Waiting> | undefined
  /** Where it stands among those of its topic that may be dropped, if it may. */
  droppable: ListNode<Waiting> | undefined
  /** What it is the latest of, if a later one takes its place. */
  readonly key: string | undefined
}

/** What waits of one topic, at least one message. */
interface WaitingOfTopic {
  length: number
  droppable: LinkedList<Waiting> | undefined
  latest: Map<string, Waiting> | undefined
}

/** The messages of all topics that wait for one subscriber, in the order in which they were published. */
export class Backlog {
  readonly #messages = new LinkedList<Waiting>()
  readonly #topics = new Map<string, WaitingOfTopic>()
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

  /** Adds a message behind the others. Returns how many older ones its policy drops for it. */
  add({ topic, message, slow, key, keep }: Publication): number {
    const waiting: Waiting = {
      topic,
      message,
      size: message.data.length + COST_OF_WAITING,
      place: undefined,
      droppable: undefined,
      key: slow === 'latest' ? key : undefined,
    }
    waiting.place = this.#messages.add(waiting)
    this.#size += waiting.size
    const ofTopic = this.#topics.get(topic) ?? this.#addTopic(topic)
    ofTopic.length++
    if (slow === 'latest') return this.#replace(ofTopic, key, waiting)
    if (slow === 'drop-oldest') return this.#dropOldest(ofTopic, keep, waiting)
    return 0
  }

  /** Takes out the oldest message; there is one. */
  takeFirst(): PreparedMessage {
    const waiting = this.#messages.first!
    this.#remove(waiting)
    return waiting.message
  }

  /** Takes out all messages of a topic. */
  forget(topic: string): void {
    if (!this.#topics.has(topic)) return
    for (const waiting of this.#messages) if (waiting.topic === topic) this.#remove(waiting)
  }

  #addTopic(topic: string): WaitingOfTopic {
    const ofTopic: WaitingOfTopic = { length: 0, droppable: undefined, latest: undefined }
    this.#topics.set(topic, ofTopic)
    return ofTopic
  }

  /** The newer one does not take the place of the older, or it would overtake what was published between them. */
  #replace(ofTopic: WaitingOfTopic, key: string, waiting: Waiting): number {
    ofTopic.latest ??= new Map()
    const older = ofTopic.latest.get(key)
    if (older !== undefined) this.#remove(older)
    ofTopic.latest.set(key, waiting)
    return older === undefined ? 0 : 1
  }

  #dropOldest(ofTopic: WaitingOfTopic, keep: number, waiting: Waiting): number {
    ofTopic.droppable ??= new LinkedList()
    waiting.droppable = ofTopic.droppable.add(waiting)
    let dropped = 0
    for (; ofTopic.droppable.length > keep; dropped++) this.#remove(ofTopic.droppable.first!)
    return dropped
  }

  #remove(waiting: Waiting): void {
    const ofTopic = this.#topics.get(waiting.topic)!
    this.#messages.remove(waiting.place!)
    this.#size -= waiting.size
    ofTopic.length--
    if (waiting.droppable !== undefined) ofTopic.droppable!.remove(waiting.droppable)
    if (waiting.key !== undefined) ofTopic.latest!.delete(waiting.key)
    if (ofTopic.length === 0) this.#topics.delete(waiting.topic)
  }
}
