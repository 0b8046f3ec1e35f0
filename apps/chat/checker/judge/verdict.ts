// What can be wrong with a chat, each with the words for it.

/** Every kind of violation. */
export const VERDICTS = {
  lost: 'acknowledged, and not in the log',
  duplicated: 'in the log more than once',
  phantom: 'in the log, and never sent',
  gap: 'a position of the log without an entry',
  misplaced: 'acknowledged at another position than it has',
  rewritten: 'two entries at one position of one epoch',
  'real-time order': 'acknowledged before another was sent, and behind it in the log',
  'publisher order': 'sent by one publisher before another, and behind it in the log',
  misread: 'a message was not given as its edits and reactions made it',
  missed: 'a subscriber was not given an entry, and not told of it',
  repeated: 'a subscriber was given an entry again, or one that lies behind',
  behind: 'a subscriber was not given the end of the log',
  late: 'a subscriber was given an entry long after it was acknowledged, without a fault',
  disagreement: 'two nodes gave two logs of one room',
  refused: 'a message was refused for good',
  forgotten: 'the chat did not know a user any more',
  crashed: 'a node ended without having been killed',
  'slow recovery': 'no message was stored long after a fault was taken away',
} as const

export type Verdict = keyof typeof VERDICTS

/** One of them, with what it is about. */
export interface Violation {
  readonly verdict: Verdict
  readonly room: string
  readonly what: string
}
