import { encodeFrame, Opcode, ProtocolError } from '@ws/frame'
import { hex, utf8 } from '@ws/testing'
import { describe, expect, test } from 'vitest'
import { close, End, ping, ROLES, settled, text, wire } from '../../test/end.ts'
import { turn, XorExtension } from '../../test/xor.ts'
import { portableHost } from '../host.ts'
import { prepare } from './prepared-message.ts'

const turned = (message: string) => Buffer.from(turn(utf8(message))).toString()
const hexOf = (message: string) => Buffer.from(utf8(message)).toString('hex')

test.each(ROLES)('a %s writes in the order of the calls', role => {
  const end = new End(role)
  const { protocol } = end
  protocol.send('one')
  protocol.ping(utf8('two'))
  protocol.send(Uint8Array.of(3))
  protocol.pong(utf8('four'))
  protocol.close(1000, 'five')
  expect(end.written()).toEqual(['text: one', 'ping: two', 'binary: 03', 'pong: four', 'close: 1000 five'])
})

describe('a streamed message', () => {
  test('is sent fragment by fragment, with control frames between them', () => {
    const end = new End('server')
    const stream = end.protocol.stream('text')!
    stream.write('a')
    end.protocol.ping()
    end.receive(ping('theirs'))
    stream.write('b')
    expect(stream.end('c')).toBe(true)
    expect(end.written()).toEqual(['text …: a', 'ping:', 'pong: theirs', 'more …: b', 'more: c'])
  })

  test('delays later messages, which count as buffered', () => {
    const end = new End('client')
    const first = end.protocol.stream('binary')!
    expect(end.protocol.send('äö')).toBe(true)
    const second = end.protocol.stream('text')!
    second.write('second')
    second.end()
    end.protocol.send(Uint8Array.of(9))
    expect(end.written()).toEqual([])
    expect(end.protocol.bufferedLength).toBe(4 + 6 + 1)
    first.write(Uint8Array.of(1))
    expect(end.written()).toEqual(['binary …: 01'])
    first.end()
    expect(end.written()).toEqual(['more:', 'text: äö', 'text …: second', 'more:', 'binary: 09'])
    expect(end.protocol.bufferedLength).toBe(0)
  })

  test('is cut off by our Close, with the messages behind it', () => {
    const end = new End('server')
    end.protocol.send('whole')
    const stream = end.protocol.stream('text')!
    stream.write('begun')
    end.protocol.send('behind')
    end.protocol.close(1000)
    expect(end.written()).toEqual(['text: whole', 'text …: begun', 'close: 1000'])
    expect(stream.write('x')).toBe(false)
    expect(stream.end()).toBe(false)
    expect(end.protocol.bufferedLength).toBe(0)
    expect(end.written()).toEqual([])
  })

  test("is cut off by the answer to the peer's Close", () => {
    const end = new End('server')
    end.protocol.stream('text')!.write('begun')
    end.receive(close(1001))
    expect(end.written()).toEqual(['text …: begun', 'close: 1001'])
  })

  test('can only be started while the connection is open', () => {
    const end = new End('server')
    end.protocol.close()
    expect(end.protocol.stream('text')).toBeUndefined()
  })
})

describe('a prepared message', () => {
  test.each(ROLES)('of a %s is sent and buffered like any other', role => {
    const end = new End(role)
    const [words, bytes] = [prepare('äö'), prepare(Uint8Array.of(9))]
    end.protocol.send(words)
    end.protocol.send(bytes)
    expect(end.protocol.bufferedLength).toBe((role === 'server' ? 2 : 6) * 2 + 4 + 1)
    expect(end.written()).toEqual(['text: äö', 'binary: 09'])
    const stream = end.protocol.stream('text')!
    end.protocol.send(words)
    end.protocol.send(bytes)
    expect(end.protocol.bufferedLength).toBe(4 + 1)
    expect(end.written()).toEqual([])
    expect(end.protocol.outputLength).toBe(0)
    stream.end('x')
    expect(end.protocol.outputLength).toBe(end.protocol.bufferedLength)
    expect(end.written()).toEqual(['text: x', 'text: äö', 'binary: 09'])
  })

  test.each(['at once', 'later'] as const)(
    'is made something else by an extension that works %s',
    async mode => {
      const extension = new XorExtension({ mode })
      const [plain, extended] = [new End('server'), new End('server', { extension })]
      const message = prepare('one')
      for (const end of [extended, plain]) {
        end.protocol.send(message)
        end.protocol.send('two')
      }
      await settled()
      expect(extended.written()).toEqual([`text rsv4: ${turned('one')}`, `text rsv4: ${turned('two')}`])
      expect(plain.written()).toEqual(['text: one', 'text: two'])
    },
  )
})

