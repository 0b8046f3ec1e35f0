// Rate limits of addresses and accounts.

import type { Rate } from '@ws/server'
import type { Context } from '../context/context.ts'
import type { AllowanceKind } from '../engine/engine.ts'
import { inWords, RequestError, tooMany } from './request-error.ts'

/** A client, as rate limits see it. */
export interface Caller {
  /** The IPv4 address, or the IPv6 /64. */
  readonly addressGroup: string
  /** The IPv4 address, or the IPv6 /48. */
  readonly network: string
  readonly user: { readonly id: string } | undefined
}

/** A rate multiplied by a factor. */
export function times(factor: number, { burst, perSecond }: Rate): Rate {
  return { burst: factor * burst, perSecond: factor * perSecond }
}

/** An allowance to take from, with its rate. */
export type Limit = readonly [kind: AllowanceKind, key: string, rate: Rate]

/**
 * The limits of a client's address and of its network, in this order, so that one address cannot
 * use up the network's.
 */
export function ofAddress(
  kind: 'account' | 'room' | 'write' | 'login-known' | 'login-new' | 'read' | 'sync' | 'search',
  rate: Rate,
  { addressGroup, network }: Pick<Caller, 'addressGroup' | 'network'>,
): readonly Limit[] {
  return [
    [`${kind}-address`, addressGroup, rate],
    [`${kind}-network`, network, times(4, rate)],
  ]
}

/** Throws a {@link RequestError} if a client's address or network has written too much. */
export function spendAddressWrite(client: Caller, context: Context): void {
  for (const limit of ofAddress('write', context.limits.addressWrites, client)) {
    const wait = context.allowances.takeNow(...limit)
    if (wait > 0) throw tooQuick(Math.max(wait, SHORTEST_WAIT))
  }
}

/** Milliseconds. Clients that share an address should not all retry for each single write. */
const SHORTEST_WAIT = 1000

/**
 * Rejects with a {@link RequestError} if too many accounts were created from a client's address.
 */
export async function spendAccount(client: Caller, context: Context): Promise<void> {
  await spend(ofAddress('account', context.limits.newAccounts, client), context)
}

/** Rejects with a {@link RequestError} if too many rooms were created from a client's address. */
export async function spendRoom(client: Caller, context: Context): Promise<void> {
  await spend(ofAddress('room', context.limits.newRooms, client), context, 'new rooms')
}

/**
 * Rejects with a {@link RequestError} after too many attempts to sign in. `account` is the id of
 * the account, or the key of an unknown name. `isKnown`: the account has signed in from this
 * address before.
 */
export async function spendLogin(
  account: string,
  isKnown: boolean,
  client: Caller,
  context: Context,
): Promise<void> {
  const { logins, knownLogins, newLogins, accountLogins } = context.limits
  const key = `${account} ${client.addressGroup}`
  if (isKnown) {
    await spend(
      [...ofAddress('login-known', times(4, logins), client), ['login-known-account', key, knownLogins]],
      context,
    )
  } else {
    const ofAccount: readonly Limit[] = [
      ['login-new-account', key, newLogins],
      ['login-account', account, accountLogins],
    ]
    await spend([...ofAddress('login-new', logins, client), ...ofAccount], context)
  }
}

/** Rejects with a {@link RequestError} if a user has changed their name too often. */
export async function spendRename(client: Caller, context: Context): Promise<void> {
  await spend([['rename-user', client.user!.id, context.limits.renames]], context, 'new names')
}

/** Users of one address who can all search at their full rate. */
const USERS_OF_ADDRESS = 10

/**
 * Rejects with a {@link RequestError} if a user, or too many from one address, searched too often.
 */
export async function spendSearch(client: Caller, context: Context): Promise<void> {
  const { searches } = context.limits
  const ofAll = ofAddress('search', times(USERS_OF_ADDRESS, searches), client)
  await spend([['search-user', client.user!.id, searches], ...ofAll], context, 'searches')
}

/** Takes one from each, up to the first that is empty. */
async function spend(limits: readonly Limit[], context: Context, what = 'attempts'): Promise<void> {
  for (const limit of limits) {
    const retry = await context.ask(context.engine.allowances.take(...limit))
    if (retry > 0) throw tooMany(what, retry)
  }
}

/** The error for a write that must wait. */
export function tooQuick(retry: number, close?: number): RequestError {
  const message = `You're sending messages too quickly. Try again in ${inWords(retry)}.`
  return new RequestError('rate_limited', message, { retry, ...(close !== undefined && { close }) })
}
