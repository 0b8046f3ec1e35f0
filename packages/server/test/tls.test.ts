// Over TLS: an HTTPS server of one's own, with a certificate made for the occasion.

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type CloseReport, WebSocketServer } from '../src/index.ts'

function createCertificate(): { key: Buffer; cert: Buffer } {
  const directory = mkdtempSync(join(tmpdir(), 'ws-tls-'))
  try {
    const key = join(directory, 'key.pem')
    const cert = join(directory, 'cert.pem')
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2']
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    execFileSync('openssl', ['req', '-x509', ...curve, '-keyout', key, '-out', cert, ...subject], {
      stdio: 'pipe',
    })
    return { key: readFileSync(key), cert: readFileSync(cert) }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

test('messages come back, closes from both sides, and a peer that vanishes is reported', async () => {
  const certificate = createCertificate()
  const https = createServer(certificate)
  const reports: CloseReport[] = []
  const server = new WebSocketServer({
    maxMessageSize: 2 ** 24,
    message: (socket, data) => (data === 'close me' ? socket.close(4000, 'bye') : void socket.send(data)),
    close: (_, report) => void reports.push(report),
  })
  server.attach(https)
  https.listen(0, '127.0.0.1')
  await once(https, 'listening')
  const { port } = https.address() as AddressInfo
  const connect = async () => {
    const client = new WebSocket(`wss://localhost:${port}/`, {
      ca: certificate.cert,
      lookup: (_host, options, callback) =>
        options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4),
    })
    await once(client, 'open')
    return client
  }

  const client = await connect()
  for (const size of [0, 1, 126, 65_536, 2 ** 20, 2 ** 24]) {
    const bytes = Buffer.alloc(size, 'pattern')
    client.send(bytes)
    const [answer] = (await once(client, 'message')) as [Buffer]
    expect(answer.equals(bytes)).toBe(true)
  }
  client.send('close me')
  expect(await once(client, 'close')).toEqual([4000, Buffer.from('bye')])

  const second = await connect()
  second.close(4001, 'theirs')
  expect(await once(second, 'close')).toEqual([4001, Buffer.alloc(0)])

  const third = await connect()
  const closed = once(third, 'close')
  third.terminate()
  await closed
  await server.close()
  expect(reports).toMatchObject([
    { code: 4000, clean: true, by: 'local' },
    { code: 4001, reason: 'theirs', clean: true, by: 'peer' },
    { code: 1006, clean: false },
  ])
  https.close()
  await once(https, 'close')
})
