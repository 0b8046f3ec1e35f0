// An event emitter whose own events are typed, and which takes any other event as well, because
// programs emit events of their own on the objects of this package.

import { EventEmitter } from 'node:events'

// biome-ignore lint/suspicious/noExplicitAny: the parameters of a listener of an unknown event.
type AnyListener = (...args: any[]) => void

type Listener<Emitter, Args> = (this: Emitter, ...args: Args extends unknown[] ? Args : never) => void

/** An emitter of `Events`: names, and the arguments that listeners get. */
interface TypedEmitter<Events> extends EventEmitter {
  /** Adds a listener. */
  on<Name extends keyof Events>(name: Name, listener: Listener<this, Events[Name]>): this
  on(name: string | symbol, listener: AnyListener): this
  /** Adds a listener that is called once. */
  once<Name extends keyof Events>(name: Name, listener: Listener<this, Events[Name]>): this
  once(name: string | symbol, listener: AnyListener): this
  /** Removes a listener. */
  off<Name extends keyof Events>(name: Name, listener: Listener<this, Events[Name]>): this
  off(name: string | symbol, listener: AnyListener): this
  /** Adds a listener. */
  addListener<Name extends keyof Events>(name: Name, listener: Listener<this, Events[Name]>): this
  addListener(name: string | symbol, listener: AnyListener): this
  /** Removes a listener. */
  removeListener<Name extends keyof Events>(name: Name, listener: Listener<this, Events[Name]>): this
  removeListener(name: string | symbol, listener: AnyListener): this
}

/** The class `EventEmitter` with its static members, and with typed events. */
export type EmitterConstructor = Omit<typeof EventEmitter, 'prototype'> &
  (new <Events>() => TypedEmitter<Events>)

/** To be extended: `class WebSocket extends Emitter<WebSocketEvents>`. */
export const Emitter: EmitterConstructor = EventEmitter as EmitterConstructor
