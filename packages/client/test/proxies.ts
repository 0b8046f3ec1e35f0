// Proxies for tests: they record what they are asked for, and connect to a port of this machine.

import { connect, type Socket } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { type RawClient, RawServer } from './raw-server.ts'

/** An HTTP proxy whose `requests` are the heads of CONNECT. It answers what `answer` returns. */
export async function startHttpProxy(
  port: () => number,
  {
    tls,
    answer = () => 'HTTP/1.1 200 OK\r\n\r\n',
  }: { tls?: TlsOptions; answer?: (head: string) => string } = {},
): Promise<{ server: RawServer; requests: string[] }> {
  const requests: string[] = []
  const server = await RawServer.start(async client => {
    const head = await client.head()
    requests.push(head)
    const response = answer(head)
    client.write(response)
    if (/^HTTP\/1.1 2/.test(response)) tunnel(client, port())
    else client.socket.end()
  }, tls && { tls })
  return { server, requests }
}

/** A SOCKS 5 proxy whose `requests` are the bytes that it has received. */
export async function startSocksProxy(
  port: () => number,
  { password, reply = 0 }: { password?: string; reply?: number } = {},
): Promise<{ server: RawServer; requests: Buffer[] }> {
  const requests: Buffer[] = []
  const take = async (client: RawClient, length: number): Promise<Buffer> => {
    const bytes = await client.bytes(length)
    requests.push(bytes)
    return bytes
  }
  const server = await RawServer.start(async client => {
    const [, count = 0] = await take(client, 2)
    const methods = await take(client, count)
    const method = password === undefined ? 0 : 2
    client.write(Buffer.from([5, methods.includes(method) ? method : 255]))
    if (!methods.includes(method)) return
    if (password !== undefined) {
      const [, nameLength = 0] = await take(client, 2)
      await take(client, nameLength)
      const [length = 0] = await take(client, 1)
      const given = await take(client, length)
      client.write(Buffer.from([1, given.toString() === password ? 0 : 1]))
    }
    const [, , , type] = await take(client, 4)
    await take(client, type === 1 ? 6 : type === 4 ? 18 : (await take(client, 1))[0]! + 2)
    client.write(Buffer.from([5, reply, 0, 3, 1, 97, 0, 1]))
    if (reply === 0) tunnel(client, port())
  })
  return { server, requests }
}

function tunnel({ socket, closed }: RawClient, port: number): void {
  socket.removeAllListeners('data')
  const target: Socket = connect(port, '127.0.0.1')
  target.on('error', () => socket.destroy())
  socket.pipe(target).pipe(socket)
  void closed.then(() => target.destroy())
}
