// Who is compared: for each server the program that runs it, and what it answers with.

import { join } from 'node:path'
import { buildOurs } from './ours.ts'
import { describePeer, installPeer } from './peers.ts'

/** What a server program is asked to do; see `servers/`. */
export type Task = 'echo' | 'echo-async' | 'publish' | 'idle' | 'hold'

/** A server that can be started. */
export interface Contender {
  readonly name: string
  /** With version, for the reader. */
  readonly description: string
  /** Sends back the frames as they came, mask and all, for it parses nothing. */
  readonly raw: boolean
  /** It has to be installed, and may be left out where that or its start fails. */
  readonly optional: boolean
  /** The tasks for which it has a program of its own, and what that is called. */
  readonly programs?: Readonly<Partial<Record<Task, string>>>
  /** The command that runs it, without the task. Installs what it needs; throws an `Error` when that cannot be had. */
  command(): readonly string[]
}

const CODECS = join(import.meta.dirname, '..', 'codec')
const SERVERS = join(import.meta.dirname, '..', 'servers')

/** Ours. */
export const OURS: Contender = {
  name: '@ws/server',
  description: `@ws/server on Node ${process.versions.node}`,
  raw: false,
  optional: false,
  command: () => [process.execPath, '--expose-gc', join(SERVERS, 'ours.ts'), buildOurs()],
}

/** Ours with an echo that ignores the result of `send`. */
export const OURS_CARELESS: Contender = {
  ...OURS,
  name: '@ws/server careless',
  description: `${OURS.description}, with a handler that ignores the result of send`,
  programs: { echo: 'echo-careless' },
}

/** Ours with an echo that reads in a loop. */
export const OURS_SESSION: Contender = {
  ...OURS,
  name: '@ws/server session',
  description: `${OURS.description}, with a session that reads in a loop`,
  programs: { echo: 'echo-session' },
}

/** Ours with compression: with its defaults, and with context takeover. */
export const OURS_DEFLATE: Contender = compressing(OURS, '', 'permessageDeflate()')
export const OURS_TAKEOVER: Contender = compressing(OURS, ' takeover', 'contextTakeover: true')

/** The floor: what a socket of Node costs that only echoes bytes. */
export const NET: Contender = {
  name: 'node:net',
  description: `bare node:net on Node ${process.versions.node}, which sends every chunk back and parses nothing`,
  raw: true,
  optional: false,
  command: () => [process.execPath, '--expose-gc', join(SERVERS, 'net.ts')],
}

/** The server that most of Node's world uses, with its native add-on. */
export const WS: Contender = {
  name: 'ws',
  description: `${describePeer('ws')} on Node ${process.versions.node}`,
  raw: false,
  optional: true,
  command: () => [process.execPath, '--expose-gc', join(SERVERS, 'ws.ts'), installPeer('ws')],
}

/** A program written for `ws` in which `@ws/compat` takes the place of `ws`. */
export const COMPAT: Contender = {
  name: '@ws/compat',
  description: `@ws/compat on Node ${process.versions.node}, under the same program as ws`,
  raw: false,
  optional: false,
  command: () => [process.execPath, '--expose-gc', join(SERVERS, 'ws.ts'), buildOurs()],
}

/** `ws` with compression: with its defaults, and without context takeover. */
export const WS_DEFLATE: Contender = compressing(WS, '', 'perMessageDeflate: true')
export const WS_NO_TAKEOVER: Contender = compressing(WS, ' no takeover', 'no context takeover either way')

/** A server in C++, for Node. */
export const UWS: Contender = {
  name: 'uWebSockets.js',
  description: `uWebSockets.js (${describePeer('uws')})`,
  raw: false,
  optional: true,
  command: () => {
    const folder = installPeer('uws')
    return [join(folder, 'node_modules/.bin/node'), '--expose-gc', join(SERVERS, 'uws.cjs'), folder]
  },
}

/** Bun's server, in C++ and Zig, on its own runtime. */
export const BUN: Contender = {
  name: 'Bun',
  description: `Bun.serve (${describePeer('bun')})`,
  raw: false,
  optional: true,
  command: () => [join(installPeer('bun'), 'node_modules/.bin/bun'), join(SERVERS, 'bun.ts')],
}

/** Bun's with compression. */
export const BUN_DEFLATE: Contender = compressing(BUN, '', 'perMessageDeflate: true')

/** The same server, told how to compress by an argument before its folder. */
function compressing(contender: Contender, how: string, setting: string): Contender {
  return {
    ...contender,
    name: `${contender.name}${how}`,
    description: `${contender.description}, ${setting}`,
    command: () => [...contender.command(), `deflate${how.replaceAll(' ', '-')}`],
  }
}

/** Ours, without a socket. */
export const OUR_CODEC: Contender = {
  name: '@ws/protocol',
  description: `@ws/protocol on Node ${process.versions.node}, with the host that @ws/server gives it`,
  raw: false,
  optional: false,
  command: () => [process.execPath, join(CODECS, 'ours.ts'), buildOurs()],
}

/** What `ws` reads and writes with, without a socket. */
export const WS_CODEC: Contender = {
  name: 'ws',
  description: `Receiver and Sender of ${describePeer('ws')} on Node ${process.versions.node}`,
  raw: false,
  optional: true,
  command: () => [process.execPath, join(CODECS, 'ws.ts'), installPeer('ws')],
}

const CLIENTS = join(import.meta.dirname, '..', 'clients')

/** Our client. */
export const OUR_CLIENT: Contender = {
  name: '@ws/client',
  description: `@ws/client on Node ${process.versions.node}`,
  raw: false,
  optional: false,
  command: () => [process.execPath, join(CLIENTS, 'ours.ts'), buildOurs()],
}

/** The client of `ws`, with its native add-on. */
export const WS_CLIENT: Contender = {
  name: 'ws',
  description: `the client of ${describePeer('ws')} on Node ${process.versions.node}`,
  raw: false,
  optional: true,
  command: () => [process.execPath, join(CLIENTS, 'ws.ts'), installPeer('ws')],
}

/** The `WebSocket` that Node has. */
export const NODE_CLIENT: Contender = {
  name: 'WebSocket',
  description: `WebSocket of Node ${process.versions.node}`,
  raw: false,
  optional: false,
  command: () => [process.execPath, join(CLIENTS, 'node.ts')],
}
