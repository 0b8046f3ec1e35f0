// The interface `EventTarget`: `addEventListener`, `removeEventListener`, the `on…` properties, and
// the event objects.

import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { connect, IMPLEMENTATIONS } from './implementations.ts'

describe.each(IMPLEMENTATIONS)('the event listeners of %s', (_, implementation) => {
  test('get event objects', async () => {
    const { client, socket } = await connect(implementation)
    const events: unknown[] = []
    client.addEventListener('message', ({ type, target, data }) =>
      events.push([type, target === client, data]),
    )
    client.addEventListener('close', ({ type, target, code, reason, wasClean }) =>
      events.push([type, target === client, code, reason, wasClean]),
    )
    client.addEventListener('error', ({ type, target, error, message }) =>
      events.push([type, target === client, error, message]),
    )
    const error = new Error('failed')
    client.emit('error', error)
    socket.send('text')
    socket.send(Buffer.from('bytes'))
    socket.close(1000, 'done')
    await once(client, 'close')
    expect(events).toEqual([
      ['error', true, error, 'failed'],
      ['message', true, 'text'],
      ['message', true, Buffer.from('bytes')],
      ['close', true, 1000, 'done', true],
    ])
  })

  test('get an open event, and a close event that was not clean', async () => {
    const { url } = await connect(implementation)
    const client = new implementation.WebSocket(url)
    const types: unknown[] = []
    client.addEventListener('open', ({ type, target }) => {
      types.push(type)
      target.terminate()
    })
    client.addEventListener('close', ({ code, wasClean }) => types.push(code, wasClean))
    await once(client, 'close')
    expect(types).toEqual(['open', 1006, false])
  })

  test('have enumerable properties, as in browsers', async () => {
    const { client, socket } = await connect(implementation)
    const names: string[] = []
    client.addEventListener('message', event => {
      for (const name in event) names.push(name)
    })
    socket.send('x')
    await once(client, 'message')
    expect(names.toSorted((a, b) => a.localeCompare(b))).toEqual(['data', 'target', 'type'])
  })

  test('are called with the socket as this, or as a method of an object', async () => {
    const { client, socket } = await connect(implementation)
    const seen: unknown[] = []
    const object = {
      handleEvent(this: unknown) {
        seen.push(this)
      },
    }
    client.addEventListener('message', function (this: unknown) {
      seen.push(this)
    })
    client.addEventListener('message', object)
    socket.send('x')
    await once(client, 'message')
    expect(seen).toEqual([client, object])
  })

  test('are added once, called once with the option, and removed', async () => {
    const { client, socket } = await connect(implementation)
    const calls: string[] = []
    const listener = (): void => void calls.push('listener')
    client.addEventListener('message', listener)
    client.addEventListener('message', listener)
    client.addEventListener('message', () => calls.push('once'), { once: true })
    client.addEventListener('unknown' as never, listener as never)
    for (let i = 0; i < 2; i++) {
      socket.send('x')
      await once(client, 'message')
    }
    client.removeEventListener('message', listener)
    client.removeEventListener('message', () => {})
    socket.send('x')
    await once(client, 'message')
    expect(calls).toEqual(['listener', 'once', 'listener'])
  })

  test('of on… properties replace each other, and are not those of addEventListener', async () => {
    const { client, socket } = await connect(implementation)
    const calls: string[] = []
    const listener = (): void => void calls.push('shared')
    expect(client.onmessage).toBe(null)
    client.onmessage = () => calls.push('replaced')
    client.onmessage = listener
    client.addEventListener('message', listener)
    expect(client.onmessage).toBe(listener)
    socket.send('x')
    await once(client, 'message')
    client.removeEventListener('message', listener)
    expect(client.onmessage).toBe(listener)
    client.onmessage = null
    client.onmessage = 'no function' as never
    expect(client.onmessage).toBe(null)
    socket.send('x')
    await once(client, 'message')
    expect(calls).toEqual(['shared', 'shared'])
    for (const name of ['onopen', 'onerror', 'onclose'] as const) {
      client[name] = listener
      expect(client[name]).toBe(listener)
    }
  })
})
