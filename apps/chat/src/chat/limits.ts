// How much may be done from one address and at one account, and who counts it.

import type { Rate } from '@ws/server'
import type { AllowanceKind } from '../engine/engine.ts'
import type { Client } from './client.ts'
import type { Node } from './node.ts'
import { inWords, RequestError, tooMany } from './request-error.ts'

/**
 * The rates that hold for an address (an IPv4 address or an IPv6 /64) and for an account. An office of a hundred people behind one
 * address has to get along with them. A whole IPv6 /48, which one customer may have, gets four times as much as an address.
 */
export interface Limits {
  /** Messages, edits and the like of all connections from one address, on each node. */
  readonly addressWrites: Rate
  /** Bytes that all connections from one address are sent for what they ask, on each node; as many again for what they missed. */
  readonly reads: Rate
  /** New guests and registrations from one address, on all nodes together, as all below. */
  readonly newAccounts: Rate
  /** Rooms created from one address. */
  readonly newRooms: Rate
  /** Sign-ins with a password from one address; four times as many with accounts that have signed in from there before. */
  readonly logins: Rate
  /** Sign-ins to one account from one address, if it has signed in from there before. */
  readonly knownLogins: Rate
  /** Sign-ins to one account from one address, if it has not. */
  readonly newLogins: Rate
  /** Sign-ins to one account from all addresses that it has not signed in from before. */
  readonly accountLogins: Rate
  /** Searches of one user; ten times as many from one address. */
  readonly searches: Rate
}

const MIB = 1024 * 1024

/**
 * Guessing stays hopeless without keeping the owner out: one address has 154 guesses a day at one account, all addresses together
 * 9,640 (and 50 addresses that never stop use up five sixths of what refills). The owner's own addresses do not depend on either.
 */
export const LIMITS: Omit<Limits, 'addressWrites'> = {
  reads: { burst: 64 * MIB, perSecond: 4 * MIB },
  newAccounts: { burst: 200, perSecond: 1 / 20 },
  newRooms: { burst: 20, perSecond: 0.0014 },
  logins: { burst: 30, perSecond: 1 / 10 },
  knownLogins: { burst: 20, perSecond: 1 / 30 },
  newLogins: { burst: 10, perSecond: 1 / 600 },
  accountLogins: { burst: 1000, perSecond: 1 / 10 },
  searches: { burst: 5, perSecond: 1 / 2 },
}

/** What one address may write, if nothing else is said: as much as so many connections at once, and as so many in the long run. */
export function addressWritesFor({ burst, perSecond }: Rate): Rate {
  return { burst: 20 * burst, perSecond: 10 * perSecond }
}

/** A rate that is so many times as large; a part of it, for numbers below 1. */
export function times(factor: number, { burst, perSecond }: Rate): Rate {
  return { burst: factor * burst, perSecond: factor * perSecond }
}

/** What an allowance is taken from. */
export type Limit = readonly [kind: AllowanceKind, key: string, rate: Rate]

/** The limits of a client's address, and of the network around it: in this order, so that one address cannot use up the network's. */
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

/** Throws a {@link RequestError} if the addresses around a client have written too much. */
export function spendAddressWrite(client: Client, node: Node): void {
  for (const limit of ofAddress('write', node.limits.addressWrites, client)) {
    const wait = node.allowances.takeNow(...limit)
    if (wait > 0) throw tooQuick(Math.max(wait, SHORTEST_WAIT))
  }
}

/** Milliseconds: many share what an address may write, and should not all come back for each single write. */
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
 * Rejects with a {@link RequestError} if there were too many attempts to sign in. `account` names what is guessed at, by its id or,
 * if there is no such account, by its nick. `isKnown`: it has signed in from this address before.
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

/** Users who may search from one address as often as each of them may. */
const USERS_OF_ADDRESS = 10

/** Rejects with a {@link RequestError} if a user, or too many from one address, searched too often. */
export async function spendSearch(client: Client, node: Node): Promise<void> {
  const { searches } = node.limits
  const ofAll = ofAddress('search', times(USERS_OF_ADDRESS, searches), client)
  await spend([['search-user', client.user!.id, searches], ...ofAll], node, 'searches')
}

/** Takes one from each, up to the first that has none left. */
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
