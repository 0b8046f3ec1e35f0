// Whether the person uses a finger or a pointer: a device may have both.

let isLastTouch = false

addEventListener('pointerdown', event => set(event.pointerType === 'touch'), true)
addEventListener('keydown', () => set(false), true)

function set(value: boolean): void {
  isLastTouch = value
}

/** Whether the last thing that was pressed was the screen. */
export function isTouched(): boolean {
  return isLastTouch
}
