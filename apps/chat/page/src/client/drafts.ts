// Texts that were not sent yet, by user and room. They survive a reload.

const PREFIX = 'chat.draft.'

export class Drafts {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>
  /** The storage may be full. */
  readonly #texts = new Map<string, string>()

  constructor(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>) {
    this.#storage = storage
  }

  get(user: string, room: string): string {
    const key = keyOf(user, room)
    return this.#texts.get(key) ?? this.#storage.getItem(key) ?? ''
  }

  set(user: string, room: string, text: string): void {
    const key = keyOf(user, room)
    this.#texts.set(key, text)
    try {
      if (text === '') this.#storage.removeItem(key)
      else this.#storage.setItem(key, text)
    } catch {
      // It lasts as long as the page, then.
    }
  }

  /** Removes the drafts of a user who signs out. */
  clear(user: string): void {
    const keys = Array.from({ length: this.#storage.length }, (_, i) => this.#storage.key(i)!)
    for (const key of [...keys, ...this.#texts.keys()].filter(each => each.startsWith(keyOf(user, '')))) {
      this.#texts.delete(key)
      this.#storage.removeItem(key)
    }
  }
}

function keyOf(user: string, room: string): string {
  return `${PREFIX}${user} ${room}`
}
