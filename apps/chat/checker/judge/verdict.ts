// The kinds of violations, with their descriptions.

/** Every kind of violation. */
export const VERDICTS = {
  lost: 'acknowledged, but not in the log',
  duplicated: 'in the log more than once',
  phantom: 'in the log, but never sent',
  gap: 'a position of the log without an entry',
  misplaced: 'acknowledged at a different position than in the log',
  rewritten: 'two entries at one position of one epoch',
  'real-time order': 'acknowledged before another was sent, but after it in the log',
  'publisher order': 'sent by one publisher before another, but after it in the log',
  misread: 'a message was returned without its edits and reactions',
  missed: 'a subscriber missed an entry without notice',
  repeated: 'a subscriber received an entry again, or an earlier one',
  behind: 'a subscriber did not receive the end of the log',
  late: 'a subscriber received an entry long after its acknowledgment, without a fault',
  disagreement: 'two nodes returned different logs of one room',
  refused: 'a message was refused for good',
  forgotten: 'the chat no longer knew a user',
  crashed: 'a node ended without being killed',
  'slow recovery': 'no message was stored long after the end of a fault',
} as const

export type Verdict = keyof typeof VERDICTS

/** One violation, with its details. */
export interface Violation {
  readonly verdict: Verdict
  readonly room: string
  readonly what: string
}
