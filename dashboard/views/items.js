// One item: plan against actual by month, why it stands where it does, and what was changed.

import { get } from '../api.js'
import { planActual } from '../charts/plan_actual.js'
import { fill, h, s } from '../dom.js'
import { figure, monthLong, moment, share, unitOf } from '../format.js'
import { language, named, t, word } from '../i18n.js'
import { live } from '../live.js'
import { chart, table } from '../parts.js'
import { withQuery } from '../router.js'
import { statusMark } from '../status.js'
import { causeDetail, itemsOf, scorecardHead } from './scorecards.js'

/** @typedef {Schema<'EvaluatedItem'>} Item */

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { query, outlet, signal } = context
  const { id = '', item: key = '' } = context.parameters
  const month = query.get('month')
  const base = `/v1/scorecards/${encodeURIComponent(id)}`
  /** @returns {Promise<[Schema<'EvaluatedScorecard'>, Schema<'Series'>, Schema<'ItemHistory'>]>} */
  const load = () =>
    Promise.all([
      get(`${base}?include=causes,links,alerts${month ? `&month=${encodeURIComponent(month)}` : ''}`, signal),
      get(`${base}/series`, signal),
      get(`${base}/items/${encodeURIComponent(key)}/history?limit=200`, signal),
    ])
  await live(context, load, ([card, series, history]) => {
    const item = itemsOf(card).find(item => item.key === key)
    if (!item) {
      fill(outlet, scorecardHead(card, 'item'), h('p', { class: 'state' }, t('item.retired')))
      return
    }
    context.setTitle(`${named(item.name)} ${named(card.name)}`)
    fill(
      outlet,
      scorecardHead(card, 'item'),
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
      seriesChart(item, series, query.get('span') ?? 'all'),
      item.cause &&
        h(
          'section',
          { class: 'panel' },
          h('h2', null, t('cause.title')),
          causeDetail(item.cause, new Map(itemsOf(card).map(item => [item.key, named(item.name)]))),
        ),
      historyPanel(item, history),
    )
  })
}

/** @param {Item} item @param {string} month */
function itemSummary(item, month) {
  const fact = (/** @type {string} */ name, /** @type {string} */ value) =>
    h('div', { class: 'fact' }, h('dt', null, name), h('dd', null, value))
  return h(
    'section',
    { class: 'panel' },
    h('p', null, item.reason[language()]),
    h(
      'dl',
      { class: 'fact-row' },
      fact(t('item.month'), monthLong(month)),
      fact(t('item.actual'), figure(item.actual, item.unit, item.measure)),
      fact(t('item.plan'), figure(item.plan, item.unit, item.measure)),
      fact(t('item.target'), figure(item.target, item.unit, item.measure)),
      fact(t('item.attainment'), share(item.attainment)),
      fact(t('item.measure'), `${word('measure', item.measure)}${item.direction === 'lower' ? t('item.lower') : ''}`),
      fact(t('item.unit'), unitOf(item.unit) || '–'),
    ),
  )
}

/** @param {Item} item @param {Schema<'Series'>} series @param {string} span */
function seriesChart(item, series, span) {
  const found = series.items.find(({ key }) => key === item.key)
  if (!found) return null
  const from = span === 'all' ? 0 : Math.max(series.months.length - 12, 0)
  const cut = (/** @type {any[] | undefined} */ values) => (values ?? []).slice(from)
  const months = cut(series.months)
  const title = t('plan_actual.title', { item: named(item.name) })
  const points = {
    months,
    actual: cut(found.actual),
    plan: cut(found.plan),
    target: cut(found.target),
    status: cut(found.status),
    flag: cut(found.flag),
    unit: item.unit,
    measure: item.measure,
  }
  const values = cut(found.value)
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
      h('div', null, planActual(title, points), key()),
      table(
        title,
        [t('item.month'), t('item.value'), t('item.actual'), t('item.plan'), t('item.target'), t('item.status')],
        months
          .map((month, index) => [
            monthLong(month),
            figure(values[index], item.unit, item.measure),
            figure(points.actual[index], item.unit, item.measure),
            figure(points.plan[index], item.unit, item.measure),
            figure(points.target[index], item.unit, item.measure),
            statusMark(points.status[index] ?? '', points.flag[index] ?? ''),
          ])
          .reverse(),
      ),
    ),
  )
}

function key() {
  const sample = (/** @type {SVGElement} */ mark) => s('svg', { viewBox: '0 0 28 12', 'aria-hidden': 'true' }, mark)
  return h(
    'ul',
    { class: 'key' },
    h('li', null, sample(s('rect', { class: 'bar-good', x: 8, width: 12, height: 12 })), t('plan_actual.actual')),
    h('li', null, sample(s('path', { class: 'plan-line', d: 'M0 6h28' })), t('plan_actual.plan')),
    h('li', null, sample(s('path', { class: 'target-line', d: 'M0 6h28' })), t('plan_actual.target')),
  )
}

/** @param {Item} item @param {Schema<'ItemHistory'>} history */
function historyPanel(item, history) {
  const changes = history.changes.toReversed()
  const cell = (/** @type {Schema<'Cell'>} */ cell) =>
    cell.state === 'reported'
      ? figuresOf(cell, item)
      : word('cell', cell.state) + (cell.reason ? `（${cell.reason}）` : '')
  return h(
    'section',
    { class: 'panel' },
    h('h2', null, t('history.title')),
    changes.length === 0
      ? h('p', null, t('history.empty'))
      : table(
          t('history.title'),
          [
            t('history.at'),
            t('history.by'),
            t('item.month'),
            t('history.before'),
            t('history.after'),
            t('history.note'),
          ],
          changes.map(change => [
            moment(change.at),
            change.by,
            monthLong(change.month),
            cell(change.before),
            cell(change.after),
            change.note ?? '',
          ]),
        ),
  )
}

/** @param {Schema<'Cell'>} cell @param {Item} item */
function figuresOf(cell, item) {
  return cell.numerator !== null && cell.numerator !== undefined
    ? `${cell.numerator} / ${cell.denominator}`
    : figure(cell.value, item.unit, item.measure)
}