describe.each(['at once', 'later'] as const)('an extension that works %s', mode => {
  test('is asked when a message is first in line, and marks its first frame', async () => {
    const extension = new XorExtension({ mode })
    const end = new End('server', { extension })
    end.protocol.send('one')
    const stream = end.protocol.stream('text', { compress: true })!
    stream.write('two')
    stream.end('three')
    end.protocol.send('plain', { compress: false })
    end.protocol.send(utf8('four'))
    await settled()
    expect(end.written()).toEqual([
      `text rsv4: ${turned('one')}`,
      `text rsv4 …: ${turned('two')}`,
      `more: ${turned('three')}`,
      'text: plain',
      `binary rsv4: ${hexOf(turned('four'))}`,
    ])
    expect(extension.begun).toEqual([
      { type: 'text', size: 3, options: {} },
      { type: 'text', size: undefined, options: { compress: true } },
      { type: 'text', size: 5, options: { compress: false } },
      { type: 'binary', size: 4, options: {} },
    ])
    expect(end.protocol.bufferedLength).toBe(0)
    expect(extension.rooms.every(room => room === Number.POSITIVE_INFINITY)).toBe(true)
  })

  test('delays the Close behind accepted messages, and is closed after it', async () => {
    const extension = new XorExtension({ mode })
    const end = new End('server', { extension })
    end.protocol.send('one')
    end.protocol.send('two')
    end.receive(close(1000))
    expect(end.events).toEqual(['closed cleanly by peer: 1000'])
    await settled()
    expect(end.written()).toEqual([
      `text rsv4: ${turned('one')}`,
      `text rsv4: ${turned('two')}`,
      'close: 1000',
    ])
    expect(extension).toMatchObject({ closed: 1, late: 0 })
  })

  test('fails the connection when it fails, and send returns false', async () => {
    const failure = new Error('out of memory')
    const end = new End('server', {
      extension: new XorExtension({
        mode,
        fault: () => failure,
        faultFrom: 3,
      }),
    })
    expect(end.protocol.send('ok')).toBe(true)
    expect(end.protocol.send('not')).toBe(mode === 'later')
    expect(end.protocol.send('no')).toBe(mode === 'later')
    await settled()
    expect(end.written()).toEqual([`text rsv4: ${turned('ok')}`, 'close: 1011 internal error'])
    expect(end.reports).toMatchObject([
      { code: 1011, wasClean: false, by: 'local', cause: { cause: failure } },
    ])
    expect(end.protocol).toMatchObject({ state: 'closed', bufferedLength: 0 })
    expect(end.protocol.send('more')).toBe(false)
  })

  test('fails a stream in the same way', async () => {
    const fault = () => new ProtocolError('too big', { code: 'ERR_WS_TEST', closeCode: 1009 })
    const end = new End('server', { extension: new XorExtension({ mode, fault }) })
    expect(end.protocol.stream('text')!.write('x')).toBe(mode === 'later')
    await settled()
    expect(end.written()).toEqual(['close: 1009 too big'])
  })
})

