// Rate limits of addresses and accounts.

import type { Rate } from '@ws/server'
import type { Client } from '../connections/client.ts'
import type { AllowanceKind } from '../engine/engine.ts'
import type { Node } from '../hub/node.ts'
import { inWords, RequestError, tooMany } from './request-error.ts'

/**
 * The rates of an address (an IPv4 address or an IPv6 /64) and of an account. They must suffice for
 * an office of a hundred people behind one address. An IPv6 /48, which one customer may have, gets
 * four times the rate of an address.
 */
export interface Limits {
  /** Messages, edits and the like of all connections from one address, on each node. */
  readonly addressWrites: Rate
  /**
   * Bytes of replies to all connections from one address, on each node. Entries that they missed
   * while away have an allowance of the same size.
   */
  readonly reads: Rate
  /** New guests and registrations from one address. This and all below hold for all nodes together. */
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
 * account, all addresses together 9,640 (50 addresses that never stop use five sixths of the refill).
 * Addresses that the owner has signed in from have limits of their own.
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

/** A rate multiplied by a factor. */
export function times(factor: number, { burst, perSecond }: Rate): Rate {
  return { burst: factor * burst, perSecond: factor * perSecond }
}

/** An allowance to take from, with its rate. */
export type Limit = readonly [kind: AllowanceKind, key: string, rate: Rate]

/**
 * The limits of a client's address and of its network, in this order, so that one address cannot use
 * up the network's.
 */
export function ofAddress(
  kind: 'account' | 'room' | 'write' | 'login-known' | 'login-new' | 'read' | 'sync' | 'search',
  rate: Rate,
  { addressGroup, network }: Pick<Client, 'addressGroup' | 'network'>,
): readonly Limit[] {
  return [
    [`${kind}-address`, addressGroup, rate],
    [`${kind}-network`, network, times(4, rate)],
  ]
}

/** Throws a {@link RequestError} if a client's address or network has written too much. */
export function spendAddressWrite(client: Client, node: Node): void {
  for (const limit of ofAddress('write', node.limits.addressWrites, client)) {
    const wait = node.allowances.takeNow(...limit)
    if (wait > 0) throw tooQuick(Math.max(wait, SHORTEST_WAIT))
  }
}

/** Milliseconds. Clients that share an address should not all retry for each single write. */
const SHORTEST_WAIT = 1000

/** Rejects with a {@link RequestError} if too many accounts were made from a client's address. */
export async function spendAccount(client: Client, node: Node): Promise<void> {
  await spend(ofAddress('account', node.limits.newAccounts, client), node)
}

/** Rejects with a {@link RequestError} if too many rooms were created from a client's address. */
export async function spendRoom(client: Client, node: Node): Promise<void> {
  await spend(ofAddress('room', node.limits.newRooms, client), node, 'new rooms')
}

/**
 * Rejects with a {@link RequestError} after too many attempts to sign in. `account` is the id of the
 * account, or the key of the name if there is none. `isKnown`: it has signed in from this address
 * before.
 */
export async function spendLogin(
  account: string,
  isKnown: boolean,
  client: Client,
  node: Node,
): Promise<void> {
  const { logins, knownLogins, newLogins, accountLogins } = node.limits
  const key = `${account} ${client.addressGroup}`
  if (isKnown) {
    await spend(
      [...ofAddress('login-known', times(4, logins), client), ['login-known-account', key, knownLogins]],
      node,
    )
  } else {
    const ofAccount: readonly Limit[] = [
      ['login-new-account', key, newLogins],
      ['login-account', account, accountLogins],
    ]
    await spend([...ofAddress('login-new', logins, client), ...ofAccount], node)
  }
}

/** Rejects with a {@link RequestError} if a user has had too many names. */
export async function spendRename(client: Client, node: Node): Promise<void> {
  await spend([['rename-user', client.user!.id, node.limits.renames]], node, 'new names')
}

/** Users of one address who can all search at their own full rate. */
const USERS_OF_ADDRESS = 10

/** Rejects with a {@link RequestError} if a user, or too many from one address, searched too often. */
export async function spendSearch(client: Client, node: Node): Promise<void> {
  const { searches } = node.limits
  const ofAll = ofAddress('search', times(USERS_OF_ADDRESS, searches), client)
  await spend([['search-user', client.user!.id, searches], ...ofAll], node, 'searches')
}

/** Takes one from each, up to the first that is empty. */
async function spend(limits: readonly Limit[], node: Node, what = 'attempts'): Promise<void> {
  for (const limit of limits) {
    const retry = await node.ask(node.engine.allowances.take(...limit))
    if (retry > 0) throw tooMany(what, retry)
  }
}

/** The reply to a write that has to wait. */
export function tooQuick(retry: number, close?: number): RequestError {
  const message = `You're sending messages too quickly. Try again in ${inWords(retry)}.`
  return new RequestError('rate_limited', message, { retry, ...(close !== undefined && { close }) })
}
