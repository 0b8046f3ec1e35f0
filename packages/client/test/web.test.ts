// The entry for browsers: over Node's own `WebSocket`, in a bundle, and in Chromium.

import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { prepare } from '@ws/protocol'
import { WebSocketServer } from '@ws/server'
import { inChromium, launchChromium } from '@ws/testing'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { json, sendJson } from '../src/json.ts'
import { binary, ConnectError, connect, reconnecting, text } from '../src/web/index.ts'
import { failureOf } from './failure.ts'
import { RawServer } from './raw-server.ts'

let server: WebSocketServer<undefined>
let url: string
beforeAll(async () => {
  server = new WebSocketServer({
    maxMessageSize: 2 ** 24,
    protocols: ['b'],
    message: (socket, data) => {
      if (data === 'close me') socket.close(4000, 'as you say')
      else if (data === 'terminate me') socket.terminate()
      else socket.send(data)
    },
    http: (_request, response) => response.end('<!doctype html><title>page</title>'),
  })
  url = (await server.listen(0)).url
})
afterAll(() => server.close({ timeout: 0 }))

describe('connect', () => {
  test('sends and receives what a loop reads', async () => {
    const socket = await connect(`${url}/feed?a=b`, { protocols: ['a', 'b'] })
    expect(socket).toMatchObject({ state: 'open', protocol: 'b', path: '/feed', search: '?a=b' })
    const sent = ['text', Uint8Array.of(1, 2), prepare('prepared')]
    for (const data of sent) socket.send(data)
    socket.send('as binary', { type: 'binary' })
    socket.send(new TextEncoder().encode('as text'), { type: 'text' })
    await socket.sendStream(['in ', 'pieces'])
    await socket.sendStream([Uint8Array.of(1), Uint8Array.of(2)])
    socket.send('close me')
    const received: unknown[] = []
    for await (const message of socket) received.push(message)
    expect(received).toEqual([
      'text',
      Uint8Array.of(1, 2),
      'prepared',
      new TextEncoder().encode('as binary'),
      'as text',
      'in pieces',
      Uint8Array.of(1, 2),
    ])
    expect(await socket.closed).toEqual({ code: 4000, reason: 'as you say', wasClean: true, by: 'peer' })
    expect(socket.state).toBe('closed')
    expect(socket.send('late')).toBe(false)
  })

  test('calls handlers in order and one at a time', async () => {
    const events: unknown[] = []
    const socket = await connect(url, {
      format: text,
      open: opened => {
        events.push('open')
        for (const data of ['a', 'b', 'close me']) opened.send(data)
      },
      message: async (_, data) => {
        events.push(data)
        await new Promise(setImmediate)
        events.push(data.toUpperCase())
      },
      close: (_, { code }) => events.push(code),
    })
    await socket.closed
    await expect.poll(() => events.at(-1)).toBe(4000)
    expect(events).toEqual(['open', 'a', 'A', 'b', 'B', 4000])
  })

  test('runs a session, and reports the error of a handler', async () => {
    const session = await connect(url, {
      session: async socket => {
        socket.send('x')
        for await (const message of socket) {
          expect(message).toBe('x')
          return
        }
      },
    })
    expect(await session.closed).toMatchObject({ code: 1000, by: 'local', wasClean: true })
    const errors: unknown[] = []
    const failing = await connect(url, {
      open: () => {
        throw new Error('mine')
      },
      error: error => errors.push(error),
    })
    expect(await failing.closed).toMatchObject({ code: 1011, by: 'local' })
    expect(errors).toMatchObject([{ message: 'mine' }])
  })

  test('reads JSON by a format', async () => {
    await using socket = await connect(url)
    sendJson(socket, { a: [1] })
    for await (const value of json().read(socket)) {
      expect(value).toEqual({ a: [1] })
      break
    }
  })

  test('a format closes with a code of the protocol, which is sent as one that pages may send', async () => {
    const codes: number[] = []
    await using strict = new WebSocketServer({
      open: socket => socket.send('{oops'),
      close: (_, { code }) => codes.push(code),
    })
    const { url: at } = await strict.listen(0)
    const formats = [json(), binary] as const
    for (const format of formats) {
      const errors: unknown[] = []
      const socket = await connect(at, { format, message: () => {}, error: error => errors.push(error) })
      expect((await socket.closed).code).toBe(format === binary ? 1003 : 1007)
      expect(errors).toEqual([])
    }
    await expect.poll(() => codes).toEqual([4007, 4003])
  })

  test('close drops the messages that have not been read, and ends the loop', async () => {
    await using eager = new WebSocketServer({
      open: socket => {
        for (const data of ['a', 'b', 'c']) socket.send(data)
      },
      message: (socket, data) => socket.send(data),
    })
    const socket = await connect((await eager.listen(0)).url)
    const received: unknown[] = []
    for await (const message of socket) {
      received.push(message)
      if (message === 'a') socket.send('the last')
      // By now all of them have arrived.
      await expect.poll(() => eager.stats().messagesSent).toBe(4)
      socket.close(1000)
    }
    expect(received).toEqual(['a'])
    await socket.closed
    expect(socket.state).toBe('closed')
  })

  test('keeps the byte order mark of a text, and the type of a prepared message', async () => {
    const received: unknown[] = []
    await using recording = new WebSocketServer({ message: (_, data) => received.push(data) })
    await using socket = await connect((await recording.listen(0)).url)
    socket.send(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61), { type: 'text' })
    await socket.sendStream(['\ufeff', 'b'])
    socket.send(prepare('c', { type: 'binary' }))
    await expect.poll(() => received).toEqual(['\ufeffa', '\ufeffb', Uint8Array.of(0x63)])
  })

  test('throws a TypeError for what cannot be sent', async () => {
    await using socket = await connect(url)
    for (const wrong of [undefined, null, 5, {}, [1], true, new Blob(['x'])]) {
      expect(() => socket.send(wrong as never)).toThrow(
        'message must be a string, an ArrayBuffer, a view of one or a prepared message',
      )
    }
    for (const options of [null, 5, { type: 'x' }, { typ: 'text' }])
      expect(() => socket.send('x', options as never)).toThrow(TypeError)
    expect(() => socket.send(Uint8Array.of(0xff), { type: 'text' })).toThrow(TypeError)
    await expect(socket.sendStream([Uint8Array.of(1), 'b'] as never)).rejects.toThrow(
      'a binary message has no text piece',
    )
    await expect(socket.sendStream([Uint8Array.of(97)], { type: 'text' })).rejects.toThrow(
      'a text message has no binary piece',
    )
    expect(() => socket.close(undefined, 'reason')).toThrow('a close reason needs a code')
    expect(socket.state).toBe('open')
  })

  test('aborts the signal of a socket that has closed, while its handler is pending', async () => {
    const errors: unknown[] = []
    const socket = await connect(url, {
      open: opened => opened.send('hello'),
      message: ({ signal }) => {
        socket.send('close me')
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason))
        })
      },
      error: error => errors.push(error),
    })
    expect(socket.signal.aborted).toBe(false)
    expect((await socket.closed).code).toBe(4000)
    expect(socket.signal.reason).toMatchObject({ name: 'AbortError' })
    expect(errors).toEqual([])
  })

  test('says when there is room, and calls drain', async () => {
    let drained = 0
    const socket = await connect(url, { highWaterMark: 1000, message: () => {}, drain: () => drained++ })
    expect(socket.send('x'.repeat(100_000))).toBe(false)
    await socket.ready
    expect(socket.bufferedAmount).toBeLessThan(1000)
    await expect.poll(() => drained).toBe(1)
    socket.terminate()
    expect(socket.state).toBe('closed')
    expect(await socket.closed).toMatchObject({ code: 1006, by: 'local' })
  })

  test('has both directions as streams', async () => {
    const socket = await connect(url)
    const { readable, writable } = socket.streams()
    const writer = writable.getWriter()
    await writer.write('one')
    await writer.write('close me')
    const received: unknown[] = []
    for await (const message of readable) received.push(message)
    expect(received).toEqual(['one'])
  })

  test('disposal closes with 1000 whether the messages were read or not', async () => {
    const socket = await connect(url)
    socket.send('unread')
    socket.send('unread')
    await socket[Symbol.asyncDispose]()
    expect(await socket.closed).toMatchObject({ code: 1000, by: 'local' })
  })

  test('rejects with a ConnectError, at the deadline, and when the signal is aborted', async () => {
    const error = await failureOf(connect('ws://127.0.0.1:1'))
    expect(error).toBeInstanceOf(ConnectError)
    expect(error).toMatchObject({ code: 'ERR_WS_CONNECT', message: 'cannot connect to ws://127.0.0.1:1' })
    await using silent = await RawServer.start()
    expect(await failureOf(connect(silent.url, { handshakeTimeout: 50 }))).toMatchObject({
      code: 'ERR_WS_HANDSHAKE_TIMEOUT',
    })
    const controller = new AbortController()
    const attempt = failureOf(connect(silent.url, { signal: controller.signal }))
    controller.abort(new Error('enough'))
    expect(await attempt).toMatchObject({ message: 'enough' })
    expect(await failureOf(connect(url, { signal: AbortSignal.abort() }))).toMatchObject({
      name: 'AbortError',
    })
  })

  test.each([
    [{ proxy: 'env' }, 'option "proxy" is not available on this platform (expected one of protocols, signal'],
    [{ headers: {} }, 'option "headers" is not available'],
    [{ session: () => {}, message: () => {} }, 'session takes the place of open and message'],
    [{ format: text }, 'format is that of message: give both'],
    [null, 'the options must be an object'],
    [5, 'the options must be an object'],
    [{ constructor: 5 }, 'option "constructor" is not available'],
    [{ protocols: ['a', 'a'] }, 'protocols must be distinct tokens, not a,a'],
    [{ protocols: 'a b' }, 'protocols must be distinct tokens, not a b'],
    [{ protocols: 5 }, 'protocols must be distinct tokens, not 5'],
    [{ signal: {} }, 'signal must be an AbortSignal'],
    [{ handshakeTimeout: '5' }, 'handshakeTimeout must be from 0 to 2147483647 milliseconds, not 5'],
    [{ handshakeTimeout: 2 ** 31 }, 'handshakeTimeout must be from 0 to 2147483647 milliseconds'],
    [{ highWaterMark: 0 }, 'highWaterMark must be a number above 0, not 0'],
    [{ message: 5 }, 'message must be a function, not 5'],
    [{ format: {}, message: () => {} }, 'format must be a format, such as text'],
  ])('throws a TypeError for %j', async (options, message) => {
    const error = await failureOf(connect(url, options as never))
    expect(error).toBeInstanceOf(TypeError)
    expect(String(error)).toContain(message)
    expect(() => reconnecting(url, options as never)).toThrow(TypeError)
  })

  test('throws a TypeError for other URLs, and for what the platform cannot do', async () => {
    for (const wrong of ['nonsense', 'ftp://a', 'ws://ann:secret@a', 'ws://a/#b'])
      expect(await failureOf(connect(wrong))).toBeInstanceOf(TypeError)
    const socket = await connect(url, { message: () => {} })
    expect(() => socket.ping()).toThrow(TypeError)
    expect(() => socket.pong()).toThrow(TypeError)
    expect(() => socket.send('x', { compress: true })).toThrow(TypeError)
    expect(() => socket[Symbol.asyncIterator]()).toThrow(TypeError)
    socket.close()
    await socket.closed
  })
})

