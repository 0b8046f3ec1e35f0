// The peers of a soak, well-behaved and not: each opens one connection, does what it is made for, and says how that ended. Knows nothing of
// the server but its rules, and nothing of the network between.

import { Opcode } from '@ws/frame'
import { binary, close, FramePeer, frame, ping, text } from '@ws/server/test/frame-peer'
import { concat, hex, RawPeer, randomBytes, upgradeRequest } from '@ws/testing'

/** Says how it ended, in a few words; an ending that begins with `broken` is one that must not be. */
export type Behaviour = (port: number, random: () => number) => Promise<string>

/** Milliseconds that a peer waits for what must come, whatever the network is like. */
const PATIENCE = 20_000

/** Sends messages, reads them back, compares, closes. The one that must never fail on a network that loses nothing. */
const echo: Behaviour = (port, random) =>
  within(port, async peer => {
    const count = 1 + Math.floor(random() * 8)
    for (let i = 1; i <= count; i++) {
      const payload = randomBytes(random, Math.floor(random() ** 4 * 8000))
      const before = peer.raw.received.length
      await peer.send(random() < 0.3 ? inFragments(payload, random) : binary(payload))
      const echoed = await nextBinary(peer, i)
      if (echoed !== `binary ${payload.length} bytes`) return `broken echo: ${echoed}`
      if (!Buffer.from(peer.raw.received.subarray(before)).includes(Buffer.from(payload)))
        return 'broken echo: other bytes'
    }
    await peer.send(close(1000))
    const last = await lastOf(peer)
    return last === 'close 1000' ? last : `broken close: ${last}`
  })

/**
 * Waits until so many binary messages have come, whatever comes between them, and gives the last. Each frame that is not one is
 * answered by a pong: who has to wait for its echo is asked whether it is still there.
 */
async function nextBinary(peer: FramePeer, count: number): Promise<string | undefined> {
  for (let frames = count; ; frames++) {
    const lines = await peer.frames(frames)
    const messages = lines.filter(line => line.startsWith('binary '))
    if (messages.length >= count) return messages.at(-1)
    await peer.send(frame(Opcode.pong))
  }
}

function inFragments(payload: Uint8Array, random: () => number): Uint8Array {
  const middle = Math.floor(payload.length * random())
  const first = frame(2, payload.subarray(0, middle), { fin: false })
  return Buffer.concat([first, ping('between'), frame(0, payload.subarray(middle))])
}

/** What is sent behind the 101, and then waited for the server's end. */
function sending(make: (random: () => number) => Uint8Array): Behaviour {
  return (port, random) =>
    within(port, async peer => {
      void peer.send(make(random))
      return lastOf(peer)
    })
}

/** The last frame, when the server has ended it. */
async function lastOf(peer: FramePeer): Promise<string> {
  await peer.raw.ended(PATIENCE)
  return /^close.{0,5}/.exec((await peer.ended()).at(-1) ?? '')?.[0] ?? 'FIN without a Close'
}

/** Hears what it has published itself. */
const joiner: Behaviour = (port, random) =>
  within(port, async peer => {
    await peer.send(text('join'), text(`publish ${'x'.repeat(Math.floor(random() * 500))}`))
    await peer.frames(1)
    await peer.send(close(1001))
    return lastOf(peer)
  })

/** Reads nothing of much that it has asked for. */
const deaf: Behaviour = (port, random) =>
  within(port, async peer => {
    peer.raw.pause()
    await peer.send(text(`pour ${60 + Math.floor(random() * 40)}`))
    await peer.send(text('join'))
    // Its own end is all that it can see: the server tears it down, which TCP tells who reads on.
    await new Promise(resolve => setTimeout(resolve, 500 + 2000 * random()))
    peer.raw.resume()
    await peer.raw.ended(1000).catch(() => peer.raw.reset())
    return 'read too late'
  })

