// The dialogs for names, accounts and the profile. Native dialogs keep the focus, and Escape closes
// those that need no answer.

import { inWords } from '../client/error-text.ts'
import type { Session } from '../session/session.ts'
import { COMMANDS } from '../text/commands.ts'
import { element, find, isolated, setText } from './element.ts'
import { askToSignOut } from './questions.ts'

type AccountOperation = 'register' | 'login'

export class Dialogs {
  readonly #session: Session
  readonly #welcome = find('welcome', HTMLDialogElement)
  readonly #account = find('account', HTMLDialogElement)
  readonly #profile = find('profile', HTMLDialogElement)
  readonly #help = find('help', HTMLDialogElement)
  #operation: AccountOperation = 'login'

  constructor(session: Session) {
    this.#session = session
    this.#setUpWelcome()
    this.#setUpAccount()
    this.#setUpProfile()
    for (const { usage, meaning } of COMMANDS)
      find('commands', HTMLElement).append(
        element('dt', {}, element('code', {}, usage)),
        element('dd', {}, meaning),
      )
    for (const cancel of document.querySelectorAll('[data-dismiss]'))
      cancel.addEventListener('click', () => cancel.closest('dialog')?.close())
  }

  /** Shows the question that has to be answered first. */
  draw(): void {
    const { question, complaint, connection } = this.#session
    if (question === undefined) {
      this.#welcome.close()
      return
    }
    const why = connection.state.name === 'waiting' ? connection.state.why : complaint
    setText(find('nick-error', HTMLElement), why)
    if (question === 'account') this.#askForAccount(why)
    if (question === 'nick' && !this.#welcome.open && !this.#account.open) this.#welcome.showModal()
  }

  #askForAccount(why: string): void {
    if (!this.#account.open) this.openAccount('login', '')
    if (why !== '') setText(find('account-error', HTMLElement), why)
  }

  openAccount(operation: AccountOperation, nick: string): void {
    const { user, question } = this.#session
    this.#operation = operation
    const isNew = operation === 'register'
    find('account-title', HTMLElement).textContent = isNew ? 'Register' : 'Sign in'
    find('account-submit', HTMLElement).textContent = isNew ? 'Register' : 'Sign in'
    find('switch-account', HTMLElement).textContent = isNew ? 'Sign in instead' : 'Register instead'
    const words = isNew
      ? ['Set a password and the name is yours on any device.']
      : user?.guest
        ? ['You are the guest "', isolated(user.nick), '": signing in gives up this name.']
        : []
    setText(find('account-words', HTMLElement), ...words)
    find('password', HTMLInputElement).autocomplete = isNew ? 'new-password' : 'current-password'
    find('account-error', HTMLElement).textContent = ''
    find('account-cancel', HTMLElement).hidden = question === 'account'
    const name = find('account-nick', HTMLInputElement)
    name.value ||= nick || (isNew ? (user?.nick ?? '') : '')
    if (!this.#account.open) this.#account.showModal()
    if (name.value !== '') find('password', HTMLInputElement).focus()
  }

  openHelp(): void {
    this.#help.showModal()
  }

  /** A guest is asked first. Rejects as `Session.authenticate` does. */
  async signOut(): Promise<void> {
    const { user } = this.#session
    if (user?.guest && !(await askToSignOut(user.nick))) return
    await this.#session.account.authenticate({ op: 'logout' })
  }

  #setUpWelcome(): void {
    const nick = find('nick', HTMLInputElement)
    this.#welcome.addEventListener('cancel', event => event.preventDefault())
    // A browser closes it all the same when Escape is pressed again and again.
    this.#welcome.addEventListener('close', () => this.draw())
    find('welcome-form', HTMLFormElement).addEventListener('submit', event => {
      event.preventDefault()
      if (nick.value.trim() !== '') this.#session.account.enterAs(nick.value.trim())
    })
    find('have-account', HTMLElement).addEventListener('click', () => {
      this.#welcome.close()
      this.openAccount('login', nick.value.trim())
    })
  }

  #setUpAccount(): void {
    const error = find('account-error', HTMLElement)
    find('account-form', HTMLFormElement).addEventListener('submit', event => {
      event.preventDefault()
      const nick = find('account-nick', HTMLInputElement).value.trim()
      const password = find('password', HTMLInputElement).value
      error.textContent = ''
      this.#session.account.authenticate({ op: this.#operation, nick, password }).then(
        () => this.#account.close(),
        (reason: unknown) => {
          error.textContent = inWords(reason)
        },
      )
    })
    find('switch-account', HTMLElement).addEventListener('click', () =>
      this.openAccount(this.#operation === 'login' ? 'register' : 'login', ''),
    )
    find('account-cancel', HTMLElement).addEventListener('click', () => this.#account.close())
    this.#account.addEventListener('cancel', event => {
      if (this.#session.question === 'account') event.preventDefault()
    })
    this.#account.addEventListener('close', () => {
      find('password', HTMLInputElement).value = ''
      this.draw()
    })
  }

  #setUpProfile(): void {
    find('me', HTMLElement).addEventListener('click', () => {
      const { user } = this.#session
      if (user === undefined) {
        this.openAccount('login', '')
        return
      }
      setText(find('profile-title', HTMLElement), isolated(user.nick))
      find('profile-words', HTMLElement).textContent = user.guest
        ? 'You are a guest: the name is yours in this browser only. /nick changes it.'
        : 'You are registered. /nick changes your name.'
      find('profile-register', HTMLElement).hidden = !user.guest
      this.#profile.showModal()
    })
    const choose = (id: string, act: () => void) =>
      find(id, HTMLElement).addEventListener('click', () => {
        this.#profile.close()
        act()
      })
    choose('profile-register', () => this.openAccount('register', ''))
    choose('profile-login', () => this.openAccount('login', ''))
    choose('profile-logout', () => {
      this.signOut().catch((reason: unknown) => this.#session.notice.tell(inWords(reason)))
    })
  }
}
