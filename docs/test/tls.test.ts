// The programs of the guide about TLS, with certificates that OpenSSL makes for the test.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { createCertificate, type RunningProgram, startReadme } from '@ws/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client } from './client.ts'
import { FOLDER } from './programs.ts'

const server = createCertificate()
const renewed = createCertificate()
const client = createCertificate()
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(FOLDER, '.program-'))
  writeFileSync(join(folder, 'key.pem'), server.key)
  writeFileSync(join(folder, 'cert.pem'), server.cert)
  writeFileSync(join(folder, 'clients.pem'), client.cert)
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

async function start(index: number): Promise<RunningProgram & { readonly url: string }> {
  const ready = /^listening on .*port: (\d+)/
  const program = await startReadme(folder, index, ready, { document: '../guides/tls.md', args: ['0'] })
  return { ...program, url: `wss://localhost:${program.match[1]}` }
}

/** The certificate that a new connection gets, in PEM without line breaks. */
function certificateOf(url: string): Promise<string> {
  const { port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect({ port: Number(port), host: 'localhost', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().raw.toString('base64'))
      socket.destroy()
    })
    socket.once('error', reject)
  })
}

const base64Of = (pem: Buffer) => String(pem).replaceAll(/-----[A-Z ]+-----|\s/g, '')

test('a program with a certificate echoes over wss:, and ends without an error', async () => {
  await using program = await start(0)
  const socket = await Client.open(`${program.url}/echo`, [], { ca: server.cert })
  expect(await socket.ask('hello')).toBe('hello')
  const result = program.stop()
  expect(await socket.closed).toMatchObject({ code: 1001 })
  expect(await result).toMatchObject({ stderr: '', exitCode: 0 })
})

test('SIGHUP gives new connections the renewed certificate and keeps open ones', async () => {
  await using program = await start(0)
  await using socket = await Client.open(`${program.url}/echo`, [], { ca: server.cert })
  expect(await certificateOf(program.url)).toBe(base64Of(server.cert))
  writeFileSync(join(folder, 'key.pem'), renewed.key)
  writeFileSync(join(folder, 'cert.pem'), renewed.cert)
  process.kill(program.pid, 'SIGHUP')
  while ((await certificateOf(program.url)) !== base64Of(renewed.cert));
  expect(await socket.ask('still here')).toBe('still here')
  writeFileSync(join(folder, 'key.pem'), server.key)
  writeFileSync(join(folder, 'cert.pem'), server.cert)
})

test('a client certificate names the machine, and without one there is no connection', async () => {
  await using program = await start(1)
  await using socket = await Client.open(program.url, [], { ca: server.cert, ...client })
  expect(await socket.next()).toBe('hello localhost')
  await expect(Client.open(program.url, [], { ca: server.cert })).rejects.toThrow(/certificate required/i)
})
