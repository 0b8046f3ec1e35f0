// The interface `EventTarget` on top of an event emitter: the listeners of `addEventListener` and of
// the `on…` properties are listeners of the emitter too, which make the event objects.

import type { EventEmitter } from 'node:events'
import { CloseEvent, type Data, ErrorEvent, Event, type EventMapOf, MessageEvent } from './events.ts'

/** The events of a `WebSocket` that have event objects. */
export type EventName = keyof EventMapOf<unknown>

/** A function, or an object with a method `handleEvent`, that receives event objects. */
export type EventHandler<E> = ((event: E) => void) | { handleEvent(event: E): void }

/** Options of `addEventListener`. */
export interface EventListenerOptions {
  /** Whether the listener is called at most once. */
  readonly once?: boolean | undefined
}

/** The emitter, and how its `close` event was clean or not. */
export interface EventSource extends EventEmitter {
  /** Whether both sides have sent a Close frame. */
  readonly wasClean: boolean
}

type AnyHandler = EventHandler<never>
type Wrapper = (...args: unknown[]) => void

/** The handler of a listener, and whether it is that of an `on…` property. */
interface Origin {
  readonly handler: AnyHandler
  readonly isProperty: boolean
}

const ORIGINS = new WeakMap<object, Origin>()

const CREATE: Readonly<Record<EventName, (target: EventSource, ...args: never[]) => object>> = {
  open: target => new Event('open', target),
  message: (target, data: Data, isBinary: boolean) =>
    new MessageEvent(target, isBinary ? data : String(data)),
  close: (target, code: number, reason: Buffer) =>
    new CloseEvent(target, { code, reason: reason.toString(), wasClean: target.wasClean }),
  error: (target, error: Error) => new ErrorEvent(target, error),
}

/** Adds a handler, unless it has been added. Does nothing for other events. */
export function addHandler(
  target: EventSource,
  type: string,
  handler: AnyHandler,
  { once = false }: EventListenerOptions = {},
): void {
  if (!isEventName(type)) return
  const isKnown = target.listeners(type).some(listener => isOf(listener, handler, false))
  if (isKnown) return
  const wrapper = wrap(target, type, handler, false)
  if (once) target.once(type, wrapper)
  else target.on(type, wrapper)
}

/** Removes a handler that `addHandler` has added. */
export function removeHandler(target: EventSource, type: string, handler: AnyHandler): void {
  for (const listener of target.listeners(type))
    if (isOf(listener, handler, false)) target.removeListener(type, listener as Wrapper)
}

/** The handler of the property `on…`. */
export function propertyHandler(target: EventSource, type: EventName): AnyHandler | null {
  for (const listener of target.listeners(type)) {
    const origin = ORIGINS.get(listener)
    if (origin?.isProperty) return origin.handler
  }
  return null
}

/** Sets the property `on…`; anything but a function removes its handler. */
export function setPropertyHandler(target: EventSource, type: EventName, handler: unknown): void {
  for (const listener of target.listeners(type))
    if (ORIGINS.get(listener)?.isProperty) target.removeListener(type, listener as Wrapper)
  if (typeof handler === 'function') target.on(type, wrap(target, type, handler as AnyHandler, true))
}

function wrap(target: EventSource, type: EventName, handler: AnyHandler, isProperty: boolean): Wrapper {
  const wrapper: Wrapper = (...args) => {
    const event = CREATE[type](target, ...(args as never[])) as never
    if (typeof handler === 'function') handler.call(target, event)
    else handler.handleEvent(event)
  }
  ORIGINS.set(wrapper, { handler, isProperty })
  return wrapper
}

function isOf(listener: object, handler: AnyHandler, isProperty: boolean): boolean {
  const origin = ORIGINS.get(listener)
  return origin?.handler === handler && origin.isProperty === isProperty
}

function isEventName(type: string): type is EventName {
  return Object.hasOwn(CREATE, type)
}
