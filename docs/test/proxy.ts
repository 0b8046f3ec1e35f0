// The real proxies, with the configuration that the guide has: started on free ports, and gone with their scope.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Certificate, type Describe, findFence } from '@ws/testing'
import { ROOT } from '../check/documents.ts'

/** Where the configurations are. */
export const GUIDE = 'docs/guides/behind-a-proxy.md'

/** Where Debian has programs that are not for everybody. */
const PATH = `${process.env.PATH}:/usr/local/sbin:/usr/sbin`
/** How often another port is tried, where somebody else was quicker to take one that was free. */
const ATTEMPTS = 5

/** A proxy: how the block of the guide becomes a run of the real program, in a folder of its own. */
interface Kind {
  /** Writes files into the folder and gives the arguments. */
  prepare(folder: string, configuration: string, certificate: Certificate): string[]
  /** Where the guide says to listen, and the same for a port on this machine. */
  readonly listens: (port: number) => readonly [string, string]
}

/** By the language of their blocks, which is the name of the program, too. */
export const PROXIES: Readonly<Record<string, Kind>> = {
  nginx: {
    listens: port => ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
    prepare(folder, configuration, { key, cert }) {
      writeFileSync(join(folder, 'app.key'), key)
      writeFileSync(join(folder, 'app.crt'), cert)
      const site = swap(configuration, '/etc/ssl/app.example.', `${folder}/app.`)
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        name => `${name}_temp_path ${folder}/${name};`,
      )
      const main = `daemon off; master_process off; pid ${folder}/pid; error_log stderr warn;
        events {} http { access_log off; ${temporary.join(' ')} ${site} }`
      writeFileSync(join(folder, 'nginx.conf'), main)
      return ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')]
    },
  },
  haproxy: {
    listens: port => ['bind :443', `bind 127.0.0.1:${port}`],
    prepare(folder, configuration, { key, cert }) {
      writeFileSync(join(folder, 'app.pem'), Buffer.concat([cert, key]))
      const text = swap(configuration, '/etc/haproxy/app.example.pem', `${folder}/app.pem`)
      writeFileSync(join(folder, 'haproxy.cfg'), `${text}\n`)
      return ['-db', '-f', join(folder, 'haproxy.cfg')]
    },
  },
}

/** What a test wants otherwise than the guide has it: texts of the configuration, and what stands there instead. */
export type Changes = Readonly<Record<string, string>>

/** A proxy that runs. */
export class ReverseProxy implements AsyncDisposable {
  readonly port: number
  readonly #child: ChildProcess
  readonly #folder: string

  private constructor(port: number, child: ChildProcess, folder: string) {
    this.port = port
    this.#child = child
    this.#folder = folder
  }

  /** Starts one in front of two ports of this machine. Rejects, with what it said, where it does not start. */
  static async start(
    name: string,
    nodes: readonly [number, number],
    certificate: Certificate,
    changes: Changes = {},
  ): Promise<ReverseProxy> {
    for (let attempt = 1; ; attempt++) {
      const port = await freePort()
      const folder = mkdtempSync(join(tmpdir(), `${name}-`))
      const outcome = await launch(name, folder, port, nodes, certificate, changes)
      if (typeof outcome !== 'string') return new ReverseProxy(port, outcome, folder)
      rmSync(folder, { recursive: true })
      if (attempt === ATTEMPTS || !/in use/i.test(outcome))
        throw new Error(`${name} did not start: ${outcome}`)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#child, 'close')
    this.#child.kill('SIGTERM')
    await gone
    rmSync(this.#folder, { recursive: true })
  }
}

/** `describe` where that proxy is installed; elsewhere one that skips its tests and says why. */
export function withProxy(name: string, describe: Describe & { readonly skip: Describe }): Describe {
  if (spawnSync(name, ['-v'], { env: { PATH } }).error === undefined) return describe
  return (title, body) => {
    console.warn(`${title}: skipped: ${name} is not installed`)
    return describe.skip(title, body)
  }
}

/** The process, once it takes connections; or what it said when it ended. */
async function launch(
  name: string,
  folder: string,
  port: number,
  [one, two]: readonly [number, number],
  certificate: Certificate,
  changes: Changes,
): Promise<ChildProcess | string> {
  const { prepare, listens } = PROXIES[name]!
  let configuration = findFence(readFileSync(join(ROOT, GUIDE), 'utf8'), name, 0)
  const ports = { '127.0.0.1:3001': `127.0.0.1:${one}`, '127.0.0.1:3002': `127.0.0.1:${two}` }
  for (const [from, to] of [listens(port), ...Object.entries({ ...ports, ...changes })])
    configuration = swap(configuration, from, to)
  const args = prepare(folder, configuration, certificate)
  const child = spawn(name, args, { env: { PATH }, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', text => {
    said += text
  })
  const ended = once(child, 'close').then(() => said)
  return (await answers(port, () => child.exitCode !== null)) ? child : await ended
}

function swap(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`the guide has no ${from} in this configuration`)
  return text.replaceAll(from, to)
}

/** A port that nobody has at the moment. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Waits until somebody takes connections there; false once there is no sense in asking. */
async function answers(port: number, isOver: () => boolean): Promise<boolean> {
  while (!isOver()) {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    const isThere = await promise
    socket.destroy()
    if (isThere) return true
  }
  return false
}
