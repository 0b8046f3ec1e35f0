// The rate limits of addresses and accounts, and their defaults.

import type { Rate } from '@ws/server'

/**
 * The rates of an address (an IPv4 address or an IPv6 /64) and of an account. They must suffice for
 * an office of a hundred people behind one address. An IPv6 /48, which one customer may have, gets
 * four times the rate of an address.
 */
export interface Limits {
  /** Messages, edits and other writes of all connections from one address, on each node. */
  readonly addressWrites: Rate
  /**
   * Bytes of replies to all connections from one address, on each node. Entries that they missed
   * while away have an allowance of the same size.
   */
  readonly reads: Rate
  /**
   * New guests and registrations from one address. This and all below hold for all nodes together.
   */
  readonly newAccounts: Rate
  /** Rooms created from one address. */
  readonly newRooms: Rate
  /**
   * Sign-ins with a password from one address; four times as many to accounts that have signed in
   * from it before.
   */
  readonly logins: Rate
  /** Sign-ins to one account from one address, if it has signed in from there before. */
  readonly knownLogins: Rate
  /** Sign-ins to one account from one address, if it has not. */
  readonly newLogins: Rate
  /** Sign-ins to one account from all addresses that it has not signed in from before. */
  readonly accountLogins: Rate
  /** New names of one user, each of which is an entry in all of their rooms. */
  readonly renames: Rate
  /** Searches of one user; ten times as many from one address. */
  readonly searches: Rate
}

const MIB = 1024 * 1024

/**
 * Guessing is hopeless, and does not lock the owner out: one address has 154 guesses a day at one
 * account, all addresses together 9,640 (50 addresses that never stop use five sixths of the
 * refill). Addresses that the owner has signed in from have limits of their own.
 */
export const LIMITS: Omit<Limits, 'addressWrites'> = {
  reads: { burst: 64 * MIB, perSecond: 4 * MIB },
  newAccounts: { burst: 200, perSecond: 1 / 20 },
  newRooms: { burst: 20, perSecond: 0.0014 },
  logins: { burst: 30, perSecond: 1 / 10 },
  knownLogins: { burst: 20, perSecond: 1 / 30 },
  newLogins: { burst: 10, perSecond: 1 / 600 },
  accountLogins: { burst: 1000, perSecond: 1 / 10 },
  renames: { burst: 5, perSecond: 1 / 300 },
  searches: { burst: 5, perSecond: 1 / 2 },
}

/** The default rate of an address: the burst of 20 connections, the steady rate of 10. */
export function addressWritesFor({ burst, perSecond }: Rate): Rate {
  return { burst: 20 * burst, perSecond: 10 * perSecond }
}
