// Tables of options. A table is a class with one property per option: its name is the option's, its
// doc comment the documentation (the first sentence becomes a row in the README), its value the
// default and the check. The types of the options and of the settings are derived from the class.

import { checkNames } from './check.ts'

/** One option: users pass a `Given`, which becomes a `Setting`. */
export interface Option<Given, Setting = Given> {
  /** The setting where the option is left out. */
  readonly default: Setting
  /** The default in words, for the README, if it depends on the machine. */
  readonly defaultInWords?: string
  /** Returns the setting. Throws a `TypeError` or a `RangeError` that says what is accepted. */
  readonly validate: (name: string, given: Given) => Setting
}

/** The options as users pass them: all of a table's, each of them optional. */
export type OptionsOf<Table> = {
  readonly [Name in keyof Table]?: Table[Name] extends Option<infer Given, infer _Setting> ? Given : never
}

/** The settings of a table, complete. */
export type SettingsOf<Table> = {
  readonly [Name in keyof Table]: Table[Name] extends Option<infer _Given, infer Setting> ? Setting : never
}

/** Throws a `TypeError` for an option that is neither in the table nor among `others`. */
export function checkOptionNames(table: object, options: object, others: readonly string[] = []): void {
  checkNames(options, [...others, ...Object.keys(table)])
}

/** The default settings of a table. */
export function defaultsOf<Table extends object>(table: Table): SettingsOf<Table> {
  // A copy of the table has the right properties already. Adding as many one by one would make V8
  // store them in a hash table, which is slower to read.
  const settings = { ...table } as Record<string, unknown>
  for (const name of Object.keys(table)) settings[name] = optionOf(table, name).default
  return settings as SettingsOf<Table>
}

/**
 * Checks options, and takes what is left out or undefined from `defaults`. Throws as `validate`
 * does.
 */
export function resolveOptions<Table extends object>(
  table: Table,
  options: OptionsOf<Table>,
  defaults: SettingsOf<Table>,
): SettingsOf<Table> {
  const given = options as Readonly<Record<string, unknown>>
  const settings = { ...table, ...defaults } as Record<string, unknown>
  for (const name of Object.keys(table)) {
    if (given[name] !== undefined) settings[name] = optionOf(table, name).validate(name, given[name])
  }
  return settings as SettingsOf<Table>
}

function optionOf(table: object, name: string): Option<unknown> {
  return (table as Readonly<Record<string, Option<unknown>>>)[name]!
}