test('reconnecting throws at once for a retry that is not a function', () => {
  expect(() => reconnecting(url, { retry: 5 as never })).toThrow('retry must be a function, not 5')
})

test('reconnecting yields one socket after another until the loop is left', async () => {
  let count = 0
  for await (const socket of reconnecting(url, { retry: () => 0 })) {
    if (++count === 3) break
    socket.send('terminate me')
    for await (const _ of socket) expect.unreachable()
  }
  expect(count).toBe(3)
})

async function bundle(source: string): Promise<string> {
  const build = await rolldown({
    input: 'entry',
    platform: 'browser',
    plugins: [
      {
        name: 'entry',
        resolveId: id => (id === 'entry' ? id : undefined),
        load: id => (id === 'entry' ? source : undefined),
      },
    ],
    onLog: (_level, { message }) => {
      throw new Error(message)
    },
  })
  const { output } = await build.generate({ format: 'esm', minify: true })
  await build.close()
  expect(output[0].imports).toEqual([])
  return output[0].code
}

const entry = fileURLToPath(new URL('../src/web/index.ts', import.meta.url))

test('a bundle has at most 4 kB, minified and compressed', async () => {
  const code = await bundle(`export * from ${JSON.stringify(entry)}`)
  console.log(gzipSync(code).length)
  expect(gzipSync(code).length).toBeLessThanOrEqual(4096)
})

inChromium(describe)('in Chromium', () => {
  test('a page connects, reads, reconnects, and is told of a rejection', async () => {
    const code = await bundle(`
      import { connect, reconnecting } from ${JSON.stringify(entry)}
      globalThis.result = (async () => {
        const socket = await connect('/feed')
        socket.send('hello'); socket.send('close me')
        const received = []
        for await (const message of socket) received.push(message)
        const { code } = await socket.closed
        let count = 0
        for await (const next of reconnecting(location.href, { retry: () => 0 })) {
          if (++count === 2) break
          next.send('terminate me')
          for await (const _ of next);
        }
        const failure = await connect('ws://127.0.0.1:1').catch(error => error.code)
        return { received, code, count, failure, origin: socket.origin === location.origin }
      })()`)
    await using browser = await launchChromium()
    const page = await browser.newPage()
    await page.goto(url.replace('ws:', 'http:'))
    await page.addScriptTag({ content: code, type: 'module' })
    // An inline module runs later.
    await page.waitForFunction('globalThis.result !== undefined')
    expect(await page.evaluate('globalThis.result')).toEqual({
      received: ['hello'],
      code: 4000,
      count: 2,
      failure: 'ERR_WS_CONNECT',
      origin: true,
    })
  })
})
