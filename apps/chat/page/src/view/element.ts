// Making and finding elements. Texts become text, never HTML.

import { makeVisible } from '../text/visible.ts'

type Child = Node | string | undefined

/** A new element with properties and children. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<Omit<HTMLElementTagNameMap[Tag], 'children'>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag)
  Object.assign(made, properties)
  made.append(...children.filter(child => child !== undefined))
  return made
}

/** A button that does something. */
export function button(label: string, className: string, act: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button', className, textContent: label })
  made.addEventListener('click', act)
  return made
}

/**
 * A user's text, isolated: its direction and control characters do not affect the text around it.
 */
export function isolated(text: string): HTMLElement {
  return element('bdi', {}, makeVisible(text))
}

/** The element of the page with this id. Throws a TypeError if there is none of this type. */
export function find<Type extends HTMLElement>(id: string, type: new () => Type): Type {
  const found = document.getElementById(id)
  if (!(found instanceof type)) throw new TypeError(`the page has no ${type.name} named ${id}`)
  return found
}

/**
 * Sets the content where its text is another one: screen readers read a region again that is
 * written again.
 */
export function setText(target: Element, ...content: readonly (Node | string)[]): void {
  const text = content.map(each => (typeof each === 'string' ? each : each.textContent)).join('')
  if (target.textContent !== text) target.replaceChildren(...(text === '' ? [] : content))
}
