// A message whose frames were not recorded.

import { describeData } from '../connection/connection.ts'
import { utf8 } from '../decode/words.ts'
import type { MessageEntry } from '../log/entry.ts'
import { element } from './element.ts'
import { payloadView } from './payload-view.ts'

/** The view. */
export function messageView({ from, data }: MessageEntry): HTMLElement {
  const isText = typeof data === 'string'
  return element(
    'article',
    {},
    element('h2', { textContent: `Message from the ${from}` }),
    element('p', { className: 'soft', textContent: `${describeData(data)}. Its frames were not recorded.` }),
    ...payloadView(isText ? utf8(data) : data, isText),
  )
}
