import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { addressesOf, closeServers, LOOPBACK, listenOn, resolveListenOptions } from './listen.ts'

/** Addresses for documentation, which no machine has (RFC 3849, RFC 5737). */
const ABSENT_IPV6 = '2001:db8::1'
const ABSENT_IPV4 = '192.0.2.1'

const hello = (_: unknown, response: { end(text: string): void }): void => response.end('hello')

async function fetchFrom(hosts: readonly string[], urlsOf: (port: number) => string[]): Promise<string[]> {
  const servers = await listenOn(hosts, 0, hello)
  try {
    const urls = urlsOf(addressesOf(servers)[0]!.port)
    return await Promise.all(
      urls.map(async url => (await fetch(url, { headers: { Connection: 'close' } })).text()),
    )
  } finally {
    await closeServers(servers)
  }
}

describe('listenOn', () => {
  test('listens on IPv4 and IPv6 loopback with the same free port', async () => {
    const servers = await listenOn(LOOPBACK, 0, hello)
    const addresses = addressesOf(servers)
    await closeServers(servers)
    expect(addresses.map(({ address }) => address)).toEqual(['127.0.0.1', '::1'])
    expect(new Set(addresses.map(({ port }) => port)).size).toBe(1)
    expect(addresses[0]!.port).toBeGreaterThan(0)
    const texts = await fetchFrom(LOOPBACK, port => [`http://127.0.0.1:${port}/`, `http://[::1]:${port}/`])
    expect(texts).toEqual(['hello', 'hello'])
  })

  test('listens on the IPv4 and IPv6 wildcard addresses at the same time', async () => {
    const hosts = ['0.0.0.0', '::']
    const texts = await fetchFrom(hosts, port => [`http://127.0.0.1:${port}/`, `http://[::1]:${port}/`])
    expect(texts).toEqual(['hello', 'hello'])
  })

  test('skips an IPv6 address that the machine does not have', async () => {
    const servers = await listenOn(['127.0.0.1', ABSENT_IPV6], 0, hello)
    expect(addressesOf(servers).map(({ address }) => address)).toEqual(['127.0.0.1'])
    await closeServers(servers)
  })

  test.each([
    [[ABSENT_IPV6], 'EADDRNOTAVAIL'],
    [['127.0.0.1', ABSENT_IPV4], 'EADDRNOTAVAIL'],
  ])('rejects for %j, where more than an optional IPv6 address is missing', async (hosts, code) => {
    await expect(listenOn(hosts, 0, hello)).rejects.toMatchObject({ code })
  })

  test('rejects with EADDRINUSE for a port in use, and leaves nothing open', async () => {
    const [taken] = await listenOn(['::1'], 0, hello)
    const { port } = taken!.address() as AddressInfo
    await expect(listenOn(LOOPBACK, port, hello)).rejects.toMatchObject({ code: 'EADDRINUSE' })
    const servers = await listenOn(['127.0.0.1'], port, hello)
    await closeServers([taken!, ...servers])
  })

  test('sets deadlines for receiving a request', async () => {
    const [server] = await listenOn(['127.0.0.1'], 0, hello)
    expect(server).toMatchObject({ headersTimeout: 10_000, requestTimeout: 30_000 })
    await closeServers([server!])
  })
})

describe('resolveListenOptions', () => {
  test('takes a port or options, and any free port of loopback by default', () => {
    expect(resolveListenOptions(80)).toEqual({ port: 80, hosts: LOOPBACK, signal: undefined })
    expect(resolveListenOptions({})).toEqual({ port: 0, hosts: LOOPBACK, signal: undefined })
    const { signal } = new AbortController()
    expect(resolveListenOptions({ port: 1, host: 'x', signal })).toEqual({ port: 1, hosts: ['x'], signal })
  })

  test.each([-1, 65_536, 1.5, Number.NaN, '80x', null])('throws for the port %s', port => {
    expect(() => resolveListenOptions({ port: port as number })).toThrow(RangeError)
    expect(() => resolveListenOptions({ port: port as number })).toThrow(
      'port must be an integer from 0 to 65535, got ',
    )
  })

  test.each([[[]], [''], [['127.0.0.1', '']], [[1]], [1], [null]])('throws for the hosts %j', host => {
    expect(() => resolveListenOptions({ host: host as string[] })).toThrow(
      new TypeError('host must be an address or a name, or a list of some'),
    )
  })

  test.each<[unknown, string]>([
    ['80', 'the options must be an object'],
    [null, 'the options must be an object'],
    [{ hostname: 'localhost' }, 'unknown option "hostname"'],
    [{ signal: {} }, 'signal must be an AbortSignal'],
  ])('throws for the options %j', (options, message) => {
    expect(() => resolveListenOptions(options as number)).toThrow(TypeError)
    expect(() => resolveListenOptions(options as number)).toThrow(message)
  })
})

describe('closeServers', () => {
  test('resolves for a server that does not listen', async () => {
    await closeServers([createServer()])
  })
})
