// Plan against actual, month by month: bars are what has been reached, the line is the plan.

import { s } from '../dom.js'
import { figure, fiscalYear, fiscalYearOf, monthLong, monthShort, parts } from '../format.js'
import { t } from '../i18n.js'
import { toneOf } from '../status.js'

/**
 * @typedef {object} Points
 * @property {string[]} months
 * @property {(number | null)[]} actual
 * @property {(number | null)[]} plan
 * @property {(number | null)[]} target
 * @property {string[]} status
 * @property {string[]} flag
 * @property {string} unit
 * @property {string} measure
 */

const WIDTH = 960
const HEIGHT = 320
const BAR_MAX = 48
const PAD = { left: 72, right: 16, top: 16, bottom: 56 }

/** @param {string} title @param {Points} points */
export function planActual(title, points) {
  const { months, actual, plan, target, unit, measure } = points
  const top = ceiling(Math.max(...[actual, plan, target].flat().map(value => value ?? 0), 0))
  const step = (WIDTH - PAD.left - PAD.right) / Math.max(months.length, 1)
  const x = (/** @type {number} */ index) => PAD.left + step * (index + 0.5)
  const y = (/** @type {number} */ value) =>
    HEIGHT - PAD.bottom - (Math.max(value, 0) / top) * (HEIGHT - PAD.top - PAD.bottom)
  const base = y(0)
  const bar = Math.min(step * 0.68, BAR_MAX)
  const last = actual.findLastIndex(value => value !== null)
  const description =
    last < 0
      ? t('plan_actual.none')
      : t('plan_actual.description', {
          month: monthLong(months[last]),
          actual: figure(actual[last], unit, measure),
          plan: figure(plan[last], unit, measure),
        })
  return s(
    'svg',
    { class: 'plan-actual', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': `${title}。${description}` },
    s('title', null, title),
    s('desc', null, description),
    ticks(top).map(value =>
      s(
        'g',
        { class: 'axis' },
        s('line', { x1: PAD.left, x2: WIDTH - PAD.right, y1: y(value), y2: y(value) }),
        s('text', { x: PAD.left - 8, y: y(value) + 4, 'text-anchor': 'end' }, figure(value, unit, measure)),
      ),
    ),
    years(months).map(({ from, to, year }) =>
      s(
        'g',
        { class: 'year' },
        s('line', { x1: x(from) - step / 2, x2: x(from) - step / 2, y1: PAD.top, y2: base + 36 }),
        s('text', { x: (x(from) + x(to)) / 2, y: base + 38, 'text-anchor': 'middle' }, fiscalYear(year)),
      ),
    ),
    months.map(
      (month, index) =>
        labelled(month, months.length) &&
        s('text', { class: 'month', x: x(index), y: base + 18, 'text-anchor': 'middle' }, monthShort(month)),
    ),
    actual.map((value, index) =>
      value === null
        ? null
        : s(
            'g',
            null,
            s('title', null, `${monthLong(months[index])} ${figure(value, unit, measure)}`),
            s('rect', {
              class: `bar-${toneOf(points.status[index] ?? '', points.flag[index] ?? '')}`,
              x: x(index) - bar / 2,
              width: bar,
              y: Math.min(y(value), base - 2),
              height: Math.max(base - y(value), 2),
              rx: 2,
            }),
          ),
    ),
    lines(plan, x, y).map(d => s('path', { class: 'plan-line', d })),
    plan.map((value, index) =>
      value === null
        ? null
        : s('circle', { class: 'plan-point', cx: x(index), cy: y(value), r: months.length > 24 ? 2 : 3 }),
    ),
    lines(target, x, y, step / 2).map(d => s('path', { class: 'target-line', d })),
  )
}

/** A round number at or above the greatest figure. @param {number} greatest */
function ceiling(greatest) {
  if (greatest <= 0) return 1
  const size = 10 ** Math.floor(Math.log10(greatest))
  return ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find(factor => factor * size >= greatest) ?? 10) * size
}

/** @param {number} top */
const ticks = top => [0, 0.25, 0.5, 0.75, 1].map(share => share * top)

/** The fiscal years of some months. @param {string[]} months */
function years(months) {
  /** @type {{from: number, to: number, year: number}[]} */
  const found = []
  for (const [index, month] of months.entries()) {
    const year = fiscalYearOf(month)
    const current = found.at(-1)
    if (current?.year === year) current.to = index
    else found.push({ from: index, to: index, year })
  }
  return found
}

/** Whether a month has room for its name. @param {string} month @param {number} count */
const labelled = (month, count) => count <= 18 || parts(month).number % 3 === 1

/**
 * Lines through the months that have a value, broken where one has none, and at each new year
 * where the figures begin again.
 * @param {(number | null)[]} values @param {(index: number) => number} x @param {(value: number) => number} y @param {number} [half]
 */
function lines(values, x, y, half = 0) {
  /** @type {string[]} */
  const paths = []
  /** @type {number | null} */
  let before = null
  for (const [index, value] of values.entries()) {
    if (value !== null) {
      const isNew = before === null || value < before
      const line =
        half > 0
          ? `${isNew || value !== before ? 'M' : 'L'}${x(index) - half} ${y(value)}L${x(index) + half} ${y(value)}`
          : `${isNew ? 'M' : 'L'}${x(index)} ${y(value)}`
      if (isNew || paths.length === 0) paths.push(line)
      else paths[paths.length - 1] += line
    }
    before = value
  }
  return paths
}
