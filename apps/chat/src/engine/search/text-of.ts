import type { Entry } from '../../log/entry.ts'

/** The text of a message as it reads now; undefined for other entries and deleted messages. */
export function textOf({ kind, data, fold }: Entry): string | undefined {
  return kind === 'msg' && !fold?.deleted ? (fold?.body ?? data.body) : undefined
}
