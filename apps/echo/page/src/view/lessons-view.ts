// The list of lessons, and the steps of one that is performed.

import { LESSONS, type Lesson } from '../lessons/lessons.ts'
import type { Shown } from '../lessons/teacher.ts'
import { button, element } from './element.ts'

/** The list. `perform` is undefined where the server records nothing. */
export function lessonList(perform: ((lesson: Lesson) => void) | undefined): HTMLElement {
  const list = element('ol', { className: 'lessons' })
  for (const lesson of LESSONS) {
    const start = button(lesson.title, 'lesson', () => perform?.(lesson))
    start.dataset.lesson = lesson.id
    start.disabled = perform === undefined
    list.append(element('li', {}, start, element('p', { textContent: lesson.about })))
  }
  return element(
    'article',
    {},
    element('h2', { textContent: 'Lessons' }),
    element('p', {
      className: 'soft',
      textContent:
        perform === undefined
          ? 'Lessons need the frames, which this server does not record.'
          : 'Each does something on a real connection to this server, and shows its real bytes.',
    }),
    list,
  )
}

/** The head of a lesson: its steps so far, and the way to the next lesson. */
export function lessonHead(
  lesson: Lesson,
  shown: readonly Shown[],
  current: number,
  onStep: (index: number) => void,
  onNext: (next: Lesson) => void,
): HTMLElement {
  const steps = element('p', { className: 'row-of-buttons lesson-steps' })
  for (const [i, { step }] of shown.entries()) {
    const made = button(step.label, 'step', () => onStep(i))
    made.ariaPressed = String(i === current)
    steps.append(made)
  }
  const next = LESSONS[LESSONS.indexOf(lesson) + 1]
  if (next !== undefined) steps.append(button(`Next: ${next.title} →`, 'quiet', () => onNext(next)))
  return element(
    'section',
    { className: 'lesson-head', ariaLabel: `Lesson: ${lesson.title}` },
    element('p', {
      className: 'lesson-title',
      textContent: `Lesson ${LESSONS.indexOf(lesson) + 1}: ${lesson.title}`,
    }),
    element('p', { textContent: shown[current]?.step.words ?? lesson.about }),
    steps,
  )
}