describe('an extension at work', () => {
  test('does not delay control frames, and announces its output', async () => {
    const extension = new XorExtension({ mode: 'jobs' })
    const end = new End('server', { extension })
    end.protocol.send('slow')
    end.protocol.ping(utf8('quick'))
    end.receive(ping('asked'))
    expect(end.written()).toEqual(['ping: quick', 'pong: asked'])
    expect(end.outputs).toBe(0)
    expect(end.protocol.bufferedLength).toBe(4)
    extension.jobs[0]!()
    await settled()
    expect(end.outputs).toBe(1)
    expect(end.written()).toEqual([`text rsv4: ${turned('slow')}`])
  })

  test('gets one piece at a time', async () => {
    const extension = new XorExtension({ mode: 'jobs' })
    const end = new End('server', { extension })
    for (const message of ['a', 'b', 'c']) end.protocol.send(message)
    for (let i = 0; i < 3; i++) {
      expect(extension.jobs).toHaveLength(i + 1)
      extension.jobs[i]!()
      await settled()
    }
    expect(end.written()).toHaveLength(3)
  })

  test.each([
    ['terminate', (end: End) => end.protocol.terminate(), []],
    [
      'fail',
      (end: End) => end.protocol.fail(new ProtocolError('no', { code: 'ERR_WS_TEST', closeCode: 1008 })),
      ['close: 1008 no'],
    ],
    ['the end of the transport', (end: End) => end.protocol.receiveEnd(), []],
  ])('is ignored after %s', async (_, act, written) => {
    const extension = new XorExtension({ mode: 'jobs' })
    const end = new End('server', { extension })
    end.protocol.send('lost')
    act(end)
    expect(extension.closed).toBe(1)
    extension.jobs[0]!()
    await settled()
    expect(end.written()).toEqual(written)
    expect(end).toMatchObject({ outputs: 0, protocol: { bufferedLength: 0 } })
    expect(extension.closed).toBe(1)
  })

  test("drops its messages if it fails after the peer's Close, but our Close is sent", async () => {
    let count = 0
    const extension = new XorExtension({
      mode: 'later',
      faultFrom: 0,
      fault: () => ++count && new Error('late'),
    })
    const end = new End('server', { extension })
    end.protocol.send('one')
    end.protocol.send('two')
    end.receive(close(1000))
    await settled()
    expect(end.written()).toEqual(['close: 1000'])
    expect(end.events).toEqual(['closed cleanly by peer: 1000'])
    expect(end.protocol).toMatchObject({ bufferedLength: 0, transportAction: 'end' })
    expect([count, extension.closed]).toEqual([1, 1])
  })

  test('sends one Close frame, with 1011, if it fails while our Close waits', async () => {
    const extension = new XorExtension({ mode: 'jobs', fault: () => new Error('no') })
    const end = new End('server', { extension })
    end.protocol.send('never sent')
    end.protocol.close(1000, 'done')
    for (const job of extension.jobs) job()
    await settled()
    expect(end.written()).toEqual(['close: 1011 internal error'])
    expect(end.events).toEqual(['closed abnormally by local: 1011 internal error'])
    expect(extension.closed).toBe(1)
  })

  test('may have no output for a piece', () => {
    const extension = new XorExtension()
    extension.sending = () => ({ bits: 4, transform: { write: () => undefined } })
    const end = new End('server', { extension })
    end.protocol.send('swallowed')
    expect(end.written()).toEqual(['text rsv4:'])
  })

  test('fails the connection if memory for its output cannot be allocated', async () => {
    let full = false
    const allocate = (size: number) => {
      if (full && size > 1000) throw new RangeError('Array buffer allocation failed')
      return new Uint8Array(size)
    }
    const extension = new XorExtension({ mode: 'later' })
    const end = new End('client', { extension, host: { ...portableHost, allocate } })
    end.protocol.send('x'.repeat(2000))
    full = true
    await settled()
    expect(end.written()).toEqual(['close: 1011 internal error'])
    expect(end.reports).toMatchObject([{ cause: { message: 'Array buffer allocation failed' } }])
  })
})

describe('pings while the transport is full', () => {
  test('F13: get one pong, for the newest, once it is not', () => {
    const end = new End('server')
    end.protocol.transportFull = true
    for (const payload of ['one', 'two', 'three']) end.receive(ping(payload))
    expect(end.events).toEqual(['ping: one', 'ping: two', 'ping: three'])
    expect(end.written()).toEqual([])
    end.protocol.transportFull = true
    expect(end.protocol.transportFull).toBe(true)
    end.protocol.transportFull = false
    expect(end.written()).toEqual(['pong: three'])
    end.protocol.transportFull = false
    expect(end.written()).toEqual([])
    end.receive(ping('four'))
    expect(end.written()).toEqual(['pong: four'])
  })

  test('do not keep their chunk alive', () => {
    const end = new End('server')
    end.protocol.transportFull = true
    const chunk = wire('server', ping('mine'))
    end.protocol.receive(chunk)
    chunk.fill(0)
    end.protocol.transportFull = false
    expect(end.written()).toEqual(['pong: mine'])
  })

  test('get no pong after our Close', () => {
    const end = new End('server')
    end.protocol.transportFull = true
    end.receive(ping('one'), close(1000))
    end.protocol.transportFull = false
    expect(end.written()).toEqual(['close: 1000'])
  })
})

test("messages accepted before a peer's Close are sent", () => {
  const end: End = new End('server', { on: (event, protocol) => void protocol.send(`echo of ${event}`) })
  end.receive(text('one'), text('two'), close(1000))
  expect(end.written()).toEqual(['text: echo of text: one', 'text: echo of text: two', 'close: 1000'])
})

