// Redirects and cookies.

import { connect as connectNet } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { createCertificate } from '@ws/testing'
import { CookieJar } from 'tough-cookie'
import { describe, expect, test } from 'vitest'
import { type ConnectOptions, connect, type HandshakeError } from '../src/index.ts'
import { failureOf } from './failure.ts'
import { acceptance, RawServer } from './raw-server.ts'

/** Answers `/` with 101, and other paths with a redirect to the URL after their slash. */
function redirecting(heads: string[], lines = '', status = 302): Promise<RawServer> {
  return RawServer.start(async client => {
    const head = await client.head()
    heads.push(head)
    const [, target = ''] = /^GET \/(\S*)/.exec(head) ?? []
    if (target === '') client.write(acceptance(head, lines))
    else client.write(`HTTP/1.1 ${status} Moved\r\nLocation: ${decodeURIComponent(target)}\r\n${lines}\r\n`)
  })
}

const AGAIN = 'HTTP/1.1 302 Found\r\nLocation: /again\r\n\r\n'

const headers = { authorization: 'Bearer x', cookie: 'a=1', 'proxy-authorization': 'y', 'x-own': 'z' }

describe('redirects', () => {
  test.each([301, 302, 303, 307, 308])('%i is followed', async status => {
    const heads: string[] = []
    await using server = await redirecting(heads, '', status)
    const socket = await connect(`${server.url}/%2F`, { headers })
    expect(socket.path).toBe('/')
    socket.terminate()
    expect(heads).toHaveLength(2)
    // The same origin gets the same headers.
    expect(heads[1]).toContain('authorization: Bearer x')
    await server.clients[0]!.closed
  })

  test('K5: to another origin drop what is for the first one', async () => {
    const heads: string[] = []
    const others: string[] = []
    await using server = await redirecting(heads)
    await using other = await redirecting(others)
    const away = encodeURIComponent(`http://127.0.0.1:${other.port}/${encodeURIComponent(`${server.url}/`)}`)
    const socket = await connect(`ws://ann:secret@127.0.0.1:${server.port}/${away}`, {
      headers: { ...headers, host: 'example.com' },
    })
    socket.terminate()
    expect(heads[0]).toMatch(/authorization: Bearer x(.|\r\n)*cookie: a=1(.|\r\n)*proxy-authorization: y/)
    expect(heads[0]).toContain('Host: example.com')
    // There, and back at the first.
    for (const head of [others[0], heads[1]]) {
      expect(head).not.toMatch(/authorization|cookie|example\.com/i)
      expect(head).toContain('x-own: z')
    }
    expect(others[0]).toContain(`Host: 127.0.0.1:${other.port}`)
  })

  test('keep the credentials of the URL on the same origin only', async () => {
    const heads: string[] = []
    await using server = await redirecting(heads)
    const socket = await connect(`ws://ann:secret@127.0.0.1:${server.port}/%2F`)
    socket.terminate()
    expect(heads[1]).toContain(`authorization: Basic ${Buffer.from('ann:secret').toString('base64')}`)
  })

  test('a fragment of the Location is dropped', async () => {
    await using server = await redirecting([])
    const socket = await connect(`${server.url}/%2F%23part`)
    socket.terminate()
    expect(socket.path).toBe('/')
  })

  test('K5: more than maxRedirects fail', async () => {
    await using server = await RawServer.start(async client => {
      await client.head()
      client.socket.end('HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 2\r\n\r\nhi')
    })
    const error = await failureOf(connect(`${server.url}/`))
    expect(error).toMatchObject({
      code: 'ERR_WS_TOO_MANY_REDIRECTS',
      message: `${server.url} answered 302 Found: more than 5 redirects`,
    })
    expect(await (error as HandshakeError).response?.text()).toBe('hi')
    expect(server.clients).toHaveLength(6)
    const rejection = await failureOf(connect(`${server.url}/`, { maxRedirects: 0 }))
    expect(rejection).toMatchObject({ code: 'ERR_WS_REJECTED' })
    expect((rejection as HandshakeError).response?.headers.get('location')).toBe('/again')
  })

  test.each([
    ['without a Location', '', 'it has no Location (RFC 9110 §10.2.2)'],
    ['to another scheme', 'Location: ftp://a/\r\n', 'its Location is no URL of a WebSocket'],
    ['to no URL', 'Location: http://\r\n', 'its Location is no URL of a WebSocket'],
    ['to a Unix socket', 'Location: ws+unix:///run/x:/\r\n', 'its Location is no URL of a WebSocket'],
  ])('K5: %s fail', async (_name, line, reason) => {
    await using server = await RawServer.start(async client => {
      await client.head()
      client.socket.end(`HTTP/1.1 301 Moved\r\n${line}\r\n`)
    })
    const error = await failureOf(connect(server.url))
    expect(error).toMatchObject({ code: 'ERR_WS_INVALID_REDIRECT' })
    expect(String(error)).toContain(reason)
    expect((error as HandshakeError).response?.status).toBe(301)
  })

  test('K5: from wss: to ws: fail, and from ws: to wss: are followed', async () => {
    const tls = createCertificate()
    await using plain = await redirecting([])
    await using secure = await RawServer.start(
      async client => {
        const head = await client.head()
        if (head.startsWith('GET / ')) client.write(acceptance(head))
        else client.socket.end(`HTTP/1.1 302 Found\r\nLocation: ${plain.url}/\r\n\r\n`)
      },
      { tls },
    )
    const options: ConnectOptions = { tls: { ca: tls.cert } }
    expect(await failureOf(connect(`${secure.url}/down`, options))).toMatchObject({
      code: 'ERR_WS_INVALID_REDIRECT',
      message: `${secure.url} answered 302 Found: it leads from wss: to ws:`,
    })
    expect(plain.clients).toHaveLength(0)
    const socket = await connect(`${plain.url}/${encodeURIComponent(`${secure.url}/`)}`, options)
    socket.terminate()
  })

  test('K5: to another origin do not present the client certificate there', async () => {
    const own = createCertificate()
    const presented: boolean[] = []
    const start = (answer: (head: string) => string): Promise<RawServer> =>
      RawServer.start(
        async client => {
          const { fingerprint } = (client.socket as TLSSocket).getPeerCertificate()
          presented.push(fingerprint !== undefined)
          client.write(answer(await client.head()))
        },
        { tls: { ...own, requestCert: true, rejectUnauthorized: false } },
      )
    await using other = await start(acceptance)
    await using server = await start(head =>
      head.startsWith('GET /again') ? `HTTP/1.1 302 Found\r\nLocation: ${other.url}/\r\n\r\n` : AGAIN,
    )
    const socket = await connect(server.url, { tls: { ca: own.cert, cert: own.cert, key: own.key } })
    socket.terminate()
    expect(presented).toEqual([true, true, false])
  })
})

