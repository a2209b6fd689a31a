// Months and where they stand: to approve, returned, overdue, due. One month or several are
// decided about here.

import { getAll } from '../api.js'
import { hubName } from '../charts/heat_map.js'
import { fill, h } from '../dom.js'
import { addMonths, day, dayFromToday, lastEndedMonth, monthLong, moment } from '../format.js'
import { named, t, word } from '../i18n.js'
import { emptyState, live, steady } from '../live.js'
import { pageEnd, pages } from '../paging.js'
import { choice, heading, table } from '../parts.js'
import { go, withQuery } from '../router.js'
import { me } from '../session.js'
import { shape } from '../status.js'
import { decideAboutMany, decisionActions } from './decisions.js'

/**
 * @typedef {Schema<'List_MonthOfScorecard'>['items'][number]} Month
 * @typedef {Schema<'List_OverdueReport'>['items'][number]} Overdue
 * @typedef {Schema<'List_ScorecardSummary'>['items'][number]} Card
 * @typedef {typeof SHOWN[number]} Shown
 * @typedef {{scorecard: string, scorecard_name: Schema<'Name'>, hub: Schema<'Named'>, prefecture: Schema<'Named'>, month: string}} Place
 */

const SHOWN = /** @type {const} */ (['approve', 'overdue', 'due', 'returned', 'approved'])
/** So many months can be chosen among. */
const MONTHS = 12

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { query, outlet, signal } = context
  context.setTitle(t('months.title'))
  const isDecider = ['national', 'prefecture'].includes(me()?.role ?? '')
  const shown = SHOWN.find(shown => shown === query.get('show')) ?? (isDecider ? 'approve' : 'due')
  const source = sourceOf(shown, query, signal)
  const prefectures = steady(async () =>
    me()?.role === 'hub' ? [] : /** @type {Schema<'Prefecture'>[]} */ (await getAll('/v1/prefectures', signal)),
  )
  /** The months ticked, kept while the list is drawn anew. @type {Set<string>} */
  const ticked = new Set()
  /** @returns {Promise<[Schema<'Prefecture'>[], import('../paging.js').Paged<any>]>} */
  const load = () => Promise.all([prefectures(), source.load()])
  const refresh = await live(context, load, ([places, list]) => {
    fill(
      outlet,
      heading(t('months.title'), { lead: t(isDecider ? 'months.lead' : 'months.lead_hub') }),
      controls(places, query, shown),
      h('p', { class: 'quiet' }, word('months.about', shown)),
      list.items.length === 0
        ? emptyState(word('months.none', shown))
        : body(shown, list.items, isDecider, ticked, () => refresh()),
      pageEnd(list, source, outlet, () => refresh()),
    )
  })
}

/** @param {Shown} shown @param {any[]} items @param {boolean} isDecider @param {Set<string>} ticked @param {() => Promise<void>} refresh */
function body(shown, items, isDecider, ticked, refresh) {
  if (shown === 'due') return dueTable(items)
  if (shown === 'overdue') return overdueTable(items)
  return monthTable(items, shown, isDecider && shown === 'approve' ? ticked : null, refresh)
}

/**
 * Where the months of a list come from.
 * @param {Shown} shown @param {URLSearchParams} query @param {AbortSignal} signal
 * @returns {{load: () => Promise<import('../paging.js').Paged<any>>, ask: () => void}}
 */
function sourceOf(shown, query, signal) {
  const asked = new URLSearchParams()
  const prefecture = query.get('prefecture')
  if (prefecture) asked.set('prefecture', prefecture)
  if (shown === 'due') return { load: steady(() => dueNow(asked, signal)), ask: () => {} }
  if (shown === 'overdue') {
    asked.set('state', 'open')
    return pages(`/v1/overdue?${asked}`, signal)
  }
  asked.set('state', shown === 'approve' ? 'open' : shown)
  const month = query.get('month')
  if (month) asked.set('month', month)
  return pages(`/v1/months?${asked}`, signal)
}

/**
 * Scorecards that have not reported the last month yet while there is still time: those that
 * were never complete, and are not overdue.
 * @param {URLSearchParams} asked @param {AbortSignal} signal
 * @returns {Promise<import('../paging.js').Paged<Place>>}
 */
