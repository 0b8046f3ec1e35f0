// Rules for changed messages: each node returns them with the last edit and the reactions of the
// log.

import type { LoggedFold, Reading } from '../journal/record.ts'
import type { Accuse, RoomJournals } from './room-journals.ts'

export function judgeChanges({ readings }: Pick<RoomJournals, 'readings'>, accuse: Accuse): void {
  for (const reading of readings) {
    const expected = foldsOf(reading)
    const given = new Map(reading.folds.map(fold => [fold[0], describe(fold)]))
    for (const seq of new Set([...expected.keys(), ...given.keys()])) {
      const [right, found] = [expected.get(seq) ?? 'unchanged', given.get(seq) ?? 'unchanged']
      if (right !== found)
        accuse('misread', `${seq} on node ${reading.node}: ${right}, and given as ${found}`)
    }
  }
}

/** Folds the entries of a log into its messages. */
function foldsOf({ entries }: Reading): ReadonlyMap<number, string> {
  const folds = new Map<number, LoggedFold>()
  for (const [, id, target] of entries) {
    if (target === undefined) continue
    const [, edit, reaction] = folds.get(target) ?? [target, '', '']
    folds.set(target, id.includes('#') ? [target, id, reaction] : [target, edit, id])
  }
  return new Map([...folds].map(([seq, fold]) => [seq, describe(fold)]))
}

function describe([, edit, reaction]: LoggedFold): string {
  return [edit && `edited to ${edit}`, reaction && `with ${reaction}`].filter(Boolean).join(' ')
}
