// The stage of the page's tests: a real chat that serves the page as the program does, and its
// visitors. Each test has its own.

import { fileURLToPath } from 'node:url'
import type { Page } from '@ws/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { MemoryEngine } from '../../src/engine/memory/memory-engine.ts'
import { readPage } from '../../src/http/page.ts'
import { serve } from '../../src/http/resource.ts'
import { type ChatOptions, ChatServer } from '../../src/server/chat-server.ts'
import { TestClient } from '../client.ts'
import { type VisitOptions, Visitors } from './visitors.ts'

/** The folder of the built page. */
export const PAGE = fileURLToPath(new URL('../../dist/page', import.meta.url))

/** A rate that no test waits for. */
const FAST = { perSecond: 10_000, burst: 10_000 }

/** A store that outlives the chat in front of it. */
class LastingEngine extends MemoryEngine {
  override async [Symbol.asyncDispose](): Promise<void> {
    // It is there for the next one.
  }
}

export class Scene {
  #visitors: Visitors | undefined
  #chat: ChatServer | undefined
  #engine = new LastingEngine()
  #port = 0
  #expected: RegExp | undefined

  get engine(): MemoryEngine {
    return this.#engine
  }

  /** Starts the chat, the second time on the same port with the same messages. */
  async startChat(options: Partial<ChatOptions> = {}): Promise<void> {
    const http = serve(readPage(PAGE))
    this.#chat = await ChatServer.start({
      engine: this.#engine,
      auth: 'guest',
      writeRate: FAST,
      http,
      ...options,
    })
    this.#port = (await this.#chat.listen(this.#port)).port
  }

  async stopChat(): Promise<void> {
    await this.#chat?.close({ within: 100 })
    this.#chat = undefined
  }

  /** Replaces the chat by another one, without its accounts. */
  async replaceChat(options: Partial<ChatOptions> = {}): Promise<void> {
    await this.stopChat()
    this.#engine = new LastingEngine()
    await this.startChat(options)
  }

  visit(options?: VisitOptions): Promise<Page> {
    return this.#visitors!.visit(this.#port, options)
  }

  enter(nick: string, options?: VisitOptions): Promise<Page> {
    return this.#visitors!.enter(this.#port, nick, options)
  }

  /** Says "number 1" and so on in the lobby, beside all pages. */
  async fillLobby(count: number): Promise<void> {
    for (let i = 1; i <= count; i++) await this.speak(`number ${i}`)
  }

  /** Publishes to the lobby without a page. A repeated text is the same message. */
  async speak(body: string): Promise<void> {
    const user = { id: 'speaker', nick: 'Speaker' }
    await this.#engine.publish('lobby', { kind: 'msg', data: { body }, cid: body, user })
  }

  /** A fault of the page that this test causes. */
  expectFault(fault: RegExp): void {
    this.#expected = fault
  }

  /** Another device of the user with this token reads a room up to this position. */
  async readAs(token: string, room: string, seq: number): Promise<void> {
    await using device = await TestClient.connect(this.#port)
    await device.ask('hello', { v: 1, token })
    await device.ask('join', { room })
    device.say({ t: 'read', room, seq })
    await device.ask('ping', {})
  }

  async open(): Promise<void> {
    this.#visitors = await Visitors.launch()
  }

  async begin(): Promise<void> {
    this.#engine = new LastingEngine()
    this.#port = 0
    this.#expected = undefined
    await this.startChat()
  }

  async end(): Promise<void> {
    const faults = await this.#visitors!.leave()
    await this.stopChat()
    expect(faults.filter(fault => !this.#expected?.test(fault))).toEqual([])
  }

  async close(): Promise<void> {
    await this.#visitors?.close()
  }
}

/**
 * A scene for the tests of the describe that this is called in. After each, nothing may have
 * happened that must not.
 */
export function setScene(): Scene {
  const scene = new Scene()
  beforeAll(() => scene.open())
  beforeEach(() => scene.begin())
  afterEach(() => scene.end())
  afterAll(() => scene.close())
  return scene
}
