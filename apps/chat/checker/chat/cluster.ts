// A chat under test: its nodes, their store, and the networks between them.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Links, RedisLink } from './links.ts'
import { NodeProcess } from './node-process.ts'
import { RedisProcess } from './redis-process.ts'

/** The node executable. */
const MAIN = join(import.meta.dirname, '../../src/main.ts')

export interface ClusterOptions {
  readonly engine: 'sqlite' | 'redis'
  /** One with SQLite, which is for one process. */
  readonly nodes: number
  /** Redis loses the end of its log when it is killed. */
  readonly mayLose: boolean
  readonly seed: number
  /** The file for the nodes' output. */
  readonly logs: string
  /** Another program in place of ws-chat, with its first arguments. */
  readonly program?: readonly string[]
}

/** A node with its data and networks. */
export interface ClusterNode {
  readonly process: NodeProcess
  readonly links: Links
  /** Undefined without a Redis. */
  readonly redisLink?: RedisLink
}

export class Cluster implements AsyncDisposable {
  readonly nodes: readonly ClusterNode[]
  /** Undefined without one. */
  readonly redis: RedisProcess | undefined
  readonly #stack: AsyncDisposableStack

  private constructor(stack: AsyncDisposableStack, nodes: readonly ClusterNode[], redis?: RedisProcess) {
    this.#stack = stack
    this.nodes = nodes
    this.redis = redis
  }

  /** Resolves when all nodes listen. */
  static async start(options: ClusterOptions): Promise<Cluster> {
    await using stack = new AsyncDisposableStack()
    const folder = mkdtempSync(join(tmpdir(), 'verify-data-'))
    stack.defer(() => rmSync(folder, { recursive: true, force: true }))
    const { engine, mayLose, seed, logs } = options
    mkdirSync(logs, { recursive: true })
    const redis = engine === 'redis' ? stack.use(await RedisProcess.start(mayLose)) : undefined
    const nodes: ClusterNode[] = []
    for (let index = 0; index < options.nodes; index++) {
      const redisLink = redis && stack.use(await RedisLink.start(() => redis.port))
      const store = redisLink ? ['--redis', redisLink.url] : ['--data', join(folder, 'chat.db')]
      const program = [...(options.program ?? [MAIN]), ...store]
      const node = stack.use(new NodeProcess(program, join(logs, `node-${index}.log`)))
      await node.start()
      const links = stack.use(await Links.start(() => node.port, seed + index))
      nodes.push({ process: node, links, ...(redisLink && { redisLink }) })
    }
    // Disposing of the cluster ends all of it.
    const kill = () => {
      for (const node of nodes) void node.process.kill()
      redis?.abandon()
      rmSync(folder, { recursive: true, force: true })
    }
    process.once('exit', kill)
    stack.defer(() => void process.off('exit', kill))
    return new Cluster(stack.move(), nodes, redis)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }
}
