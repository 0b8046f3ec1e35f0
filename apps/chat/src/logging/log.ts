// The log of the program: an event with its name and some fields. logger.ts formats it.

type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Fields of an event. Never a message, a password, a token or a search query. */
type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

/** Takes one event, `store-down` for example. Must not throw. */
export type Log = (level: LogLevel, event: string, fields?: LogFields) => void
