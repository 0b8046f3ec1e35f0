// Pings and pongs wherever they can stand: each ping is answered with its own payload, at once and in order, and no pong ever is.

import { expect, test } from 'vitest'
import { expectFailure, forEachEnd } from './family.ts'
import { close, more, ping, pong, type Sent, text } from './peer.ts'

forEachEnd((connect, role) => {
  const payloads = ['', 'x', '\u0000', 'ü€😀', 'x'.repeat(124), 'x'.repeat(125)]

  test('answers a ping with the same payload, of any bytes', async () => {
    using pair = await connect()
    for (const payload of [...payloads.map(one => Buffer.from(one)), Buffer.from('ff00c080fe', 'hex')]) {
      await pair.peer.send(ping(payload))
      const answer = await pair.peer.next()
      expect(answer).toMatchObject({ opcode: 10, fin: true, rsv: 0, masked: role === 'client' })
      expect(answer!.payload.equals(payload)).toBe(true)
    }
  })

  test('answers all of many that come in one segment, and in its single bytes', async () => {
    const pings = Array.from({ length: 20 }, (_, i) => ping(`${i}`))
    const pongs = pings.map(({ payload }) => `pong ${payload as string}`)
    using pair = await connect()
    await pair.peer.send(...pings)
    expect(await pair.peer.read(20)).toEqual(pongs)
    for (const byte of pair.peer.bytes(...pings)) await pair.peer.write(Buffer.of(byte))
    expect(await pair.peer.read(20)).toEqual(pongs)
  })

  test('asks for nothing in return for a pong that it did not ask for', async () => {
    using pair = await connect()
    await pair.peer.send(...payloads.map(pong), text('and'), ...payloads.map(pong), ping('last'))
    expect(await pair.peer.read(2)).toEqual(['text and', 'pong last'])
  })

  test('takes them around and between the fragments of a message, in every choice of places', async () => {
    using pair = await connect()
    const fragments = [
      text('a', { fin: false }),
      more('b', { fin: false }),
      more('c', { fin: false }),
      more('d'),
    ]
    for (let places = 0; places < 32; places++) {
      for (const control of [ping, pong]) {
        const sent: Sent[] = []
        const expected: string[] = []
        for (let gap = 0; gap <= 4; gap++) {
          if (gap === 4) expected.push('text abcd')
          if (places & (1 << gap)) sent.push(control(`${gap}`))
          if (places & (1 << gap) && control === ping) expected.push(`pong ${gap}`)
          if (gap < 4) sent.push(fragments[gap]!)
        }
        await pair.peer.send(...sent)
        expect(await pair.peer.read(expected.length), `places ${places}`).toEqual(expected)
      }
    }
  })

  test('answers a ping between fragments before the message is complete', async () => {
    using pair = await connect()
    await pair.peer.send(text('a', { fin: false }), ping('now'))
    expect(await pair.peer.read(1)).toEqual(['pong now'])
    await pair.peer.send(more('b'))
    expect(await pair.peer.read(1)).toEqual(['text ab'])
  })

  test('answers none that comes behind a Close', async () => {
    using pair = await connect()
    await pair.peer.send(ping('before'), close(1000), ping('behind'))
    expect(await pair.peer.readAll()).toEqual(['pong before', 'close 1000'])
  })

  test('sends pings of its own, and takes the answer or a wrong one, late or twice', async () => {
    using pair = await connect()
    pair.own.ping(Buffer.from('own'))
    expect(await pair.peer.read(1)).toEqual(['ping own'])
    await pair.peer.send(pong('another'), pong('own'), pong('own'), text('x'))
    expect(await pair.peer.read(1)).toEqual(['text x'])
  })

  test.each([
    ['longer than 125 bytes', { ...ping('x'.repeat(126)) }],
    ['without FIN', { ...ping('x'), fin: false }],
    ['longer than 125 bytes, a pong', { ...pong('x'.repeat(126)) }],
    ['without FIN, a pong', { ...pong('x'), fin: false }],
  ])('fails for one that is %s', async (_, frame) => {
    using pair = await connect()
    await pair.peer.send(text('ok'), frame, text('never'))
    await expectFailure(pair, 1002, ['text ok'])
  })
})