describe('a prepared message, transformed', () => {
  const plain = 'text: for all'
  const frame = `text rsv4: ${turned('for all')}`

  test.each(['at once', 'later'] as const)(
    'is transformed once for all connections with the same key, %s',
    async mode => {
      const extensions = ['a', 'a', 'b', 'a'].map(key => new XorExtension({ mode, key }))
      const ends = extensions.map(extension => new End('server', { extension }))
      const message = prepare('for all')
      for (const { protocol } of ends) {
        protocol.send(message)
        protocol.send('own', { compress: false })
        expect(protocol.isTransforming).toBe(mode === 'later')
      }
      await settled()
      const chunks = ends.map(({ protocol }) => protocol.takeOutput())
      expect(extensions.map(({ pieces }) => pieces)).toEqual([1, 0, 1, 0])
      expect(chunks[1]![0]).toBe(chunks[0]![0])
      for (const { protocol } of ends) protocol.send(message)
      expect(ends.map(end => end.written())).toEqual(ends.map(() => [frame]))
      expect(extensions.map(({ pieces }) => pieces)).toEqual([1, 0, 1, 0])
      expect(ends.map(({ outputs }) => outputs)).toEqual(ends.map(() => (mode === 'later' ? 1 : 0)))
    },
  )

  test('is transformed by each connection without a key, or if frames are masked', () => {
    const message = prepare('for all')
    for (const [role, key] of [
      ['server', undefined],
      ['client', 'a'],
    ] as const) {
      const extensions = [1, 2].map(() => new XorExtension(key === undefined ? {} : { key }))
      for (const extension of extensions) {
        const end = new End(role, { extension })
        end.protocol.send(message)
        expect(end.written()).toEqual([frame])
      }
      expect(extensions.map(({ pieces }) => pieces)).toEqual([1, 1])
    }
  })

  test('is sent untransformed if the extension declines', () => {
    const message = prepare('for all')
    const frames = [{ compress: false }, { asIs: true, key: 'a' }, { asIs: true }].map(
      ({ compress, ...options }) => {
        const { protocol } = new End('server', { extension: new XorExtension(options) })
        protocol.send(message, compress === undefined ? undefined : { compress })
        return protocol.takeOutput()[0]!
      },
    )
    expect(frames[1]).toBe(frames[0])
    expect(frames[2]).toEqual(frames[0])
    expect(frames[0]).toEqual(encodeFrame({ opcode: Opcode.text, payload: utf8('for all') }))
  })

  test('is sent with its own options by default', () => {
    const extension = new XorExtension()
    const end = new End('server', { extension })
    const message = prepare('for all', { compress: false })
    end.protocol.send(message)
    end.protocol.send(message, { type: 'text' })
    end.protocol.send(message, { compress: true })
    expect(end.written()).toEqual([plain, plain, frame])
  })

  test('is sent even if the first connection closes', async () => {
    const message = prepare(utf8('for all'))
    const first = new XorExtension({ mode: 'jobs', key: 'a' })
    const ends = [first, new XorExtension({ key: 'a' })].map(extension => new End('server', { extension }))
    for (const { protocol } of ends) protocol.send(message)
    ends[0]!.protocol.terminate()
    for (const job of first.jobs) job()
    await settled()
    expect(ends.map(end => end.written())).toEqual([[], [`binary rsv4: ${hexOf(turned('for all'))}`]])
  })

  test('fails the connections that wait for it if its transform fails, and is tried again', async () => {
    for (const mode of ['at once', 'later'] as const) {
      const message = prepare('for all')
      const failing = () => new XorExtension({ mode, key: 'a', fault: () => new Error('no') })
      const ends = [failing(), failing()].map(extension => new End('server', { extension }))
      for (const { protocol } of ends) protocol.send(message)
      await settled()
      expect(ends.map(({ events }) => events)).toEqual(
        ends.map(() => ['closed abnormally by local: 1011 internal error']),
      )
      const end = new End('server', { extension: new XorExtension({ key: 'a' }) })
      end.protocol.send(message)
      expect(end.written()).toEqual([frame])
    }
  })
})

describe('a message that an extension sends untransformed', () => {
  test('has no reserved bits, and keeps its type', async () => {
    for (const mode of ['at once', 'later'] as const) {
      const end = new End('client', { extension: new XorExtension({ asIs: true, mode }) })
      end.protocol.send('grüß')
      end.protocol.send(hex('0102'))
      end.protocol.send('next')
      await settled()
      expect(end.written()).toEqual(['text: grüß', 'binary: 0102', 'text: next'])
    }
  })

  test('cannot be streamed', () => {
    const end = new End('server', { extension: new XorExtension({ asIs: true }) })
    end.protocol.stream('binary')!.end(hex('5a'))
    expect(end.written()).toEqual(['binary rsv4: 00'])
  })
})
