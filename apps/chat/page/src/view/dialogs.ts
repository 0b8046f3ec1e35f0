// What the person is asked: who he is, which room, whether he is sure. Dialogs of the browser: they keep the focus, and Escape closes them.

import { inWords, type Session } from '../session.ts'
import { COMMANDS } from '../text/commands.ts'
import { isolate } from '../text/visible.ts'
import { element, find, isolated, setText } from './element.ts'

type AccountOperation = 'register' | 'login'

/** Something that cannot be undone, and what its two buttons say. */
interface Confirmation {
  readonly title: string
  readonly words: string
  readonly yes: string
  readonly no: string
}

export class Dialogs {
  readonly #session: Session
  readonly #welcome = find('welcome', HTMLDialogElement)
  readonly #account = find('account', HTMLDialogElement)
  readonly #profile = find('profile', HTMLDialogElement)
  readonly #room = find('room-dialog', HTMLDialogElement)
  readonly #help = find('help', HTMLDialogElement)
  readonly #confirm = find('confirm', HTMLDialogElement)
  #operation: AccountOperation = 'login'

  constructor(session: Session) {
    this.#session = session
    this.#setUpWelcome()
    this.#setUpAccount()
    this.#setUpProfile()
    this.#setUpRoom()
    for (const { usage, meaning } of COMMANDS)
      find('commands', HTMLElement).append(
        element('dt', {}, element('code', {}, usage)),
        element('dd', {}, meaning),
      )
    for (const cancel of document.querySelectorAll('[data-dismiss]'))
      cancel.addEventListener('click', () => cancel.closest('dialog')?.close())
  }

  /** Shows what has to be answered before all else. */
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

  /** There is no way around it: it cannot be cancelled. */
  #askForAccount(why: string): void {
    if (!this.#account.open) this.openAccount('login', '')
    if (why !== '') setText(find('account-error', HTMLElement), why)
  }

  openAccount(operation: AccountOperation, nick: string): void {
    this.#operation = operation
    const isNew = operation === 'register'
    find('account-title', HTMLElement).textContent = isNew ? 'Register' : 'Sign in'
    find('account-submit', HTMLElement).textContent = isNew ? 'Register' : 'Sign in'
    find('switch-account', HTMLElement).textContent = isNew ? 'Sign in instead' : 'Register instead'
    find('account-words', HTMLElement).textContent = isNew
      ? 'The name is then yours, wherever you sign in.'
      : ''
    find('password', HTMLInputElement).autocomplete = isNew ? 'new-password' : 'current-password'
    find('account-error', HTMLElement).textContent = ''
    find('account-cancel', HTMLElement).hidden = this.#session.question === 'account'
    const name = find('account-nick', HTMLInputElement)
    name.value ||= nick || (isNew ? (this.#session.user?.nick ?? '') : '')
    if (!this.#account.open) this.#account.showModal()
    if (name.value !== '') find('password', HTMLInputElement).focus()
  }

  openHelp(): void {
    this.#help.showModal()
  }

  /** Whether it is to be done. */
  confirm({ title, words, yes, no }: Confirmation): Promise<boolean> {
    find('confirm-title', HTMLElement).textContent = title
    find('confirm-words', HTMLElement).textContent = words
    find('confirm-yes', HTMLElement).textContent = yes
    find('confirm-no', HTMLElement).textContent = no
    this.#confirm.returnValue = ''
    this.#confirm.showModal()
    return new Promise(resolve => {
      const answer = () => resolve(this.#confirm.returnValue === 'yes')
      this.#confirm.addEventListener('close', answer, { once: true })
    })
  }

  #setUpWelcome(): void {
    const nick = find('nick', HTMLInputElement)
    this.#welcome.addEventListener('cancel', event => event.preventDefault())
    find('welcome-form', HTMLFormElement).addEventListener('submit', event => {
      event.preventDefault()
      if (nick.value.trim() !== '') this.#session.enterAs(nick.value.trim())
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
      this.#session.authenticate({ op: this.#operation, nick, password }).then(
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
      this.#session
        .authenticate({ op: 'logout' })
        .catch((reason: unknown) => this.#session.tell(inWords(reason)))
    })
  }

  #setUpRoom(): void {
    const name = find('room', HTMLInputElement)
    const error = find('room-error', HTMLElement)
    find('add-room', HTMLElement).addEventListener('click', () => {
      name.value = error.textContent = ''
      this.#room.showModal()
      void this.#listRooms()
    })
    find('room-form', HTMLFormElement).addEventListener('submit', event => {
      event.preventDefault()
      this.#session.enter(name.value.trim().replace(/^#/, '').normalize('NFC').toLowerCase()).then(
        () => this.#room.close(),
        (reason: unknown) => {
          error.textContent = inWords(reason)
        },
      )
    })
  }

  async #listRooms(): Promise<void> {
    const rooms = await this.#session.allRooms().catch(() => [])
    const options = rooms.map(({ room, topic }) => element('option', { value: room, label: isolate(topic) }))
    find('known-rooms', HTMLElement).replaceChildren(...options)
  }
}
