// Whether the person uses a finger or a pointer: a device may have both.

let isLastTouch = false

for (const type of ['pointerover', 'pointerdown'] as const)
  addEventListener(type, event => set(event.pointerType === 'touch'), true)
addEventListener('keydown', () => set(false), true)

function set(value: boolean): void {
  isLastTouch = value
}

/** Whether a finger was used last, not a pointer or a key. */
export function isTouched(): boolean {
  return isLastTouch
}
