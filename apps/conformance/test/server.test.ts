import { encodeFrame, Opcode } from '@ws/frame'
import { describe, expect, test } from 'vitest'
import { startEcho, startHttp, startOpened, startTcp } from './peers.ts'
import { exceptionsOf, runCases, verdictOf } from './run.ts'

const INFORMATIONAL = 'INFORMATIONAL / INFORMATIONAL'
const LOOSE = 'NON-STRICT / OK'

test('ws passes framing, texts and closing, and does not fail fast on invalid UTF-8', async () => {
  await using peer = await startEcho()
  const results = await runCases(peer.target, ['1.*', '2.*', '3.*', '4.*', '5.*', '6.*', '7.*', '10.*'])
  expect(exceptionsOf(results)).toEqual({
    '6.4.1': LOOSE,
    '6.4.2': LOOSE,
    '6.4.3': LOOSE,
    '6.4.4': LOOSE,
    '7.1.6': INFORMATIONAL,
    '7.13.1': INFORMATIONAL,
    '7.13.2': INFORMATIONAL,
  })
})

test('large messages, many fragments and small writes come back whole', async () => {
  await using peer = await startEcho()
  const results = await runCases(peer.target, ['9.1.6', '9.3.1', '9.4.3', '9.5.1', '9.7.1', '9.8.6'])
  expect(exceptionsOf(results)).toEqual({})
})

test('compressed messages come back with all parameters, with and without context takeover', async () => {
  await using peer = await startEcho({ perMessageDeflate: true })
  const only = ['12.2.4', '12.3.11', '12.4.5', '13.*.2']
  expect(exceptionsOf(await runCases(peer.target, only))).toEqual({})
})

test('a server without compression has not implemented the cases with compression', async () => {
  await using peer = await startEcho({ perMessageDeflate: false })
  const [behavior, close] = await verdictOf(peer.target, '12.1.1')
  expect([behavior, close]).toEqual(['UNIMPLEMENTED', 'OK'])
})

describe('a peer that is not a WebSocket server gets a verdict', () => {
  test('nothing listens', async () => {
    const peer = await startTcp(() => undefined)
    await peer[Symbol.asyncDispose]()
    const [behavior, close, why] = await verdictOf(peer.target, '1.1.1')
    expect([behavior, close]).toEqual(['FAILED', 'FAILED'])
    expect(why).toContain('ECONNREFUSED')
  })

  test('it answers 404', async () => {
    await using peer = await startHttp()
    expect(await verdictOf(peer.target, '1.1.1')).toEqual([
      'FAILED',
      'FAILED',
      'the server answered 404 instead of 101 (RFC 6455 §4.1)',
    ])
  })

  test('it speaks another protocol', async () => {
    await using peer = await startTcp(socket => socket.write('SSH-2.0-OpenSSH_9.9\r\n'))
    const [behavior, close, why] = await verdictOf(peer.target, '1.1.1')
    expect([behavior, close]).toEqual(['FAILED', 'FAILED'])
    expect(why).toBe('no response within 5 s, only "SSH-2.0-OpenSSH_9.9"')
  })

  test('it resets the connection at once', async () => {
    await using peer = await startTcp(socket => socket.resetAndDestroy())
    expect((await verdictOf(peer.target, '1.1.1')).slice(0, 2)).toEqual(['FAILED', 'FAILED'])
  })

  test('it never answers', async () => {
    await using peer = await startTcp(socket => socket.resume())
    expect(await verdictOf(peer.target, '1.1.1')).toEqual(['FAILED', 'FAILED', 'no response within 5 s'])
  })
})

describe('a WebSocket server that misbehaves gets a verdict', () => {
  test('it drops TCP after the first message', async () => {
    await using peer = await startOpened(socket => socket.once('data', () => socket.destroy()))
    expect(await verdictOf(peer.target, '1.1.2')).toEqual([
      'FAILED',
      'FAILED',
      'the events are not those expected',
    ])
  })

  test('it hangs: a case that allows 100 s ends after the patience of the tester', async () => {
    await using peer = await startOpened(socket => socket.resume())
    expect(await verdictOf(peer.target, '9.1.4', 200)).toEqual(['FAILED', 'UNCLEAN', 'no progress for 0.2 s'])
  })

  test('it stops reading in the middle of a large message', async () => {
    await using peer = await startOpened(socket => socket.pause())
    expect((await verdictOf(peer.target, '9.1.6', 200)).slice(0, 2)).toEqual(['FAILED', 'UNCLEAN'])
  })

  test('it floods the tester with messages', async () => {
    const frames = Buffer.concat(
      Array.from({ length: 1000 }, () => encodeFrame({ opcode: Opcode.text, payload: Buffer.from('x') })),
    )
    await using peer = await startOpened(socket => {
      const flood = () => {
        while (!socket.destroyed && socket.write(frames));
      }
      socket.on('drain', flood).resume()
      flood()
    })
    expect(await verdictOf(peer.target, '1.1.2')).toEqual(['FAILED', 'FAILED', 'the peer sends without end'])
  })

  test('it sends a message without end', async () => {
    const header = encodeFrame({ opcode: Opcode.binary, lengthSize: 8, payloadLength: 2 ** 40 })
    await using peer = await startOpened(socket => socket.resume().write(header))
    const [behavior, , why] = await verdictOf(peer.target, '9.1.1')
    expect([behavior, why]).toEqual(['FAILED', 'message longer than 64 MiB (RFC 6455 §10.4)'])
  })

  test('it masks its frames: the tester fails the connection', async () => {
    await using peer = await startOpened(socket => {
      socket.write(encodeFrame({ opcode: Opcode.text, payload: Buffer.from('x'), maskingKey: 1 }))
      socket.resume()
    })
    const [behavior, , why] = await verdictOf(peer.target, '1.1.2')
    expect([behavior, why]).toEqual(['FAILED', 'masked frame from a server (RFC 6455 §5.1)'])
  })

  test('it echoes other content of the right length', async () => {
    await using peer = await startOpened(socket => {
      const payload = Buffer.alloc(125, 'x')
      socket.once('data', () => socket.write(encodeFrame({ opcode: Opcode.text, payload })))
    })
    expect((await verdictOf(peer.target, '1.1.2'))[0]).toBe('FAILED')
  })

  test('it does not answer the Close', async () => {
    await using peer = await startOpened(socket => {
      socket.once('data', () => socket.write(encodeFrame({ opcode: Opcode.pong })))
    })
    expect((await verdictOf(peer.target, '2.1')).slice(0, 2)).toEqual(['OK', 'UNCLEAN'])
  })
})
