// The user of this tab: tokens, guests, and the question that has to be answered first.

import { CloseCode } from '../../../src/wire/constants.ts'
import type { AuthRequest, OkReply } from '../../../src/wire/messages.ts'
import { meaningOf } from '../client/close-codes.ts'
import { type Connection, type ConnectionState, Disconnected, type Fields } from '../client/connection.ts'
import type { Drafts } from '../client/drafts.ts'
import type { Outbox } from '../client/outbox.ts'
import { sentence } from '../text/sentence.ts'
import type { Question, State } from './state.ts'

const TOKEN = 'chat.token'

interface AccountOptions {
  readonly state: State
  readonly connection: Connection
  readonly storage: Storage
  readonly drafts: Drafts
  readonly outbox: Pick<Outbox, 'release'>
  changed(): void
}

export class Account {
  readonly #options: AccountOptions
  #nick: string | undefined
  /** The token of the last hello, and one that is no longer valid. */
  #sentToken: string | null = null
  #deadToken: string | null = null
  #opened: ((error?: Error) => void) | undefined

  constructor(options: AccountOptions) {
    this.#options = options
  }

  get #token(): string | null {
    const token = this.#options.storage.getItem(TOKEN)
    return token === this.#deadToken ? null : token
  }

  /** Signs in as a guest. */
  enterAs(nick: string): void {
    this.#nick = nick
    this.#options.state.complaint = ''
    this.#startAgain()
  }

  /** Registers, signs in, signs out or changes the name. Rejects as `Connection.request` does. */
  async authenticate(fields: Fields<'auth'>): Promise<void> {
    const { state, connection, storage, changed } = this.#options
    if (connection.state.name !== 'open') await this.#connectAsNobody()
    const { user, token } = await connection.request('auth', fields)
    if (token !== undefined) storage.setItem(TOKEN, token)
    state.question = undefined
    const isSame = fields.op === 'nick' || (fields.op === 'register' && state.user !== undefined)
    if (isSame) state.user = user
    else this.#changeUser(fields.op)
    changed()
  }

  /** A connection without a user can still register or sign in. */
  #connectAsNobody(): Promise<void> {
    this.#nick = undefined
    return new Promise((resolve, reject) => {
      this.#opened = error => (error ? reject(error) : resolve())
      this.#options.connection.start()
    })
  }

  #changeUser(op: AuthRequest['op']): void {
    const { state, storage, drafts } = this.#options
    if (op === 'logout') storage.removeItem(TOKEN)
    if (op === 'logout' && state.user) drafts.clear(state.user.id)
    this.#becomeNobody()
    this.#startAgain()
  }

  #becomeNobody(): void {
    const { state, outbox } = this.#options
    state.user = undefined
    this.#nick = undefined
    state.complaint = ''
    // Another user does not inherit the waits of this one.
    for (const name of state.rooms.keys()) outbox.release(name)
    state.rooms.clear()
  }

  #startAgain(): void {
    this.#options.connection.stop('')
    this.#options.connection.start()
  }

  #ask(question: Question, complaint: string): void {
    this.#options.state.question = question
    this.#options.state.complaint = sentence(complaint)
    this.#options.changed()
  }

  /** The fields of a `hello` that identify the user. */
  credentials(): Pick<Fields<'hello'>, 'token' | 'nick'> {
    const token = this.#token
    this.#sentToken = token
    if (token !== null) return { token }
    return this.#nick === undefined ? {} : { nick: this.#nick }
  }

  welcomed({ user, token, auth }: OkReply<'hello'>): void {
    const { state, storage } = this.#options
    state.user = user
    if (token !== undefined) storage.setItem(TOKEN, token)
    if (user !== undefined) state.question = undefined
    else if (this.#opened === undefined) this.#ask(auth === 'guest' ? 'nick' : 'account', state.complaint)
  }

  opened(): void {
    this.#opened?.()
    this.#opened = undefined
  }

  stopped({ code, why, error }: ConnectionState & { name: 'stopped' }): void {
    const opened = this.#opened
    this.#opened = undefined
    const { question } = this.#options.state
    if (opened) opened(error ?? new Disconnected())
    else if (code === CloseCode.badToken) this.#signedOut(why)
    else if (error?.code === 'unauthorized' && this.#sentToken !== null)
      this.#signedOut(meaningOf(CloseCode.badToken))
    else if (question !== undefined) this.#ask(question, why)
  }

  /** Uses the token that another tab has stored since, or asks for a name, and says why. */
  #signedOut(why: string): void {
    // It stays in the storage: removing it could remove a token that another tab is just storing.
    this.#deadToken = this.#sentToken
    this.#becomeNobody()
    if (this.#token === null) this.#options.state.complaint = sentence(why)
    this.#options.connection.start()
  }

  /** Another tab has stored something, perhaps a new token. */
  stored(): void {
    const { state, connection } = this.#options
    if (state.user === undefined && connection.state.name === 'open' && this.#token !== null)
      this.#startAgain()
  }
}
