// Bans that include the addresses of a user: guests from there cannot join under another name;
// registered users can.

import { createHmac } from 'node:crypto'
import type { Context } from '../context/context.ts'
import { LOBBY } from '../wire/constants.ts'
import type { Caller } from './rate-limits.ts'
import { inWords, RequestError } from './request-error.ts'

/**
 * The longest ban of an address in milliseconds, 7 days: the address may belong to another person
 * later.
 */
const LONGEST = 7 * 24 * 3_600_000

/**
 * In front of hashes that can be compared between users, among the addresses that are remembered of
 * one.
 */
const MARK = '~'

type Store = Pick<Context, 'engine' | 'ask' | 'now'>

export class AddressBans {
  readonly #context: Store
  #salt: string | undefined

  constructor(context: Store) {
    this.#context = context
  }

  /** Remembers where a user is, so that a ban can include it. */
  async remember(user: string, client: Pick<Caller, 'addressGroup'>): Promise<void> {
    await this.#accounts.addAddress(user, await this.#hash(client))
  }

  /**
   * Rejects with a {@link RequestError} where the address of a client is banned from a room, or
   * from the chat.
   */
  async check(room: string, client: Pick<Caller, 'addressGroup'>): Promise<void> {
    const rooms = [...new Set([LOBBY, room])]
    const until = await this.#context.ask(this.#accounts.addressBan(rooms, await this.#hash(client)))
    if (until === undefined) return
    const where = room === LOBBY ? 'this chat' : room
    const left = inWords(until - this.#context.now())
    throw new RequestError(
      'forbidden',
      `Guests from your address are banned from ${where} for another ${left}. Sign in if you have an account.`,
    )
  }

  /**
   * Bans the addresses of a user from a room for some seconds, or for the longest possible time.
   */
  async ban(room: string, user: string, secs = Number.POSITIVE_INFINITY): Promise<void> {
    await this.#set(room, user, this.#context.now() + Math.min(secs * 1000, LONGEST))
  }

  async lift(room: string, user: string): Promise<void> {
    await this.#set(room, user, 0)
  }

  async #set(room: string, user: string, until: number): Promise<void> {
    const known = await this.#context.ask(this.#accounts.addresses(user))
    const hashes = known.filter(address => address.startsWith(MARK))
    await this.#context.ask(this.#accounts.banAddresses(room, hashes, until))
  }

  async #hash({ addressGroup }: Pick<Caller, 'addressGroup'>): Promise<string> {
    this.#salt ??= await this.#context.ask(this.#accounts.salt())
    return MARK + createHmac('sha256', this.#salt).update(addressGroup).digest('base64url')
  }

  get #accounts() {
    return this.#context.engine.accounts
  }
}
