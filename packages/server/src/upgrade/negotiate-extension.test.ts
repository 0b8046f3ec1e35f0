import { validateRequest } from '@ws/handshake'
import type { Extension, ExtensionParam, NegotiableExtension } from '@ws/protocol'
import { expect, test } from 'vitest'
import { negotiateExtension } from './negotiate-extension.ts'

/** A request that offers this. */
function offering(extensions: string) {
  const rawHeaders = ['Host', 'localhost', 'Upgrade', 'websocket', 'Connection', 'Upgrade']
  rawHeaders.push('Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version', '13')
  rawHeaders.push('Sec-WebSocket-Extensions', extensions)
  const judged = validateRequest({ method: 'GET', url: '/', httpVersion: '1.1', rawHeaders })
  if (!judged.ok) throw new Error(judged.body)
  return judged
}

/** An extension that accepts an offer with `yes`, and what it was asked. */
function createExtension(name: string) {
  const asked: unknown[] = []
  const extension: NegotiableExtension = {
    name,
    offers: [],
    confirm: () => 'not asked for',
    accept(offers) {
      asked.push(offers)
      const params: readonly ExtensionParam[] = [['for', name]]
      const create = (): Extension => ({ name }) as Extension
      return offers.some(offer => offer.some(([param]) => param === 'yes')) ? { params, create } : undefined
    },
  }
  return { extension, asked }
}

test('gets its own offers, in the order of the client', () => {
  const { extension, asked } = createExtension('x')
  const negotiated = negotiateExtension(offering('x; a=1, y; yes, x; b; yes'), [extension])
  expect(asked).toEqual([
    [
      [['a', '1']],
      [
        ['b', true],
        ['yes', true],
      ],
    ],
  ])
  expect(negotiated?.header).toEqual({ name: 'x', params: [['for', 'x']] })
  expect(negotiated?.create().name).toBe('x')
})

test('the first of ours that accepts is used, and no other', () => {
  const [x, y, z] = ['x', 'y', 'z'].map(createExtension)
  const ours = [x!.extension, y!.extension, z!.extension]
  expect(negotiateExtension(offering('z; yes, y; yes, x; no'), ours)?.header.name).toBe('y')
  expect(z!.asked).toEqual([])
})

test('none, where none is offered, accepted or had', () => {
  const { extension, asked } = createExtension('x')
  expect(negotiateExtension(offering('y; yes'), [extension])).toBeUndefined()
  expect(asked).toEqual([])
  expect(negotiateExtension(offering('x; no'), [extension])).toBeUndefined()
  expect(negotiateExtension(offering('x; yes'), [])).toBeUndefined()
})