async function dueNow(asked, signal) {
  const month = lastEndedMonth()
  const place = asked.size > 0 ? `&${asked}` : ''
  const [cards, months, late] = await Promise.all([
    /** @type {Promise<Card[]>} */ (getAll(`/v1/scorecards?${asked}`, signal)),
    /** @type {Promise<Month[]>} */ (getAll(`/v1/months?month=${month}${place}`, signal)),
    /** @type {Promise<Overdue[]>} */ (getAll(`/v1/overdue?state=open${place}`, signal)),
  ])
  const settled = new Set([
    ...months.filter(found => found.state !== 'returned').map(found => found.scorecard),
    ...late.filter(found => found.month === month).map(found => found.scorecard),
  ])
  const items = cards
    .filter(card => card.start_month <= month && !settled.has(card.id))
    .map(card => ({
      scorecard: card.id,
      scorecard_name: card.name,
      hub: card.hub,
      prefecture: card.prefecture,
      month,
    }))
  return { items, hasMore: false }
}

/** @param {Schema<'Prefecture'>[]} places @param {URLSearchParams} query @param {Shown} shown */
function controls(places, query, shown) {
  const select = (
    /** @type {'prefecture' | 'month'} */ name,
    /** @type {string} */ label,
    /** @type {[string, string][]} */ options,
  ) => {
    const element = choice(name, [['', t('overview.all')], ...options], query.get(name) ?? '', value =>
      go(withQuery({ [name]: value || null })),
    )
    element.dataset.focus = name
    return h('label', { class: 'control' }, h('span', null, label), element)
  }
  const last = lastEndedMonth()
  const months = Array.from({ length: MONTHS }, (_, index) => addMonths(last, -index))
  return h(
    'div',
    { class: 'controls' },
    h(
      'div',
      { class: 'segments', role: 'group', 'aria-label': t('months.show') },
      SHOWN.map(option =>
        h(
          'a',
          {
            href: withQuery({ show: option }),
            'aria-current': option === shown ? 'true' : null,
            'data-focus': `show-${option}`,
          },
          word('months.show', option),
        ),
      ),
    ),
    places.length > 1 &&
      select(
        'prefecture',
        t('overview.prefecture'),
        places.map(place => [place.code, named(place.name)]),
      ),
    !['due', 'overdue'].includes(shown) &&
      select(
        'month',
        t('item.month'),
        months.map(month => [month, monthLong(month)]),
      ),
  )
}

/** @param {Place} place */
const placeCell = place => [
  h('a', { href: `/scorecards/${place.scorecard}/actuals/${place.month}` }, named(place.scorecard_name)),
  h(
    'span',
    { class: 'quiet block' },
    `${named(place.prefecture.name)} ${hubName(place.hub).replace(named(place.prefecture.name), '')}`,
  ),
]

/** @param {Place[]} places */
function dueTable(places) {
  return table(
    t('months.title'),
    [t('heat_map.scorecard'), t('item.month'), t('months.decide')],
    places.map(place => [
      placeCell(place),
      monthLong(place.month),
      h(
        'a',
        { class: 'button', href: `/scorecards/${place.scorecard}/actuals/${place.month}` },
        t(me()?.role === 'hub' ? 'months.enter' : 'months.look'),
      ),
    ]),
    'cards',
  )
}

/** @param {Overdue[]} late */
function overdueTable(late) {
  const days = (/** @type {string} */ due) => Math.round((Date.parse(dayFromToday()) - Date.parse(due)) / 86_400_000)
  return table(
    t('months.title'),
    [t('heat_map.scorecard'), t('item.month'), t('months.due'), t('months.late'), t('months.decide')],
    late.map(one => [
      placeCell(one),
      monthLong(one.month),
      day(one.due_on),
      h('span', { class: 'status tone-amber' }, shape('behind'), t('months.days_late', { days: days(one.due_on) })),
      h(
        'a',
        { class: 'button', href: `/scorecards/${one.scorecard}/actuals/${one.month}` },
        t(me()?.role === 'hub' ? 'months.enter' : 'months.look'),
      ),
    ]),
    'cards',
  )
}

/**
 * @param {Month[]} months @param {Shown} shown
 * @param {Set<string> | null} ticked where several can be decided about at once
 * @param {() => Promise<void>} refresh
 */
