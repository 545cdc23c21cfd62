/** Marks what the arrow keys stop at. */
const STOP = '[data-stop]'

/** Moves the focus between the rows of a list with the arrow keys, Home and End; use as its `keydown` listener. */
export function moveInList(event: KeyboardEvent): void {
  if (!(event.currentTarget instanceof HTMLElement) || !(event.target instanceof HTMLElement)) return
  if (!event.target.matches(STOP)) return
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>(STOP)]
  const at = stops.indexOf(event.target)
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: stops.length - 1 }[event.key]
  const stop = next === undefined ? undefined : stops[next]
  if (stop === undefined) return
  event.preventDefault()
  stop.focus()
}
