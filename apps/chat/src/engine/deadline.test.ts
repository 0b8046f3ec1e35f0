import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { within } from './deadline.ts'
import { Unavailable } from './engine.ts'

function block(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

test('an operation that takes too long is unavailable', async () => {
  await expect(within(1, new Promise(() => {}))).rejects.toBeInstanceOf(Unavailable)
})

test('an answer that arrived while the process was busy is in time', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [[peer]] = await Promise.all([once(server, 'connection'), once(client, 'connect')])
  const answered = within(20, once(client, 'data'))
  peer.write('answer')
  block(100)
  expect(String(await answered)).toBe('answer')
  client.destroy()
  server.close()
})
