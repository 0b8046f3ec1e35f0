// The real proxies, with the configuration that the guide has: started on free ports, and gone with their scope.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Certificate, findFence, InstalledProgram } from '@ws/testing'
import { ROOT } from '../check/documents.ts'

/** Where the configurations are. */
export const GUIDE = 'docs/guides/behind-a-proxy.md'

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

/** Starts a proxy in front of two ports of this machine. */
export function startProxy(
  name: string,
  [one, two]: readonly [number, number],
  certificate: Certificate,
  changes: Changes = {},
): Promise<InstalledProgram> {
  const { prepare, listens } = PROXIES[name]!
  const block = findFence(readFileSync(join(ROOT, GUIDE), 'utf8'), name, 0)
  const ports = { '127.0.0.1:3001': `127.0.0.1:${one}`, '127.0.0.1:3002': `127.0.0.1:${two}` }
  return InstalledProgram.start(name, (port, folder) => {
    let configuration = block
    for (const [from, to] of [listens(port), ...Object.entries({ ...ports, ...changes })])
      configuration = swap(configuration, from, to)
    return prepare(folder, configuration, certificate)
  })
}

function swap(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`the guide has no ${from} in this configuration`)
  return text.replaceAll(from, to)
}