function monthTable(months, shown, ticked, refresh) {
  const nameOf = (/** @type {Month} */ month) => `${named(month.scorecard_name)} ${monthLong(month.month)}`
  const keyOf = (/** @type {Month} */ month) => `${month.scorecard} ${month.month}`
  if (ticked) for (const key of ticked) if (!months.some(month => keyOf(month) === key)) ticked.delete(key)
  const many = ticked && manyBar(months, ticked, keyOf, refresh)
  return [
    many?.element ?? null,
    table(
      t('months.title'),
      [
        t('heat_map.scorecard'),
        t('item.month'),
        t('months.state'),
        t('months.completeness'),
        t('months.timeliness'),
        t('months.decide'),
      ],
      months.map(month => [
        ticked
          ? h(
              'div',
              { class: 'ticked' },
              h('input', {
                type: 'checkbox',
                'aria-label': t('months.tick', { name: nameOf(month) }),
                'data-focus': `tick-${keyOf(month)}`,
                checked: ticked.has(keyOf(month)),
                onchange: (/** @type {Event} */ event) => {
                  const box = /** @type {HTMLInputElement} */ (event.target)
                  if (box.checked) ticked.add(keyOf(month))
                  else ticked.delete(keyOf(month))
                  many?.update()
                },
              }),
              h('div', null, placeCell(month)),
            )
          : placeCell(month),
        monthLong(month.month),
        [
          h('span', { class: 'chip' }, word('month_state', month.state)),
          month.reopened_until &&
            h('span', { class: 'quiet block' }, t('months.reopened', { until: moment(month.reopened_until) })),
          month.note && h('span', { class: 'block' }, month.note),
          month.changed_by && h('span', { class: 'quiet block' }, `${month.changed_by} ${moment(month.changed_at)}`),
        ],
        month.completeness.complete
          ? t('months.complete')
          : t('months.incomplete', { missing: month.completeness.missing.length }),
        timeliness(month),
        shown === 'approve' || shown === 'returned' || shown === 'approved'
          ? decisionActions({ id: month.scorecard }, month.month, month.state, refresh)
          : '',
      ]),
      'cards',
    ),
  ]
}

/** Whether the report came in time, and when. @param {Month} month */
function timeliness({ completeness, first_complete_at: at }) {
  const { on_time: isOnTime, due_on: due } = completeness
  return [
    isOnTime === true && h('span', { class: 'status tone-good' }, shape('achieved'), t('months.on_time')),
    isOnTime === false && h('span', { class: 'status tone-watch' }, shape('at_risk'), t('months.after_due')),
    h('span', { class: 'quiet block' }, t('months.first_complete', { at: at ? moment(at) : '–' })),
    h('span', { class: 'quiet block' }, t('entry.due', { day: day(due) })),
  ]
}

/** @param {Month[]} months @param {Set<string>} ticked @param {(month: Month) => string} keyOf @param {() => Promise<void>} refresh */
function manyBar(months, ticked, keyOf, refresh) {
  const chosen = () => months.filter(month => ticked.has(keyOf(month)))
  const decide = (/** @type {'approve' | 'return'} */ what) => () =>
    decideAboutMany(
      what,
      chosen().map(month => ({
        id: month.scorecard,
        month: month.month,
        name: `${named(month.scorecard_name)}（${hubName(month.hub)}）${monthLong(month.month)}`,
      })),
      async () => {
        ticked.clear()
        await refresh()
        update()
      },
    )
  const approve = h('button', { type: 'button', class: 'primary', onclick: decide('approve') })
  const back = h('button', { type: 'button', onclick: decide('return') }, t('months.return_many'))
  const all = h('input', {
    type: 'checkbox',
    id: 'tick-all',
    onchange: () => {
      for (const month of months) {
        if (all.checked) ticked.add(keyOf(month))
        else ticked.delete(keyOf(month))
      }
      for (const box of document.querySelectorAll('.ticked input')) {
        if (box instanceof HTMLInputElement) box.checked = all.checked
      }
      update()
    },
  })
  const update = () => {
    const count = ticked.size
    approve.textContent = count > 0 ? t('months.approve_many', { count }) : t('months.approve_chosen')
    approve.disabled = back.disabled = count === 0
    all.checked = count > 0 && count === months.length
    all.indeterminate = count > 0 && count < months.length
  }
  update()
  const element = h(
    'div',
    { class: 'many' },
    h('label', { class: 'many-all', htmlFor: 'tick-all' }, all, t('months.tick_all')),
    approve,
    back,
  )
  return { element, update }
}
