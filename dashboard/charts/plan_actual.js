// Plan against actual, month by month: bars are what has been reached, the line is the plan,
// the band is where the year is likely to end.

import { fill, h, s } from '../dom.js'
import { figure, fiscalYear, fiscalYearOf, monthLong, monthShort, parts } from '../format.js'
import { t, word } from '../i18n.js'
import { toneOf } from '../status.js'

/**
 * @typedef {object} Points
 * @property {string[]} months
 * @property {(number | null)[]} actual
 * @property {(number | null)[]} plan
 * @property {(number | null)[]} target
 * @property {(string | null)[]} status
 * @property {(string | null)[]} flag
 * @property {(number | null)[] | null} [lastYear] the actual of the same month a year before
 * @property {{from: number, to: number, expected: number, low: number | null, high: number | null} | null} [outlook]
 *   from the month of this index to that of the other
 * @property {string} unit
 * @property {string} measure
 *
 * @typedef {object} Scale
 * @property {number} step
 * @property {(index: number) => number} x
 * @property {(value: number) => number} y
 */

const HEIGHT = 320
const BAR_MAX = 48
const PAD = { left: 72, right: 16, top: 24, bottom: 56 }
/** A drawing is as wide as this, in its own units; on a phone they must not shrink too far. */
const WIDTH = 960
const WIDTH_PHONE = 420
const PHONE = '(max-width: 700px)'

/**
 * The chart is one stop of the keyboard: arrow keys go from month to month, and what a month
 * says is shown below and told to screen readers.
 * @param {string} title @param {Points} points
 * @param {{month?: string | undefined}} [mark] the month last looked at, kept by the caller
 */
export function planActual(title, points, mark = {}) {
  const { months, actual } = points
  const width = window.matchMedia(PHONE).matches ? WIDTH_PHONE : WIDTH
  const scale = scaleOf(points, width)
  const last = actual.findLastIndex(value => value !== null)
  const cursor = s('line', { class: 'chart-cursor', y1: PAD.top, y2: scale.y(0) })
  const readout = h('p', { class: 'chart-readout', 'aria-hidden': 'true' })
  const drawing = s(
    'svg',
    {
      class: 'plan-actual',
      viewBox: `0 0 ${width} ${HEIGHT}`,
      role: 'slider',
      tabindex: 0,
      'data-focus': 'plan-actual',
      'aria-label': `${title} ${t('plan_actual.keys')}`,
      'aria-valuemin': 1,
      'aria-valuemax': months.length,
    },
    axis(points, scale, width),
    cursor,
    points.outlook && band(points, points.outlook, scale),
    bars(points, scale),
    planLine(points, scale),
  )
  let index = Math.max(mark.month ? months.indexOf(mark.month) : last, 0)
  const look = (/** @type {number} */ at) => {
    index = Math.min(Math.max(at, 0), months.length - 1)
    const text = saidOf(points, index)
    cursor.setAttribute('x1', String(scale.x(index)))
    cursor.setAttribute('x2', String(scale.x(index)))
    drawing.setAttribute('aria-valuenow', String(index + 1))
    drawing.setAttribute('aria-valuetext', text)
    fill(readout, text)
  }
  const choose = (/** @type {number} */ at) => {
    look(at)
    mark.month = months[index]
  }
  drawing.addEventListener('keydown', event => {
    const to = {
      ArrowRight: index + 1,
      ArrowUp: index + 1,
      ArrowLeft: index - 1,
      ArrowDown: index - 1,
      Home: 0,
      End: months.length,
    }[event.key]
    if (to === undefined) return
    event.preventDefault()
    choose(to)
  })
  const point = (/** @type {MouseEvent} */ event) => {
    const box = drawing.getBoundingClientRect()
    // The drawing keeps its shape in its box, in the middle.
    const size = Math.min(box.width / width, box.height / HEIGHT)
    const at = (event.clientX - box.left - (box.width - width * size) / 2) / size
    choose(Math.floor((at - PAD.left) / scale.step))
  }
  drawing.addEventListener('pointermove', point)
  drawing.addEventListener('click', point)
  look(index)
  return h('div', { class: 'plan-actual-box' }, drawing, readout)
}

/** @param {Points} points @param {number} width @returns {Scale} */
function scaleOf({ months, actual, plan, target, lastYear, outlook }, width) {
  const all = [...actual, ...plan, ...target, ...(lastYear ?? []), outlook?.expected, outlook?.high]
  const top = ceiling(Math.max(...all.map(value => value ?? 0), 0))
  const step = (width - PAD.left - PAD.right) / Math.max(months.length, 1)
  return {
    step,
    x: index => PAD.left + step * (index + 0.5),
    y: value => HEIGHT - PAD.bottom - (Math.max(value, 0) / top) * (HEIGHT - PAD.top - PAD.bottom),
  }
}

