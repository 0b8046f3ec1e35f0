// The appearance of a user: an isolated name, and initials on a color of their own.

import type { Author } from '../../../src/log/entry.ts'
import { makeVisible } from '../text/visible.ts'
import { element } from './element.ts'

const TONES = 8

export function nameOf({ nick }: Author): HTMLElement {
  return element('bdi', { className: 'nick' }, makeVisible(nick))
}

/** For the eye only: the name stands beside it. */
export function avatarOf({ id, nick }: Author): HTMLElement {
  const tone =
    Array.from(id).reduce((sum, character) => (sum * 31 + character.codePointAt(0)!) % 9973, 7) % TONES
  const words = nick.split(/[\s_-]+/).filter(word => word !== '')
  const initials = words.slice(0, 2).map(word => Array.from(word)[0])
  const avatar = element(
    'span',
    { className: `avatar tone-${tone}` },
    makeVisible(initials.join('').toUpperCase()),
  )
  avatar.ariaHidden = 'true'
  return avatar
}
