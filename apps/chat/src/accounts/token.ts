// Unguessable random ids and tokens, and the stored form of tokens.

import { createHash, randomBytes } from 'node:crypto'

/** A new token, as its bearer gets it: 256 random bits, base64url. */
export function makeToken(): string {
  return randomBytes(32).toString('base64url')
}

/**
 * The stored form of a token, with which a reader of the store cannot sign in. SHA-256, base64url.
 */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** A new id: 128 random bits, base64url. */
export function makeId(): string {
  return randomBytes(16).toString('base64url')
}
