// The option `http`, which answers ordinary requests.

import { once } from 'node:events'
import { get, type ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { type ServerOptions, WebSocketServer } from '../src/index.ts'

/** A listening server whose `http` fails with `error`, and the errors that are reported. */
async function listen(http: NonNullable<ServerOptions['http']>) {
  const errors: unknown[] = []
  const server = new WebSocketServer({
    http,
    error: (error, socket) => void errors.push([error, socket]),
    message: (socket, data) => socket.send(data),
  })
  const { port } = await server.listen(0)
  return { server, errors, url: `http://127.0.0.1:${port}/`, port }
}

const failure = new Error('no database')

test.each<[string, (response: ServerResponse) => unknown]>([
  ['throws', () => fail()],
  ['rejects', async () => fail()],
  ['rejects after it has set headers', async response => fail(response.setHeader('Content-Length', 100000))],
])('an http handler that %s is answered with 500 and reported, and sockets stay', async (_, http) => {
  const { server, errors, url, port } = await listen((_request, response) => http(response))
  await using _server = server
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`)
  await once(socket, 'open')
  const response = await fetch(url)
  expect([response.status, await response.text()]).toEqual([500, 'internal server error\n'])
  expect(errors).toEqual([[failure, undefined]])
  expect(server.stats()).toMatchObject({ errors: 1, sockets: 1 })
  socket.send('still here')
  const [event] = (await once(socket, 'message')) as [MessageEvent]
  expect(event.data).toBe('still here')
})

test('an http handler that fails in the middle of a response cuts it off', async () => {
  const { server, errors, url } = await listen(async (_request, response) => {
    response.writeHead(200, { 'Content-Length': 10 })
    response.write('hello')
    await new Promise(setImmediate)
    throw failure
  })
  await using _server = server
  const response = await fetch(url)
  await expect(response.text()).rejects.toThrow(TypeError)
  expect(errors).toEqual([[failure, undefined]])
})

test('an http handler that fails after its response keeps the response', async () => {
  const { server, errors, url } = await listen(async (_request, response) => {
    response.end('done')
    throw failure
  })
  await using _server = server
  expect(await (await fetch(url)).text()).toBe('done')
  expect(errors).toEqual([[failure, undefined]])
})

test('an http handler that fails after the client has left is reported', async () => {
  const { promise: left, resolve: leave } = Promise.withResolvers<void>()
  const reported = Promise.withResolvers<unknown>()
  await using server = new WebSocketServer({
    error: error => reported.resolve(error),
    async http(_request, response) {
      response.on('close', leave)
      request.destroy()
      await left
      throw failure
    },
  })
  const { port } = await server.listen(0)
  const request = get({ port, host: '127.0.0.1' }).on('error', () => undefined)
  expect(await reported.promise).toBe(failure)
})

function fail(_?: unknown): never {
  throw failure
}
