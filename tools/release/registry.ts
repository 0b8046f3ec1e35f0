// A registry of packages on this machine alone: it knows nothing but what is published to it, and is gone with its folder.

import { mkdirSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { runServer } from 'verdaccio'
import { plainEnvironment } from './commands.ts'

/** A registry that listens. */
export interface Registry extends AsyncDisposable {
  readonly url: string
  /** The environment for commands that shall know this registry and no other, with caches of their own. */
  readonly env: NodeJS.ProcessEnv
}

/** Starts one on a free port of the loopback address; all that it keeps is in `folder`. */
export async function startRegistry(folder: string): Promise<Registry> {
  mkdirSync(folder, { recursive: true })
  const everybody = { access: '$all', publish: '$all', unpublish: '$all' }
  const config = {
    self_path: folder,
    storage: join(folder, 'storage'),
    auth: { htpasswd: { file: join(folder, 'htpasswd') } },
    uplinks: {},
    packages: { '**': everybody },
    log: { type: 'stdout', format: 'pretty', level: 'error' },
  }
  const server = (await runServer(config as unknown as string)) as Server
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/`
  return {
    url,
    env: environmentFor(url, folder),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

function environmentFor(url: string, folder: string): NodeJS.ProcessEnv {
  const settings = join(folder, 'npmrc')
  // Whoever publishes must have a token, and this registry takes any.
  writeFileSync(settings, `registry=${url}\n${url.replace('http:', '')}:_authToken=anything\n`)
  return {
    ...plainEnvironment(),
    npm_config_userconfig: settings,
    npm_config_registry: url,
    pnpm_config_registry: url,
    npm_config_cache: join(folder, 'cache'),
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  }
}
