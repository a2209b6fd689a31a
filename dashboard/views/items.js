// One item: plan against actual by month, why it stands where it does, how the year will end,
// what has been said about it, and what was changed.

import { get, getAll } from '../api.js'
import { planActual } from '../charts/plan_actual.js'
import { commentPanel } from '../comments.js'
import { fill, h, s } from '../dom.js'
import { addMonths, figure, monthLong, moment, share, unitOf } from '../format.js'
import { language, named, t, word } from '../i18n.js'
import { asKnown } from '../known_at.js'
import { live, steady } from '../live.js'
import { chart, factRow, table } from '../parts.js'
import { withQuery } from '../router.js'
import { statusMark } from '../status.js'
import { outlookPanel } from './outlook.js'
import { causeDetail, itemsOf, scorecardHead } from './scorecards.js'

/**
 * @typedef {Schema<'EvaluatedScorecard'>} Scorecard
 * @typedef {Schema<'EvaluatedItem'>} Item
 * @typedef {Schema<'CellChange'>} Change
 * @typedef {Schema<'Outlook'>['items'][number]['outlook']} ItemOutlook
 */

/** Of a longer history, so many changes are shown first. */
const CHANGES_FIRST = 12

/** The month of each chart that was looked at last: it stays when the chart is drawn otherwise. @type {Map<string, {month?: string | undefined}>} */
const marks = new Map()

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { query, outlet, signal } = context
  const { id = '', item: key = '' } = context.parameters
  const month = query.get('month')
  const base = `/v1/scorecards/${encodeURIComponent(id)}`
  const changes = steady(
    () =>
      /** @type {Promise<Change[]>} */ (
        getAll(asKnown(`${base}/items/${encodeURIComponent(key)}/history`), signal, 25)
      ),
  )
  /** @returns {Promise<[Scorecard, Schema<'Series'>, Schema<'Outlook'>, Change[]]>} */
  const load = async () => {
    /** @type {Scorecard} */
    const card = await get(
      asKnown(`${base}?include=causes,links,alerts${month ? `&month=${encodeURIComponent(month)}` : ''}`),
      signal,
    )
    return await Promise.all([
      card,
      get(asKnown(`${base}/series?to=${yearEnd(card)}`), signal),
      get(asKnown(`${base}/outlook?month=${card.month}`), signal),
      changes(),
    ])
  }
  const top = h('div', { class: 'stack' })
  const bottom = h('div', { class: 'stack' })
  /** @type {HTMLElement | null} */
  let comments = null
  const mark = marks.get(`${id} ${key}`) ?? {}
  marks.set(`${id} ${key}`, mark)
  const state = { isLong: false }
  await live(context, load, ([card, series, outlook, history]) => {
    const item = itemsOf(card).find(item => item.key === key)
    if (!item) {
      fill(outlet, scorecardHead(card, 'item'), h('p', { class: 'state' }, t('item.retired')))
      return
    }
    context.setTitle(`${named(item.name)} ${named(card.name)}`)
    const prospect = outlook.items.find(({ item }) => item === key)?.outlook ?? null
    fill(top, itemTop(card, item, series, prospect, query.get('span') ?? 'all', mark))
    drawHistory(bottom, item, history, state)
    if (comments) return
    // What somebody is typing stays where it is: the panel is drawn once.
    comments = commentPanel(context, card.id, {
      item: key,
      month: card.month,
      months: series.months.filter(month => month <= card.month).reverse(),
    })
    fill(outlet, top, comments, bottom)
  })
}

/** The last month of the programme year. @param {Scorecard} card */
const yearEnd = card => addMonths(card.month, 12 - card.programme.month_of_year)

