// Where a year ends: what is expected, its range, and the target, today and as supposed.

import { s } from '../dom.js'

const WIDTH = 200
const HEIGHT = 34
const EDGE = 6
const ROWS = { today: 9, then: 25 }

/**
 * @param {{target: number | null, today: End, then: End}} of
 * @typedef {{expected: number | null, low: number | null, high: number | null}} End
 */
export function outlookBar({ target, today, then }) {
  const figures = [target, ...[today, then].flatMap(end => [end.expected, end.high])].filter(value => value !== null)
  const most = Math.max(...figures, 0)
  if (most <= 0) return null
  const x = (/** @type {number} */ value) => EDGE + (Math.max(value, 0) / most) * (WIDTH - 2 * EDGE)
  const row = (/** @type {End} */ end, /** @type {'today' | 'then'} */ name) => {
    const y = ROWS[name]
    return [
      s('path', { class: 'outlook-track', d: `M${EDGE} ${y}H${WIDTH - EDGE}` }),
      end.low !== null &&
        end.high !== null &&
        s('path', { class: `outlook-range outlook-${name}`, d: `M${x(end.low)} ${y}H${x(end.high)}` }),
      end.expected !== null && s('circle', { class: `outlook-${name}`, cx: x(end.expected), cy: y, r: 5 }),
    ]
  }
  return s(
    'svg',
    { class: 'outlook-bar', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, 'aria-hidden': 'true' },
    row(today, 'today'),
    row(then, 'then'),
    target !== null && s('path', { class: 'outlook-target', d: `M${x(target)} 0V${HEIGHT}` }),
  )
}
