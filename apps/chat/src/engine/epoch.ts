import { randomBytes } from 'node:crypto'

/** A new epoch for the log of a room: 96 random bits. */
export function makeEpoch(): string {
  return randomBytes(12).toString('base64url')
}
