// `reconnecting` to servers that end, reject and come back.

import { WebSocketServer } from '@ws/server'
import { describe, expect, test } from 'vitest'
import {
  type ClientSocket,
  ConnectError,
  HandshakeError,
  type RetryCause,
  reconnecting,
} from '../src/index.ts'
import { failureOf } from './failure.ts'
import { RawServer } from './raw-server.ts'

async function collect(sockets: AsyncIterable<ClientSocket>): Promise<ClientSocket[]> {
  const all: ClientSocket[] = []
  for await (const socket of sockets) all.push(socket)
  return all
}

/** A server that closes its n-th socket with the n-th code. */
function closing(...codes: number[]): WebSocketServer<undefined> {
  return new WebSocketServer({ open: socket => socket.close(codes.shift() ?? 1000) })
}

describe('reconnecting', () => {
  test('yields the next socket when one has ended, until a close that is final', async () => {
    await using server = closing(4000, 1001, 1000)
    const { url } = await server.listen(0)
    const causes: RetryCause[] = []
    const attempts: number[] = []
    const codes: number[] = []
    for await (const socket of reconnecting(url, {
      retry: (cause, { attempt, delay }) => {
        causes.push(cause)
        attempts.push(attempt)
        return delay === false ? false : 0
      },
    })) {
      for await (const _ of socket) expect.unreachable()
      codes.push((await socket.closed).code)
    }
    expect(codes).toEqual([4000, 1001, 1000])
    expect(causes).toMatchObject([{ code: 4000 }, { code: 1001 }, { code: 1000 }])
    expect(attempts).toEqual([1, 2, 3])
  })

  test('waits for sockets with handlers', async () => {
    await using server = new WebSocketServer({
      message: (socket, data) => {
        socket.send(data)
        socket.close(data === 'last' ? 1000 : 1001)
      },
    })
    const { url } = await server.listen(0)
    const received: unknown[] = []
    const sockets = await collect(
      reconnecting(url, {
        open: socket => socket.send(received.length < 2 ? 'more' : 'last'),
        message: (_, data) => received.push(data),
        retry: (_, { delay }) => (delay === false ? false : 0),
      }),
    )
    expect(received).toEqual(['more', 'more', 'last'])
    expect(sockets).toHaveLength(3)
  })

  test('closes a socket with 1000 when the loop is left, whether its messages were read or not', async () => {
    await using server = new WebSocketServer({
      open: socket => socket.send('a') && socket.send('b'),
    })
    const { url } = await server.listen(0)
    let left: ClientSocket | undefined
    for await (const socket of reconnecting(url)) {
      left = socket
      break
    }
    expect(left?.state).toBe('closed')
    expect(await left?.closed).toMatchObject({ code: 1000, wasClean: true, by: 'local' })
    const thrown = async (): Promise<void> => {
      for await (const socket of reconnecting(url)) {
        left = socket
        throw new Error('mine')
      }
    }
    expect(await failureOf(thrown())).toMatchObject({ message: 'mine' })
    expect(left?.state).toBe('closed')
  })

  test('closes a socket that the loop no longer reads, and gives up after that', async () => {
    await using server = new WebSocketServer({ open: socket => socket.send('a') })
    const { url } = await server.listen(0)
    expect(await collect(reconnecting(url))).toHaveLength(1)
  })

  test('throws the error of a server that rejects', async () => {
    await using server = new WebSocketServer({ upgrade: () => new Response('no', { status: 403 }) })
    const { url } = await server.listen(0)
    const error = await failureOf(collect(reconnecting(url)))
    expect(error).toBeInstanceOf(HandshakeError)
    expect(await (error as HandshakeError).response?.text()).toBe('no')
  })

  test('tries again while the server is not there', async () => {
    const errors: unknown[] = []
    let port = 0
    await using first = closing()
    port = (await first.listen(0)).port!
    await first.close()
    await using second = closing(1000)
    const sockets = collect(
      reconnecting(`ws://127.0.0.1:${port}`, {
        retry: (cause, { delay }) => {
          errors.push(cause)
          return delay === false ? false : 5
        },
      }),
    )
    await expect.poll(() => errors.length).toBeGreaterThan(2)
    await second.listen({ port })
    expect(await sockets).toHaveLength(1)
    expect(errors[0]).toBeInstanceOf(ConnectError)
  })

  test('loses no message of an application that resumes, however its connections end', async () => {
    const total = 2000
    await using server = await RawServer.start(async (client, index) => {
      await client.accept()
      // The position, as a masked text of 4 digits.
      const frame = await client.bytes(10)
      const position = Number(unmask(frame))
      const texts: Buffer[] = []
      for (let i = position; i < total && i < position + 37 + index; i++) texts.push(text(String(i)))
      client.write(Buffer.concat(texts))
      // Some end cleanly, some are reset, and some within a frame.
      if (position + 37 + index >= total) client.write(Buffer.from([0x88, 2, 0x03, 0xe8]))
      else if (index % 3 === 0) client.socket.end(Buffer.from([0x88, 2, 0x03, 0xe9]))
      else if (index % 3 === 1) client.socket.end(Buffer.from([0x81]))
      else client.socket.resetAndDestroy()
    })
    const received: number[] = []
    let restarts = 0
    for await (const socket of reconnecting(server.url, {
      retry: (_, { delay }) => {
        restarts++
        return delay === false ? false : 0
      },
    })) {
      socket.send(String(received.length).padStart(4, '0'))
      for await (const message of socket) received.push(Number(message))
    }
    expect(received).toEqual(Array.from({ length: total }, (_, i) => i))
    expect(restarts).toBeGreaterThan(30)
    expect(server.errors).toEqual([])
  })
})

