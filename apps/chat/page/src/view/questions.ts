// Questions before something that cannot be undone.

import { find, isolated } from './element.ts'

interface Question {
  readonly title: readonly (Node | string)[]
  readonly words: string
  readonly yes: string
}

export function askToDelete(): Promise<boolean> {
  return ask({
    title: ['Delete this message?'],
    words: 'People will see that a message was deleted, but not what it said.',
    yes: 'Delete',
  })
}

export function askToRemoveRoom(name: string): Promise<boolean> {
  return ask({
    title: [`Remove #${name}?`],
    words: "Everyone leaves it, and everything in it is deleted. This can't be undone.",
    yes: 'Remove',
  })
}

export function askToSignOut(nick: string): Promise<boolean> {
  return ask({
    title: ['Sign out and give up "', isolated(nick), '"?'],
    words:
      "You're a guest. Signing out discards your name and your rooms, and you can no longer edit or delete what you wrote. The name stays reserved for an hour, then anyone can take it. To keep it, set a password instead.",
    yes: 'Sign out',
  })
}

/** Whether the user confirms. */
function ask({ title, words, yes }: Question): Promise<boolean> {
  const dialog = find('confirm', HTMLDialogElement)
  find('confirm-title', HTMLElement).replaceChildren(...title)
  find('confirm-words', HTMLElement).textContent = words
  find('confirm-yes', HTMLElement).textContent = yes
  dialog.returnValue = ''
  dialog.showModal()
  return new Promise(resolve => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true })
  })
}
