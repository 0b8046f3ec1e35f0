// What the load of the chat is asked for and what it says: JSON on the command line, JSON on standard output.

import type { Percentiles } from '../load/job.ts'

/** One run against one chat. */
export interface ChatJob {
  /** Of each node; members are spread over them. */
  readonly ports: readonly number[]
  /** Where each node serves its metrics. */
  readonly metrics: readonly number[]
  /** The processes of the chat and of its store, whose CPU time is read at both ends of the measurement. */
  readonly pid: readonly number[]
  readonly rooms: number
  /** In all rooms together; each is in one. */
  readonly members: number
  /** Further members of the first room, who read nothing. */
  readonly stalled: number
  /** Messages a second that are due, in all rooms together; 0: each member sends the next when the last is acknowledged. */
  readonly rate: number
  /** Only in the first room. */
  readonly firstRoomOnly: boolean
  /** Characters of a message. */
  readonly size: number
  /** Milliseconds of load before the measurement, and of the measurement. */
  readonly warmup: number
  readonly duration: number
}

/** What happened between the two ends of the measurement; milliseconds in the percentiles. */
export interface ChatResult {
  readonly seconds: number
  /** Messages that were acknowledged, entries that members were given. */
  readonly stored: number
  readonly delivered: number
  /** From when a message was due to when a member had it, and to when its sender had the acknowledgement. */
  readonly delivery: Percentiles
  readonly acknowledgement: Percentiles
  /** CPU seconds of the chat with its store, and of the load. */
  readonly serverCpu: number
  readonly loadCpu: number
  /** At the end of the run, once all is still: what members of a room should have been given and were not. */
  readonly missing: number
  /** Then too: members whom the chat has left to the log. */
  readonly lagging: number
}
