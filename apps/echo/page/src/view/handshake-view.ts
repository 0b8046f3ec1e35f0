// The opening handshake: both heads with a sentence for each line, and the accept value step by step.

import { decodeText } from '../decode/frame.ts'
import {
  acceptSteps,
  type Handshake,
  type HeadLine,
  requestLines,
  responseLines,
} from '../decode/handshake.ts'
import { element, section } from './element.ts'
import { copyButton } from './files.ts'

/** The view. */
export function handshakeView(handshake: Handshake): HTMLElement {
  const { request, response, body, fault } = handshake
  const view = element(
    'article',
    { className: 'handshake-view' },
    element('h2', { textContent: 'Opening handshake' }),
    element('p', {
      className: 'soft',
      textContent: 'One HTTP request and one response. After them the same TCP connection carries frames.',
    }),
  )
  if (fault !== undefined)
    view.append(element('p', { className: 'fault', textContent: `${fault.message.trim()}` }))
  view.append(
    headSection('Request, from the client', request && requestLines(request), handshake.requestBytes),
  )
  const waiting = element('p', { className: 'soft', textContent: 'The server has not answered yet.' })
  if (response === undefined) view.append(section('Response, from the server', waiting))
  else view.append(headSection('Response, from the server', responseLines(response), handshake.responseBytes))
  const text = decodeText(body) ?? ''
  if (text !== '') view.append(section('Body', element('p', { className: 'text', textContent: text })))
  view.append(...acceptSection(handshake))
  return view
}

function headSection(title: string, lines: readonly HeadLine[] | undefined, bytes: Uint8Array): HTMLElement {
  const list = element('ul', { className: 'head-lines' })
  for (const { text, sentence, section: where } of lines ?? []) {
    const item = element(
      'li',
      { className: sentence === undefined ? 'other' : '' },
      element('code', { textContent: text }),
    )
    if (sentence !== undefined)
      item.append(
        element(
          'p',
          {},
          sentence,
          ' ',
          element('span', { className: 'rfc', textContent: `RFC 6455 ${where}` }),
        ),
      )
    list.append(item)
  }
  const copy = copyButton('Copy', () => new TextDecoder('latin1').decode(bytes))
  return section(title, list, copy)
}

function acceptSection(handshake: Handshake): readonly HTMLElement[] {
  const steps = acceptSteps(handshake)
  if (steps === undefined) return []
  const list = element('ol', { className: 'steps' })
  const step = (words: string, value: string): void =>
    void list.append(
      element('li', {}, element('p', { textContent: words }), element('code', { textContent: value })),
    )
  step('The key of the request.', steps.key)
  step('The GUID of the protocol is appended. It is the same for everyone.', steps.joined)
  step('SHA-1 of these 60 characters: 20 bytes.', steps.digest)
  step('The bytes in base64 are the accept value.', steps.accept)
  const isEqual = steps.sent === steps.accept
  const verdict =
    steps.sent === undefined
      ? 'The response has no accept value.'
      : isEqual
        ? '✓ The response has the same value: the server has read this request, and speaks WebSocket.'
        : `✗ The response has ${steps.sent}: the client must fail the connection.`
  return [
    section(
      'From the key to the accept value',
      list,
      element('p', { className: isEqual ? 'good' : 'bad', textContent: verdict }),
      element('p', { className: 'rfc', textContent: 'RFC 6455 §4.2.2' }),
    ),
  ]
}