/** @param {Scorecard} card @param {Item} item @param {Schema<'Series'>} series @param {ItemOutlook} outlook @param {string} span @param {{month?: string | undefined}} mark */
function itemTop(card, item, series, outlook, span, mark) {
  const names = new Map(itemsOf(card).map(item => [item.key, named(item.name)]))
  return [
    ...scorecardHead(card, 'item'),
    h(
      'h2',
      { class: 'item-title' },
      named(item.name),
      ' ',
      statusMark(item.status, item.flag),
      ' ',
      item.high_hurdle && h('span', { class: 'chip chip-hurdle' }, t('map.hurdle')),
    ),
    itemSummary(item, card.month),
    seriesChart(card, item, series, outlook, span, mark),
    outlook && outlookPanel(card, item, outlook),
    item.cause && h('section', { class: 'panel' }, h('h2', null, t('cause.title')), causeDetail(item.cause, names)),
  ]
}

/** @param {Item} item @param {string} month */
function itemSummary(item, month) {
  const show = (/** @type {number | null | undefined} */ value) => figure(value, item.unit, item.measure)
  return h(
    'section',
    { class: 'panel' },
    h('p', null, item.reason[language()]),
    factRow([
      [t('item.month'), monthLong(month)],
      [t('item.actual'), show(item.actual)],
      [t('item.plan'), show(item.plan)],
      [t('item.target'), show(item.target)],
      [t('item.attainment'), share(item.attainment)],
      [t('item.measure'), `${word('measure', item.measure)}${item.direction === 'lower' ? t('item.lower') : ''}`],
      [t('item.unit'), unitOf(item.unit) || '–'],
    ]),
  )
}

/** @param {Scorecard} card @param {Item} item @param {Schema<'Series'>} series @param {ItemOutlook} outlook @param {string} span @param {{month?: string | undefined}} mark */
function seriesChart(card, item, series, outlook, span, mark) {
  const found = series.items.find(({ key }) => key === item.key)
  if (!found) return null
  const isYear = span === 'year'
  const points = pointsOf(card, item, series.months, found, outlook, isYear)
  const title = t('plan_actual.title', { item: named(item.name) })
  const show = (/** @type {number | null | undefined} */ value) => figure(value, item.unit, item.measure)
  const from = series.months.length - points.months.length
  return h(
    'div',
    { class: 'item-chart' },
    h(
      'div',
      { class: 'segments', role: 'group', 'aria-label': t('plan_actual.span') },
      ['all', 'year'].map(option =>
        h(
          'a',
          {
            href: withQuery({ span: option }),
            'aria-current': option === span ? 'true' : null,
            'data-focus': `span-${option}`,
          },
          word('plan_actual.span', option),
        ),
      ),
    ),
    chart(
      title,
      h('div', null, planActual(title, points, mark), key(points)),
      table(
        title,
        [
          t('item.month'),
          t('item.value'),
          t('item.actual'),
          ...(isYear ? [t('plan_actual.last_year')] : []),
          t('item.plan'),
          t('item.target'),
          t('item.status'),
        ],
        points.months
          .map((month, index) => [
            monthLong(month),
            month <= card.month ? show(found.value[from + index]) : '–',
            show(points.actual[index]),
            ...(isYear ? [show(points.lastYear?.[index])] : []),
            show(points.plan[index]),
            show(points.target[index]),
            month <= card.month ? statusMark(points.status[index] ?? '', points.flag[index] ?? '') : '',
          ])
          .reverse(),
      ),
    ),
  )
}

/**
 * What the chart draws: all months up to the end of the year, or the months of this year
 * beside those of the last one.
 * @param {Scorecard} card @param {Item} item @param {string[]} months @param {Schema<'ItemSeries'>} found @param {ItemOutlook} outlook @param {boolean} isYear
 * @returns {import('../charts/plan_actual.js').Points}
 */
