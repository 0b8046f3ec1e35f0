// What the chat tells whoever runs it: an event with its name and a few facts. How a line of it looks is the logger's business.

type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Facts of an event. Never a message, a password, a token or what somebody searched for. */
type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

/** Takes one event, `engine-down` for example. Must not throw. */
export type Log = (level: LogLevel, event: string, fields?: LogFields) => void