/** What a raw peer writes and how it leaves. */
function raw(
  make: (random: () => number) => string | Uint8Array,
  leave: 'stay' | 'reset' | 'end',
): Behaviour {
  return async (port, random) => {
    await using peer = await RawPeer.connect(port)
    await peer.write(make(random))
    if (leave === 'reset') {
      peer.reset()
      return 'reset by itself'
    }
    if (leave === 'end') peer.end()
    const bytes = await peer.ended(PATIENCE)
    const [, status] = /^HTTP\/1\.1 (\d+)/.exec(Buffer.from(bytes).toString('latin1')) ?? []
    return status === undefined ? 'ended without an answer' : `answered ${status}`
  }
}

/** Half of a good request. */
function half(random: () => number): string {
  const request = upgradeRequest()
  return request.slice(0, Math.floor(random() * (request.length - 4)))
}

/** Opens a WebSocket, and leaves without a word. */
function leaving(how: 'reset' | 'end'): Behaviour {
  return (port, random) =>
    within(port, async peer => {
      await peer.send(random() < 0.5 ? text('last words') : binary(new Uint8Array(500)).subarray(0, 100))
      if (how === 'reset') {
        peer.raw.reset()
        return 'reset by itself'
      }
      peer.raw.end()
      await peer.raw.ended(PATIENCE)
      return 'FIN answered by FIN'
    })
}

/** Opened, and then as it says; a refusal is an ending too. */
async function within(port: number, act: (peer: FramePeer) => Promise<string>): Promise<string> {
  const raw = await RawPeer.connect(port)
  let peer: FramePeer
  try {
    peer = await FramePeer.over(raw)
  } catch (error) {
    await raw[Symbol.asyncDispose]()
    const [, status] = /^expected 101, got HTTP\/1\.1 (\d+)/.exec(String((error as Error).message)) ?? []
    if (status === undefined) throw error
    return `refused ${status}`
  }
  try {
    return await act(peer)
  } finally {
    await peer[Symbol.asyncDispose]()
  }
}

/** Who comes to a soak. `weight` is how often; those who are `slow` to ask wait for the deadline of a request. */
export const PEERS: Readonly<
  Record<string, { readonly weight: number; readonly behave: Behaviour; readonly slow?: true }>
> = {
  echo: { weight: 40, behave: echo },
  joiner: { weight: 6, behave: joiner },
  'deaf reader': { weight: 1, behave: deaf },
  'never done with a message': {
    weight: 2,
    behave: sending(() => binary(new Uint8Array(100)).subarray(0, 50)),
  },
  'silent behind 101': { weight: 1, behave: sending(() => new Uint8Array(0)) },
  noise: {
    weight: 4,
    behave: sending(random => concat(hex('ff'), randomBytes(random, 200))),
  },
  'bad UTF-8': { weight: 3, behave: sending(() => frame(1, new Uint8Array([0xc0, 0xaf]))) },
  'too long': { weight: 2, behave: sending(() => binary(new Uint8Array(100_000))) },
  greedy: { weight: 2, behave: sending(() => Buffer.concat(Array<Uint8Array>(1000).fill(text('more')))) },
  'reset when open': { weight: 8, behave: leaving('reset') },
  'FIN when open': { weight: 5, behave: leaving('end') },
  'silent from the start': { weight: 2, behave: raw(() => '', 'stay'), slow: true },
  'half a request': { weight: 2, behave: raw(half, 'stay'), slow: true },
  'half a request, reset': { weight: 4, behave: raw(half, 'reset') },
  'half a request, FIN': { weight: 3, behave: raw(half, 'end') },
  'not HTTP': {
    weight: 3,
    behave: raw(random => concat(hex('16 03 01'), randomBytes(random, 60)), 'stay'),
  },
  'a page': {
    weight: 4,
    behave: raw(() => 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 'stay'),
  },
  'version 8': {
    weight: 2,
    behave: raw(() => upgradeRequest('/', { 'Sec-WebSocket-Version': '8' }), 'stay'),
  },
}
