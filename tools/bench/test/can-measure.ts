// Whether this machine can measure at all; where it cannot, what needs it is skipped.

import { checkMachine } from '@ws/testing/machine'

/** It has two cores and Linux. */
export const canMeasure: boolean = tryMachine()

function tryMachine(): boolean {
  try {
    checkMachine()
    return true
  } catch (error) {
    console.warn(`skipped: ${(error as Error).message}`)
    return false
  }
}
