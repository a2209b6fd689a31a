// Alerts: what is red, since when, why, and whether somebody is at it.

import { hubName } from '../charts/heat_map.js'
import { fill, h } from '../dom.js'
import { day, figure, monthLong, share } from '../format.js'
import { named, t, word } from '../i18n.js'
import { emptyState, live } from '../live.js'
import { pageEnd, pages } from '../paging.js'
import { choice, heading, scrolling } from '../parts.js'
import { go, withQuery } from '../router.js'
import { shape } from '../status.js'

/** @typedef {Schema<'Alert'>} Alert */

const FILTERS = /** @type {const} */ ({
  state: ['open', 'resolved', 'withdrawn'],
  acknowledged: ['false', 'true'],
  severity: ['critical', 'high'],
})

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { query, outlet, signal } = context
  context.setTitle(t('alerts.title'))
  const asked = new URLSearchParams({ state: query.get('state') ?? 'open' })
  for (const name of ['acknowledged', 'severity']) {
    const value = query.get(name)
    if (value) asked.set(name, value)
  }
  if (query.get('state') === 'all') asked.delete('state')
  /** @type {ReturnType<typeof pages<Alert>>} */
  const paged = pages(`/v1/alerts?${asked}`, signal)
  const refresh = await live(context, paged.load, list => {
    fill(
      outlet,
      heading(t('alerts.title'), { lead: t('alerts.lead') }),
      controls(query),
      list.items.length === 0 ? emptyState(t('alerts.empty')) : alertTable(list.items),
      pageEnd(list, paged, outlet, () => refresh()),
    )
  })
}

/** @param {URLSearchParams} query */
function controls(query) {
  return h(
    'div',
    { class: 'controls' },
    Object.entries(FILTERS).map(([name, values]) => {
      const options = [['', t('overview.all')], ...values.map(value => [value, word(`alerts.${name}`, value)])]
      if (name === 'state') options[0] = ['all', t('overview.all')]
      const select = choice(
        name,
        /** @type {[string, string][]} */ (options),
        query.get(name) ?? (name === 'state' ? 'open' : ''),
        value => go(withQuery({ [name]: value || null })),
      )
      select.dataset.focus = name
      return h('label', { class: 'control' }, h('span', null, word('alerts.filter', name)), select)
    }),
  )
}

/** @param {Alert[]} alerts */
function alertTable(alerts) {
  return scrolling(
    t('alerts.title'),
    h(
      'table',
      { class: 'cards' },
      h('caption', { class: 'sr-only' }, t('alerts.title')),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          [
            t('item.name'),
            t('alerts.place'),
            t('alerts.opened'),
            t('item.actual'),
            t('item.attainment'),
            t('alerts.cause'),
            t('alerts.answer'),
          ].map(text => h('th', { scope: 'col' }, text)),
        ),
      ),
      h(
        'tbody',
        { 'data-rows': true },
        alerts.map(alert =>
          h(
            'tr',
            null,
            h(
              'th',
              { scope: 'row' },
              h('a', { href: `/alerts/${alert.id}`, 'data-focus': alert.id }, named(alert.item_name)),
              ' ',
              severity(alert),
              alert.folded_under && h('span', { class: 'chip' }, t('alerts.folded')),
            ),
            h(
              'td',
              { 'data-label': t('alerts.place') },
              h(
                'a',
                { href: `/scorecards/${alert.scorecard}?month=${alert.month}&item=${alert.item}` },
                named(alert.scorecard_name),
              ),
              h(
                'span',
                { class: 'quiet block' },
                `${named(alert.prefecture.name)} ${hubName(alert.hub).replace(named(alert.prefecture.name), '')}`,
              ),
            ),
            h(
              'td',
              { class: 'nowrap', 'data-label': t('alerts.opened') },
              monthLong(alert.opened_month),
              ' ',
              alert.reopened && h('span', { class: 'chip' }, t('alerts.reopened')),
            ),
            h(
              'td',
              { class: 'nowrap', 'data-label': t('item.actual') },
              t('map.figures', {
                actual: figure(alert.actual, alert.unit, alert.measure),
                plan: figure(alert.plan, alert.unit, alert.measure),
              }),
            ),
            h('td', { class: 'number', 'data-label': t('item.attainment') }, share(alert.attainment)),
            h(
              'td',
              { 'data-label': t('alerts.cause') },
              alert.cause ? word('cause', alert.cause.kind) : '',
              h(
                'span',
                { class: 'quiet block' },
                alert.cause?.root_causes
                  .filter(root => root.item !== alert.item)
                  .map(root => named(root.item_name))
                  .join('、'),
              ),
            ),
            h('td', { 'data-label': t('alerts.answer') }, answer(alert)),
          ),
        ),
      ),
    ),
  )
}

/** @param {Pick<Alert, 'severity' | 'state'>} alert */
export function severity(alert) {
  if (alert.state !== 'open')
    return h('span', { class: 'status tone-idle' }, shape('achieved'), word('alerts.state', alert.state))
  return h(
    'span',
    { class: `status tone-${alert.severity === 'critical' ? 'red' : 'amber'}` },
    shape('behind'),
    word('alerts.severity', alert.severity),
  )
}

/** @param {Alert} alert */
function answer(alert) {
  if (alert.silence) return h('span', { class: 'chip' }, t('alerts.silenced'))
  if (!alert.acknowledgement)
    return alert.state === 'open'
      ? h('span', { class: 'status tone-missing' }, shape('no_data'), t('alerts.unanswered'))
      : ''
  const { action, owner, due } = alert.acknowledgement
  return [h('span', null, action), h('span', { class: 'quiet block' }, t('alerts.by', { owner, day: day(due) }))]
}
