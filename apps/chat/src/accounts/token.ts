// Random names that nobody can guess, and what is kept of a token. Knows no accounts.

import { createHash, randomBytes } from 'node:crypto'

/** A new token, as its bearer gets it: 256 random bits, base64url. */
export function makeToken(): string {
  return randomBytes(32).toString('base64url')
}

/** What is stored of a token: who reads the store cannot sign in with it. SHA-256, base64url. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** A new id, for whatever needs one: 128 random bits, base64url. */
export function makeId(): string {
  return randomBytes(16).toString('base64url')
}
