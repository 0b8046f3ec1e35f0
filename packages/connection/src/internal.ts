/**
 * Helpers that `@ws/server` shares with this package. Not public: any release may change them, and
 * other users must depend on an exact version.
 * @module @ws/connection/internal
 */

export { callSafely, isPromiseLike } from './call-safely.ts'
export { CHANNELS } from './channels.ts'
export { CONNECTION_HANDLER_NAMES, resolveHandlers } from './handlers.ts'
export { checkCount, checkDelay, checkFlag, checkFunctions, checkNames } from './options/check.ts'
export {
  CONNECTION_OPTIONS,
  ConnectionOptionTable,
  shortestDeadline,
} from './options/connection-options.ts'
export {
  checkOptionNames,
  defaultsOf,
  type Option,
  type OptionsOf,
  resolveOptions,
  type SettingsOf,
} from './options/option.ts'
export { reportError } from './report-error.ts'
export { SlotList } from './slot-list.ts'
export { ConnectionSocket } from './socket.ts'
export { subscribeTo } from './subscribe.ts'