/** A server of numbers from the requested one on, which restarts after each 40 of them. */
class RestartingServer {
  restarts = 0
  port: number | undefined
  readonly #total: number
  #server: WebSocketServer<undefined> | undefined

  constructor(total: number) {
    this.#total = total
  }

  async start(): Promise<void> {
    const server = new WebSocketServer({
      message: (socket, from) => {
        const end = Math.min(Number(from) + 40, this.#total)
        for (let i = Number(from); i < end; i++) socket.send(String(i))
        if (end === this.#total) socket.close(1000)
        else void this.#restart(server)
      },
    })
    this.#server = server
    const { port } = await server.listen(this.port === undefined ? 0 : { port: this.port })
    this.port = port
  }

  async #restart(server: WebSocketServer<undefined>): Promise<void> {
    this.restarts++
    await server.close()
    await this.start()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.close()
  }
}

test('an application that resumes loses no message through 50 restarts of the server', async () => {
  const total = 51 * 40
  await using server = new RestartingServer(total)
  await server.start()
  const received: number[] = []
  for await (const socket of reconnecting(`ws://127.0.0.1:${server.port}`, {
    retry: (_, { delay }) => (delay === false ? false : 1),
  })) {
    socket.send(String(received.length))
    for await (const message of socket) received.push(Number(message))
  }
  expect(received).toEqual(Array.from({ length: total }, (_, i) => i))
  expect(server.restarts).toBe(50)
})

describe('a signal', () => {
  test('that is aborted ends the loop and closes the socket', async () => {
    await using server = new WebSocketServer({ open: socket => socket.send('a') })
    const { url } = await server.listen(0)
    const controller = new AbortController()
    const reports: unknown[] = []
    for await (const socket of reconnecting(url, { signal: controller.signal })) {
      for await (const _ of socket) controller.abort()
      reports.push(await socket.closed)
    }
    expect(reports).toMatchObject([{ code: 1000, by: 'local', wasClean: true }])
  })

  test('ends the loop during an attempt and during a delay', async () => {
    await using silent = await RawServer.start()
    for (const delay of [0, 60_000]) {
      const controller = new AbortController()
      const url = delay === 0 ? silent.url : 'ws://127.0.0.1:1'
      const sockets = collect(
        reconnecting(url, {
          signal: controller.signal,
          retry: () => {
            setImmediate(() => controller.abort())
            return delay
          },
        }),
      )
      if (delay === 0) {
        await expect.poll(() => silent.clients.length).toBe(1)
        controller.abort()
      }
      expect(await sockets).toEqual([])
    }
  })

  test('that is aborted already yields nothing', async () => {
    expect(await collect(reconnecting('ws://127.0.0.1:1', { signal: AbortSignal.abort() }))).toEqual([])
  })
})

describe('wrong arguments', () => {
  test('throw at once', () => {
    expect(() => reconnecting('nonsense')).toThrow(TypeError)
    expect(() => reconnecting('ws://a', { retry: 5 as never })).toThrow('retry must be a function')
    expect(() => reconnecting('ws://a', { maxMessageSize: -1 })).toThrow(RangeError)
    for (const options of [null, 5])
      expect(() => reconnecting('ws://a', options as never)).toThrow('options must be an object')
  })

  test('a delay that is not a number of milliseconds ends the loop with a TypeError', async () => {
    const sockets = reconnecting('ws://127.0.0.1:1', { retry: () => undefined as never })
    expect(await failureOf(collect(sockets))).toMatchObject({
      name: 'TypeError',
      message: 'retry must return false or from 0 to 2147483647 milliseconds, not undefined',
    })
  })
})

function text(data: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, data.length]), Buffer.from(data)])
}

/** The payload of a masked frame of less than 126 bytes. */
function unmask(frame: Buffer): string {
  return Buffer.from(frame.subarray(6).map((byte, i) => byte ^ frame[2 + (i % 4)]!)).toString()
}