describe('cookies', () => {
  test('of a jar of tough-cookie are sent, and those of every answer are stored', async () => {
    const heads: string[] = []
    await using server = await redirecting(
      heads,
      'Set-Cookie: b=2; Path=/\r\nSet-Cookie: bad; Domain=other.test\r\n',
    )
    const jar = new CookieJar()
    await jar.setCookie('a=1', `http://127.0.0.1:${server.port}/`)
    const socket = await connect(`${server.url}/%2F`, { cookies: jar, headers: { cookie: 'own=0' } })
    socket.terminate()
    expect(heads[0]).toContain('cookie: own=0; a=1\r\n')
    expect(heads[1]).toContain('cookie: own=0; a=1; b=2\r\n')
  })

  test('of a rejection are stored', async () => {
    await using server = await RawServer.start(async client => {
      await client.head()
      client.socket.end('HTTP/1.1 401 Unauthorized\r\nSet-Cookie: session=1\r\n\r\n')
    })
    const jar = new CookieJar()
    await failureOf(connect(server.url, { cookies: jar }))
    expect(await jar.getCookieString(`http://127.0.0.1:${server.port}/`)).toBe('session=1')
  })

  test('a jar that does not answer is given up at the deadline', async () => {
    await using server = await RawServer.start(client => client.accept('Set-Cookie: a=1\r\n'))
    const never = (): Promise<never> => new Promise(() => {})
    for (const jar of [
      { getCookieString: never, setCookie: never },
      { getCookieString: () => '', setCookie: never },
    ]) {
      const attempt = connect(server.url, { cookies: jar, handshakeTimeout: 50 })
      expect(await failureOf(attempt)).toMatchObject({ code: 'ERR_WS_HANDSHAKE_TIMEOUT' })
    }
  })

  test('a transport that closes while the jar is busy is a HandshakeError', async () => {
    await using server = await RawServer.start(client => client.accept('Set-Cookie: a=1\r\n'))
    const transport = connectNet(server.port, '127.0.0.1')
    const attempt = connect(server.url, {
      createConnection: () => transport,
      cookies: { getCookieString: () => '', setCookie: () => transport.destroy() },
    })
    expect(await failureOf(attempt)).toMatchObject({ code: 'ERR_WS_NO_RESPONSE' })
  })
})
