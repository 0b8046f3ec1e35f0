// Errors of the system: no file descriptors left, connections aborted before they are accepted,
// writes into broken pipes (T13 and T14 of docs/hostile-inputs.md). The server is a process of its
// own. Where the system cannot be made to fail, a test is skipped and prints why.

import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { FramePeer, text } from '@ws/server/test/frame-peer'
import { RawPeer } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { ServerApart } from './apart.ts'

/** Says why a test is skipped, if it is. */
function skipUnless(works: boolean, why: string): boolean {
  if (!works) console.log(`skipped: ${why}`)
  return !works
}

const canLimit = spawnSync('bash', ['-c', 'ulimit -n 64']).status === 0
const noLimit = skipUnless(canLimit, 'T13: there is no shell that sets ulimit -n')

test.skipIf(noLimit)(
  'T13: without file descriptors those who are in are served, and others come in later',
  async () => {
    // What Node needs for itself, and some 40 for sockets.
    await using server = await ServerApart.start({}, ['bash', '-c', 'ulimit -n 64 && exec "$@"', 'bash'])
    await using inside = await FramePeer.open(server.port)
    const crowd: RawPeer[] = []
    // An end without a byte is how those learn it whom the server has no descriptor for.
    let turnedAway = 0
    while (turnedAway < 20) {
      expect(crowd.length).toBeLessThan(300)
      const peer = await RawPeer.connect(server.port)
      crowd.push(peer)
      const away = () => void turnedAway++
      void peer.ended(20_000).then(away, away)
      await echo(inside)
    }
    for (const peer of crowd) await peer[Symbol.asyncDispose]()
    await using late = await reopen(server.port)
    await echo(late)
    await echo(inside)
    const { errors, endings } = await server.ask('account')
    expect({ errors, endings }).toEqual({ errors: [], endings: {} })
  },
)

const echoes = new WeakMap<FramePeer, number>()

async function echo(peer: FramePeer): Promise<void> {
  const count = (echoes.get(peer) ?? 0) + 1
  echoes.set(peer, count)
  await peer.send(text(`${count}`))
  expect((await peer.frames(count)).at(-1)).toBe(`text ${count}`)
}

/** Comes in as soon as there is a descriptor again. */
async function reopen(port: number): Promise<FramePeer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await FramePeer.open(port)
    } catch (error) {
      if (attempt === 20) throw error
    }
  }
}

describe('T14: errors of the system', () => {
  const probe = spawnSync('strace', ['-o', '/dev/null', '-e', 'inject=getppid:error=EPERM', 'true'])
  const noStrace = skipUnless(probe.status === 0, 'T14: strace is not here, or may not trace')
  // Only what is traced can be made to fail.
  const strace = (call: string, how: string) => {
    const expressions = ['-e', `trace=${call}`, '-e', `inject=${call}:${how}`]
    return ['strace', '-f', '-qq', '-o', '/dev/null', ...expressions]
  }

  test.skipIf(noStrace).each([
    ['accept4', 'ECONNABORTED'],
    ['accept4', 'ENOBUFS'],
    ['accept4', 'EMFILE'],
  ])('%s: %s, some of the time: the process lives, and accepts the next', async (call, error) => {
    await using server = await ServerApart.start({}, strace(call, `error=${error}:when=2..12+3`))
    const opened: FramePeer[] = []
    for (let i = 0; i < 12; i++) opened.push(await reopen(server.port))
    for (const peer of opened) await echo(peer)
    const { errors, stats } = await server.ask('glance')
    expect({ errors, open: stats.sockets }).toEqual({ errors: [], open: 12 })
    for (const peer of opened) peer.raw.reset()
  })

  test.skipIf(noStrace).each(['EPIPE', 'ECONNRESET'])(
    'writev: %s ends that connection alone, as 1006',
    async error => {
      await using server = await ServerApart.start({}, strace('writev', `error=${error}:when=2`))
      const clients = Array.from({ length: 3 }, () => new WebSocket(`ws://127.0.0.1:${server.port}/`))
      await Promise.all(clients.map(client => once(client, 'open')))
      // The header of a frame and its payload go by one writev; the second one fails.
      const answers: string[] = []
      for (const client of clients) {
        client.on('error', () => {})
        client.send('pour 1')
        answers.push(
          await Promise.race([
            once(client, 'message').then(() => 'echo'),
            once(client, 'close').then(() => 'end'),
          ]),
        )
      }
      expect(answers.filter(answer => answer === 'end')).toHaveLength(1)
      const { errors, endings, stats } = await server.ask('glance')
      expect({ errors, open: stats.sockets }).toEqual({ errors: [], open: 2 })
      expect(Object.keys(endings)).toEqual([expect.stringContaining('1006 by network: ')])
      expect(Object.keys(endings)[0]).toContain(error)
      for (const client of clients) client.terminate()
    },
  )
})
