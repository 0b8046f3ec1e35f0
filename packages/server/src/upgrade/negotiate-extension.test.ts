import { validateRequest } from '@ws/handshake'
import type { Extension, ExtensionParam, NegotiableExtension } from '@ws/protocol'
import { expect, test } from 'vitest'
import { negotiateExtension } from './negotiate-extension.ts'

function offering(extensions: string) {
  const rawHeaders = ['Host', 'localhost', 'Upgrade', 'websocket', 'Connection', 'Upgrade']
  rawHeaders.push('Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version', '13')
  rawHeaders.push('Sec-WebSocket-Extensions', extensions)
  const request = validateRequest({ method: 'GET', url: '/', httpVersion: '1.1', rawHeaders })
  if (!request.ok) throw new Error(request.body)
  return request
}

/** An extension that accepts an offer with the parameter `yes`, and the offers that it received. */
function createExtension(name: string) {
  const received: unknown[] = []
  const extension: NegotiableExtension = {
    name,
    offers: [],
    confirm: () => 'unexpected',
    accept(offers) {
      received.push(offers)
      const params: readonly ExtensionParam[] = [['for', name]]
      const create = (): Extension => ({ name }) as Extension
      return offers.some(offer => offer.some(([param]) => param === 'yes')) ? { params, create } : undefined
    },
  }
  return { extension, received }
}

test('passes an extension its own offers in the order of the client', () => {
  const { extension, received } = createExtension('x')
  const negotiated = negotiateExtension(offering('x; a=1, y; yes, x; b; yes'), [extension])
  expect(received).toEqual([
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

test("uses the first of the server's extensions that accepts", () => {
  const [x, y, z] = ['x', 'y', 'z'].map(createExtension)
  const ours = [x!.extension, y!.extension, z!.extension]
  expect(negotiateExtension(offering('z; yes, y; yes, x; no'), ours)?.header.name).toBe('y')
  expect(z!.received).toEqual([])
})

test('returns undefined if no extension is offered, accepted or configured', () => {
  const { extension, received } = createExtension('x')
  expect(negotiateExtension(offering('y; yes'), [extension])).toBeUndefined()
  expect(received).toEqual([])
  expect(negotiateExtension(offering('x; no'), [extension])).toBeUndefined()
  expect(negotiateExtension(offering('x; yes'), [])).toBeUndefined()
})