function pointsOf(card, item, months, found, outlook, isYear) {
  const from = isYear ? Math.max(months.length - 12, 0) : 0
  const past = months.filter(month => month <= card.month).length
  /** @template T @param {T[]} values @returns {(T | null)[]} */
  const upToNow = values => values.map((value, index) => (index < past ? value : null))
  const hasRange = outlook?.kind === 'flow' && outlook.expected !== null && outlook.expected !== undefined
  return {
    months: months.slice(from),
    actual: upToNow(found.actual).slice(from),
    plan: found.plan.slice(from),
    target: found.target.slice(from),
    status: upToNow(found.status).slice(from),
    flag: upToNow(found.flag).slice(from),
    lastYear: isYear ? months.slice(from).map((_, index) => found.actual[from + index - 12] ?? null) : null,
    outlook:
      hasRange && past > 0 && past < months.length
        ? {
            from: past - 1 - from,
            to: months.length - 1 - from,
            expected: outlook.expected ?? 0,
            low: outlook.low ?? null,
            high: outlook.high ?? null,
          }
        : null,
    unit: item.unit,
    measure: item.measure,
  }
}

/** What the marks mean. @param {import('../charts/plan_actual.js').Points} points */
function key({ lastYear, outlook }) {
  const sample = (/** @type {SVGElement} */ mark) => s('svg', { viewBox: '0 0 28 12', 'aria-hidden': 'true' }, mark)
  const bar = (/** @type {string} */ name) => sample(s('rect', { class: name, x: 8, y: 1, width: 12, height: 11 }))
  return h(
    'ul',
    { class: 'key' },
    h('li', null, bar('bar-good'), t('plan_actual.actual')),
    lastYear && h('li', null, bar('bar-last-year'), t('plan_actual.last_year')),
    h('li', null, sample(s('path', { class: 'plan-line', d: 'M0 6h28' })), t('plan_actual.plan')),
    h('li', null, sample(s('path', { class: 'target-line', d: 'M0 6h28' })), t('plan_actual.target')),
    outlook && h('li', null, sample(s('path', { class: 'forecast-line', d: 'M0 6h28' })), t('plan_actual.outlook')),
    outlook?.low !== undefined &&
      outlook.low !== null &&
      h('li', null, sample(s('rect', { class: 'forecast-band', width: 28, height: 12 })), t('plan_actual.range')),
  )
}

/** @param {HTMLElement} place @param {Item} item @param {Change[]} history oldest first @param {{isLong: boolean}} state */
function drawHistory(place, item, history, state) {
  const changes = history.toReversed()
  const shown = state.isLong ? changes : changes.slice(0, CHANGES_FIRST)
  fill(
    place,
    h(
      'section',
      { class: 'panel' },
      h('h2', null, t('history.title')),
      changes.length === 0 ? h('p', null, t('history.empty')) : historyTable(item, shown),
      shown.length < changes.length &&
        h(
          'button',
          {
            type: 'button',
            'data-focus': 'history-all',
            onclick: () => {
              state.isLong = true
              drawHistory(place, item, history, state)
            },
          },
          t('history.all', { count: changes.length }),
        ),
    ),
  )
}

/** @param {Item} item @param {Change[]} changes */
function historyTable(item, changes) {
  const cell = (/** @type {Schema<'Cell'>} */ cell) =>
    cell.state === 'reported'
      ? figuresOf(cell, item)
      : word('cell', cell.state) + (cell.reason ? t('history.reason', { reason: cell.reason }) : '')
  return table(
    t('history.title'),
    [t('history.at'), t('history.by'), t('item.month'), t('history.before'), t('history.after'), t('history.note')],
    changes.map(change => [
      moment(change.at),
      change.by,
      monthLong(change.month),
      cell(change.before),
      cell(change.after),
      change.note ?? '',
    ]),
    'cards',
  )
}

/** @param {Schema<'Cell'>} cell @param {Item} item */
function figuresOf(cell, item) {
  return cell.numerator !== null && cell.numerator !== undefined
    ? `${cell.numerator} / ${cell.denominator}`
    : figure(cell.value, item.unit, item.measure)
}
