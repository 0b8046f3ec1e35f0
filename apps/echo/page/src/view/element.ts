// Making and finding elements. Texts become text, never HTML.

type Child = Node | string | undefined

/** A new element: its properties, then what is in it. */
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

/** The element of the page with this id. Throws a TypeError if there is none of this kind. */
export function find<Type extends HTMLElement>(id: string, type: new () => Type): Type {
  const found = document.getElementById(id)
  if (!(found instanceof type)) throw new TypeError(`the page has no ${type.name} named ${id}`)
  return found
}

/** A section with a heading. */
export function section(title: string, ...children: readonly Child[]): HTMLElement {
  return element('section', {}, element('h3', { textContent: title }), ...children)
}
