import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { utf8 } from './bytes.ts'
import { headLength, RawPeer, upgradeRequest } from './raw-peer.ts'

let server: Server
let port: number

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})

afterEach(async () => {
  server.close()
  await once(server, 'close')
})

async function pair(): Promise<{ peer: RawPeer; socket: Socket }> {
  const accepted = once(server, 'connection')
  const peer = await RawPeer.connect(port)
  const [socket] = (await accepted) as [Socket]
  socket.on('error', () => undefined)
  return { peer, socket }
}

describe('RawPeer', () => {
  test('sends strings as latin1, bytes unchanged, and then FIN', async () => {
    const { peer, socket } = await pair()
    await using _ = peer
    const chunks: Buffer[] = []
    socket.on('data', chunk => chunks.push(chunk))
    await peer.write('aé')
    await peer.write(Uint8Array.of(0, 255))
    peer.end()
    await once(socket, 'end')
    expect(Buffer.concat(chunks).toString('hex')).toBe('61e900ff')
    socket.end()
    await peer.closed()
    expect(peer.localPort).toBe(undefined)
  })

  test('collects bytes that are received in any segmentation', async () => {
    const { peer, socket } = await pair()
    await using _ = peer
    const waiting = peer.until(bytes => bytes.length >= 6)
    for (const letter of 'abcdef') socket.write(letter)
    expect(new TextDecoder().decode(await waiting)).toBe('abcdef')
    socket.end('gh')
    expect(await peer.ended()).toEqual(utf8('abcdefgh'))
    peer.end()
  })

  test('returns the head of a response, and keeps the bytes after it', async () => {
    const { peer, socket } = await pair()
    await using _ = peer
    socket.write('HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody')
    expect(await peer.head()).toBe('HTTP/1.1 200 OK\r\nA: b\r\n\r\n')
    const all = await peer.until(bytes => bytes.length === 29)
    expect(headLength(all)).toBe(25)
    socket.end()
    peer.end()
  })

  test('rejects with the received bytes when the server ends, resets, or is too slow', async () => {
    const { peer, socket } = await pair()
    await using _ = peer
    socket.write('half')
    await peer.until(bytes => bytes.length === 4)
    await expect(peer.head(20)).rejects.toThrow('20 ms have passed; so far 4 bytes: "half"')
    await expect(peer.ended(20)).rejects.toThrow('no FIN: 20 ms have passed; so far 4 bytes')
    socket.end()
    await expect(peer.head()).rejects.toThrow('the other side has ended; so far 4 bytes: "half"')
    peer.end()

    const other = await pair()
    await using _other = other.peer
    other.socket.resetAndDestroy()
    await expect(other.peer.ended()).rejects.toThrow(/no FIN: the connection is gone.*; so far 0 bytes/)
  })

  test('resets the connection on `reset`', async () => {
    const { peer, socket } = await pair()
    await using _ = peer
    socket.resume()
    const failed = new Promise(resolve => socket.on('close', resolve))
    peer.reset()
    await failed
    expect(socket.errored).toMatchObject({ code: 'ECONNRESET' })
    await peer.closed()
  })

  test('holds the server back while it is paused', async () => {
    const { peer, socket } = await pair()
    await using _ = peer
    peer.pause()
    const size = 16 * 2 ** 20
    expect(socket.write(new Uint8Array(size))).toBe(false)
    peer.resume()
    await once(socket, 'drain')
    await peer.until(bytes => bytes.length === size)
    socket.end()
    peer.end()
  })

  test('destroys the connection when it is disposed', async () => {
    const { peer, socket } = await pair()
    const closed = once(socket.resume(), 'end')
    {
      await using _ = peer
    }
    await closed
    socket.end()
  })
})

describe('upgradeRequest', () => {
  test('creates the example request of RFC 6455 §1.3', () => {
    expect(upgradeRequest('/chat')).toBe(
      [
        'GET /chat HTTP/1.1',
        'Host: localhost',
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Version: 13',
        '',
        '',
      ].join('\r\n'),
    )
  })

  test('replaces, repeats, omits and adds header lines', () => {
    const request = upgradeRequest(
      '/',
      { Host: ['a', 'b'], Upgrade: undefined, Origin: 'x' },
      'POST /p HTTP/1.0',
    )
    expect(request).toMatch(
      /^POST \/p HTTP\/1\.0\r\nHost: a\r\nHost: b\r\nConnection: [\s\S]*\r\nOrigin: x\r\n\r\n$/,
    )
    expect(request).not.toContain('Upgrade: ')
  })
})