/** What a month says, in words. @param {Points} points @param {number} index */
function saidOf(points, index) {
  const { months, actual, plan, status, flag, lastYear, outlook, unit, measure } = points
  const show = (/** @type {number | null | undefined} */ value) => figure(value, unit, measure)
  const said = [monthLong(months[index]), t('plan_actual.said.plan', { plan: show(plan[index]) })]
  const isDone = actual[index] !== null && actual[index] !== undefined
  if (isDone) said.push(t('plan_actual.said.actual', { actual: show(actual[index]) }))
  if (isDone && status[index]) said.push(word('status', status[index]))
  if (flag[index] === 'red' || flag[index] === 'amber') said.push(word('flag', flag[index]))
  if (lastYear && lastYear[index] !== null && lastYear[index] !== undefined)
    said.push(t('plan_actual.said.last_year', { actual: show(lastYear[index]) }))
  if (outlook?.to === index) said.push(outlookText(outlook, show))
  return said.join(t('plan_actual.said.join'))
}

/** @param {NonNullable<Points['outlook']>} outlook @param {(value: number) => string} show */
const outlookText = ({ expected, low, high }, show) =>
  low === null || high === null
    ? t('plan_actual.expected', { expected: show(expected) })
    : t('plan_actual.expected.range', { expected: show(expected), low: show(low), high: show(high) })

/** @param {Points} points @param {Scale} scale @param {number} width */
function axis({ months, actual, plan, target, lastYear, outlook, unit, measure }, { step, x, y }, width) {
  const all = [...actual, ...plan, ...target, ...(lastYear ?? []), outlook?.expected, outlook?.high]
  const top = ceiling(Math.max(...all.map(value => value ?? 0), 0))
  const base = y(0)
  return s(
    'g',
    null,
    ticks(top).map(value =>
      s(
        'g',
        { class: 'axis' },
        s('line', { x1: PAD.left, x2: width - PAD.right, y1: y(value), y2: y(value) }),
        s('text', { x: PAD.left - 8, y: y(value) + 4, 'text-anchor': 'end' }, figure(value, unit, measure)),
      ),
    ),
    years(months).map(({ from, to, year }) =>
      s(
        'g',
        { class: 'year' },
        s('line', { x1: x(from) - step / 2, x2: x(from) - step / 2, y1: PAD.top, y2: base + 36 }),
        // A year of a few months has no room for its name.
        (to - from + 1) * step > 60 &&
          s('text', { x: (x(from) + x(to)) / 2, y: base + 38, 'text-anchor': 'middle' }, fiscalYear(year)),
      ),
    ),
    months.map(
      (month, index) =>
        labelled(month, step) &&
        s('text', { class: 'month', x: x(index), y: base + 18, 'text-anchor': 'middle' }, monthShort(month)),
    ),
  )
}

/** @param {Points} points @param {Scale} scale */
function bars({ actual, lastYear, status, flag }, { step, x, y }) {
  const wide = Math.min(step * 0.68, BAR_MAX)
  const bar = lastYear ? wide / 2 : wide
  const base = y(0)
  /** @param {number} value @param {number} left @param {string} name */
  const one = (value, left, name) =>
    s('rect', {
      class: name,
      x: left,
      width: bar,
      y: Math.min(y(value), base - 2),
      height: Math.max(base - y(value), 2),
      rx: 2,
    })
  return s(
    'g',
    null,
    (lastYear ?? []).map((value, index) => value !== null && one(value, x(index) - wide / 2, 'bar-last-year')),
    actual.map(
      (value, index) =>
        value !== null &&
        one(value, lastYear ? x(index) : x(index) - wide / 2, `bar-${toneOf(status[index] ?? '', flag[index] ?? '')}`),
    ),
  )
}

/** @param {Points} points @param {Scale} scale */
function planLine({ months, plan, target }, { step, x, y }) {
  return s(
    'g',
    null,
    lines(plan, x, y).map(d => s('path', { class: 'plan-line', d })),
    plan.map(
      (value, index) =>
        value !== null &&
        s('circle', { class: 'plan-point', cx: x(index), cy: y(value), r: months.length > 24 ? 2 : 3 }),
    ),
    lines(target, x, y, step / 2).map(d => s('path', { class: 'target-line', d })),
  )
}

/**
 * From where the item stands to where the year is likely to end.
 * @param {Points} points @param {NonNullable<Points['outlook']>} outlook @param {Scale} scale
 */
function band({ actual, unit, measure }, outlook, { step, x, y }) {
  const { from, to, expected, low, high } = outlook
  const start = `${x(from)} ${y(actual[from] ?? 0)}`
  const label = outlookText(outlook, value => figure(value, unit, measure))
  const end = x(to) + step / 2
  return s(
    'g',
    { class: 'outlook' },
    low !== null &&
      high !== null && [
        s('path', { class: 'forecast-band', d: `M${start}L${x(to)} ${y(high)}L${x(to)} ${y(low)}Z` }),
        s('path', {
          class: 'forecast-range',
          d: `M${x(to) - 6} ${y(high)}h12M${x(to)} ${y(high)}V${y(low)}M${x(to) - 6} ${y(low)}h12`,
        }),
      ],
    s('path', { class: 'forecast-line', d: `M${start}L${x(to)} ${y(expected)}` }),
    s('circle', { class: 'forecast-point', cx: x(to), cy: y(expected), r: 4 }),
    s(
      'text',
      { class: 'forecast-label', x: end, y: Math.max(y(high ?? expected) - 8, 14), 'text-anchor': 'end' },
      label,
    ),
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

/** Whether a month has room for its name. @param {string} month @param {number} step between two months */
const labelled = (month, step) => step >= 40 || (step >= 12 ? parts(month).number % 3 === 1 : parts(month).number === 4)

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
